"""A serial number is subsidized once, over all programmes, until its goods have come back."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.subsidies import trail
from market.subsidies.models import Claim
from market.subsidies.review_models import CLAIM_SERIAL_STATES, ClaimSerial, ClaimSerialState, StepKind

LENGTH = range(4, 41)


def normalized(serial: str) -> str:
    """As it is compared: upper case, without spaces."""
    return "".join(serial.split()).upper()


def take(session: Session, claim: Claim, serials: Sequence[str], now: datetime) -> list[str]:
    """Give the machines with these numbers to `claim`, in the order of the numbers so that no two wait
    crosswise. The numbers that another claim has.
    """
    wanted = sorted(it for it in {normalized(serial) for serial in serials} if len(it) in LENGTH)
    taken = [serial for serial in wanted if not _take(session, claim, serial, now)]
    if given := [serial for serial in wanted if serial not in taken]:
        trail.note(session, claim, StepKind.serial, now, reason="、".join(given))
    return taken


def release(session: Session, claim: Claim, now: datetime) -> None:
    """The goods have come back: their numbers may be claimed again."""
    found = session.scalars(
        select(ClaimSerial)
        .where(ClaimSerial.claim_id == claim.id)
        .order_by(ClaimSerial.serial)
        .with_for_update()
    ).all()
    for row in found:
        CLAIM_SERIAL_STATES.move(row, ClaimSerialState.released)
        row.claim_id, row.changed_at = None, now
    session.flush()


def exchange(
    session: Session, reference: str, given_back: Sequence[str], given: Sequence[str], now: datetime
) -> None:
    """The buyer of the line `reference` has another machine of the same model: its claim stands, with the
    new number in place of the old (facts §1.7). Nothing happens where there is no claim.

    Raises Refused(``subsidy.serial_claimed``, field serials) where a new number has been claimed before.
    """
    claim = session.scalar(select(Claim).where(Claim.reference == reference).with_for_update())
    if claim is None:
        return
    old = [normalized(serial) for serial in given_back]
    rows = session.scalars(
        select(ClaimSerial)
        .where(ClaimSerial.claim_id == claim.id, ClaimSerial.serial.in_(old))
        .order_by(ClaimSerial.serial)
        .with_for_update()
    ).all()
    for row in rows:
        CLAIM_SERIAL_STATES.move(row, ClaimSerialState.released)
        row.claim_id, row.changed_at = None, now
    session.flush()
    if take(session, claim, given, now):
        raise Refused("subsidy.serial_claimed", field="serials", units=claim.units)
    if rows:
        gone = "、".join(row.serial for row in rows)
        trail.note(session, claim, StepKind.serial, now, reason=f"{gone} → {'、'.join(given)}")


def of_claim(session: Session, claim_id: uuid.UUID) -> list[str]:
    """The numbers that a claim has."""
    found = select(ClaimSerial.serial).where(ClaimSerial.claim_id == claim_id)
    return list(session.scalars(found.order_by(ClaimSerial.serial)))


def _take(session: Session, claim: Claim, serial: str, now: datetime) -> bool:
    values = {"state": ClaimSerialState.claimed, "claim_id": claim.id, "changed_at": now}
    row = (
        insert(ClaimSerial)
        .values(serial=serial, **values)
        .on_conflict_do_update(
            index_elements=["serial"],
            set_=values,
            where=or_(ClaimSerial.state != ClaimSerialState.claimed, ClaimSerial.claim_id == claim.id),
        )
        .returning(ClaimSerial.serial)
    )
    return session.execute(row.execution_options(synchronize_session=False)).first() is not None
