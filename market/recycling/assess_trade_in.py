"""The recycler looks at a traded-in appliance: as it was told, or a re-offer that the buyer has to answer."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.recycling import balance, custody, prices
from market.recycling.custody_models import Device
from market.recycling.events import TradeInAnswerDue
from market.recycling.models import Recycler, TradeIn, TradeInAssessment
from market.recycling.parties import Party, Role
from market.recycling.photos import bare
from market.recycling.rules import ANSWER_DAYS, ORDER_OFF, differences, value
from market.recycling.states import TRADE_IN_STATES, TradeInState
from market.recycling.suspend import require_licensed
from market.recycling.tell import tell_trade_in


def assess_trade_in(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    trade_in_id: uuid.UUID,
    weight_grams: int,
    age_years: int,
    faults: Collection[str],
    note: str,
    photo: bytes | None,
    now: datetime,
) -> TradeIn:
    """Record what was found on the scale and inside.

    Worth the credit, or more: the credit stands and the appliance is the recycler's. Worth less: a re-offer
    with a photo, its reasons and seven days to answer. Where her order came to nothing she is asked too,
    for there is no credit that could stand.

    Raises NotFound for another county's; Refused ``register.stopped``, ``register.outside_scope``,
    ``recycling.weight``, ``recycling.age``, ``recycling.faults``, ``recycling.photo_needed``,
    ``photo.unreadable``, ``recycling.not_handed_over`` while it is not this recycler's to look at,
    ``state.illegal_move``.
    """
    licensed = require_licensed(session, recycler.id, now)
    old = balance.lock(session, trade_in_id)
    if old.county_code != recycler.county_code:
        raise NotFound
    if old.category_code not in licensed.scope:
        raise Refused("register.outside_scope")
    TRADE_IN_STATES.step(old.state, TradeInState.confirmed)
    if session.get_one(Device, old.id).holder != str(Party(Role.recycler, str(recycler.id))):
        raise Refused("recycling.not_handed_over")
    table = prices.version(session, old.price_table_id).table
    _check(weight_grams, age_years, set(faults) - table.fault_codes)
    worth_fen = value(table, age_years, faults).value_fen
    lower = worth_fen < old.credit_fen
    reasons = differences(old.age_years, told_faults(old), age_years, faults) if lower else ()
    if lower and not photo:
        raise Refused("recycling.photo_needed", field="photo")
    jpeg, sha256 = bare(photo) if photo else (None, None)
    if not old.granted_fen:
        reasons = (ORDER_OFF, *reasons)
    session.add(
        TradeInAssessment(
            trade_in_id=old.id,
            assessor_id=staff_id,
            age_years=age_years,
            faults=sorted(set(faults)),
            reasons=list(reasons),
            value_fen=worth_fen,
            note=note.strip(),
            jpeg=jpeg,
            sha256=sha256,
            created_at=now,
        )
    )
    old.recycler_id, old.confirmed_weight_grams = recycler.id, weight_grams
    by = custody.recycler(staff_id)
    custody.record(session, old, by, now, weight_grams=weight_grams, photo_sha256=sha256)
    if lower or not old.granted_fen:
        _reoffer(session, old, min(worth_fen, old.credit_fen), now)
    else:
        confirm(session, old, old.credit_fen, now)
    return old


def confirm(
    session: Session, old: TradeIn, worth_fen: int, now: datetime, *, county_bears: bool = False
) -> None:
    """The locked appliance is the recycler's, for `worth_fen`; she owes the rest of what she had, or the
    county bears that. Raises Refused(``recycling.no_recycler``) where no recycler of the county may work now,
    ``state.illegal_move``."""
    if old.recycler_id is None:
        raise Refused("recycling.no_recycler")
    old.confirmed_at, old.worth_fen, old.answer_by = now, worth_fen, None
    custody.move_trade_in(session, old, TradeInState.confirmed, custody.MARKET, now)
    balance.hand_to_recycler(session, old, now)
    if county_bears:
        balance.waive(session, old, now)
    balance.square(session, old, now)


def told_faults(old: TradeIn) -> list[str]:
    """What the buyer said is wrong with it, in the price table's words."""
    faults = {"not_working": not old.works, "incomplete": not old.complete}
    return [code for code, has in faults.items() if has]


def _check(weight_grams: int, age_years: int, unknown_faults: set[str]) -> None:
    if weight_grams <= 0:
        raise Refused("recycling.weight", field="weight_grams")
    if age_years < 0:
        raise Refused("recycling.age", field="age_years")
    if unknown_faults:
        raise Refused("recycling.faults", field="faults")


def _reoffer(session: Session, old: TradeIn, offer_fen: int, now: datetime) -> None:
    old.offer_fen = offer_fen
    due_at = old.answer_by = now + timedelta(days=ANSWER_DAYS)
    custody.move_trade_in(session, old, TradeInState.reoffer, custody.MARKET, now, offer_fen=offer_fen)
    key = f"{TradeInAnswerDue.kind}:{old.id}"
    emit(session, TradeInAnswerDue(old.id), now, due_at=due_at, dedupe_key=key)
    tell_trade_in(
        session, old, "reoffer", "once", now,
        offer_fen=offer_fen, credit_fen=old.granted_fen, until=due_at.isoformat(),
    )  # fmt: skip
