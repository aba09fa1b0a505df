"""Calls: a notice read out to those who are better told by a person, from a list that somebody works through.

A telephone service that dials by itself is one more class with `name` and `ask`, as gateways of text messages
are; until there is one, `PeopleCall` leaves the row on the operator's list.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.notices.models import Call, CallAttempt, CallState, CallWish

NOTE_CHARS = 200
ENOUGH_ATTEMPTS = 3  # on which somebody may be said to be out of reach


class Caller(Protocol):
    """Whoever dials."""

    name: str

    def ask(self, call: Call) -> None:
        """Take one call on, or raise for it to be tried again later."""


class PeopleCall:
    """Nobody dials by itself: the row on the list is all there is."""

    name = "people"

    def ask(self, call: Call) -> None:
        """Do nothing."""


PEOPLE_CALL = PeopleCall()


def choose_calls(session: Session, account_id: uuid.UUID, wanted: bool, now: datetime) -> None:
    """Be called about dangers, or no longer. The same choice twice counts once."""
    if wanted:
        row = {"account_id": account_id, "chosen_at": now}
        session.execute(insert(CallWish).values(row).on_conflict_do_nothing())
    else:
        session.execute(delete(CallWish).where(CallWish.account_id == account_id))


def wants_calls(session: Session, account_id: uuid.UUID) -> bool:
    """Whether the person asked to be called."""
    return session.get(CallWish, account_id) is not None


def ask_to_call(
    session: Session,
    account_id: uuid.UUID,
    reference: str,
    reason: str,
    now: datetime,
    caller: Caller = PEOPLE_CALL,
) -> None:
    """Put the person on the call list of `reference`, for a `reason` (a code). Once."""
    call_id = session.scalar(
        insert(Call)
        .values(
            id=new_id(),
            account_id=account_id,
            reference=reference,
            reason=reason,
            caller=caller.name,
            state=CallState.waiting,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["account_id", "reference"])
        .returning(Call.id)
    )
    if call_id is not None:
        caller.ask(session.get_one(Call, call_id))


def note_attempt(
    session: Session, call_id: uuid.UUID, reached: bool, note: str, by_id: uuid.UUID, now: datetime
) -> Call:
    """Somebody dialed, and got through or did not. Who was reached is called no more.

    Raises NotFound; Refused ``calls.reached_already``, ``calls.note_long`` (field note).
    """
    call = session.get(Call, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        raise NotFound
    if call.state is CallState.reached:
        raise Refused("calls.reached_already")
    if len(note.strip()) > NOTE_CHARS:
        raise Refused("calls.note_long", field="note", most=NOTE_CHARS)
    session.add(
        CallAttempt(
            id=new_id(), call_id=call.id, reached=reached, note=note.strip(), tried_by=by_id, tried_at=now
        )
    )
    if reached:
        call.state, call.reached_at = CallState.reached, now
    session.flush()
    return call


def calls_about(session: Session, reference: str, account_ids: Collection[uuid.UUID]) -> Sequence[Call]:
    """The call list of `reference` for those people, who still waits first."""
    return session.scalars(
        select(Call)
        .where(Call.reference == reference, Call.account_id.in_(list(account_ids)))
        .order_by(Call.state.desc(), Call.id)
    ).all()


def attempts_of(session: Session, call_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[CallAttempt]]:
    """Every attempt of the calls, the first one first."""
    found: dict[uuid.UUID, list[CallAttempt]] = {}
    rows = select(CallAttempt).where(CallAttempt.call_id.in_(list(call_ids))).order_by(CallAttempt.id)
    for row in session.scalars(rows):
        found.setdefault(row.call_id, []).append(row)
    return found


def failed_attempts(session: Session, account_id: uuid.UUID, reference: str) -> int:
    """How often the person was called about `reference` in vain."""
    call = select(Call.id).where(Call.account_id == account_id, Call.reference == reference)
    rows = select(CallAttempt.id).where(CallAttempt.call_id.in_(call), CallAttempt.reached.is_(False))
    return len(session.scalars(rows).all())
