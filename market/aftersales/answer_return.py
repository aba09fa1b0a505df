"""The shop answers a request, the buyer disputes a refusal, the county settles a dispute."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales import jobs, trail
from market.aftersales.models import Actor, Decision, ReturnRequest, Way
from market.aftersales.rules import DISPUTE_WITHIN, HAND_IN_WITHIN, Ground, Remedy, comes_back
from market.aftersales.settle_return import settle
from market.aftersales.states import ReturnState
from market.aftersales.take_in_return import take_in_disputed
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.errors import NotFound, Refused


def approve_return(
    session: Session,
    shop_id: uuid.UUID,
    return_id: uuid.UUID,
    now: datetime,
    *,
    shop_bears_freight: bool = False,
    cut_fen: int | None = None,
) -> ReturnRequest:
    """The shop agrees; it may bear the freight, or agree to a smaller price cut. Unchanged the second time.

    Raises NotFound where it is another shop's; Refused: ``aftersales.cut`` (field cut),
    ``state.illegal_move``, and as `payments.refund.request` where nothing comes back.
    """
    case = _of_shop(session, shop_id, return_id)
    if case.state is ReturnState.approved:
        return case
    if shop_bears_freight:
        case.freight_fen = 0
    if case.remedy is Remedy.price_cut and cut_fen is not None:
        if not 0 < cut_fen <= (case.cut_fen or 0):
            raise Refused("aftersales.cut", field="cut", most_fen=case.cut_fen)
        case.cut_fen = cut_fen
    go_on(session, case, Actor.shop, now)
    return case


def refuse_return(
    session: Session, shop_id: uuid.UUID, return_id: uuid.UUID, reason: str, now: datetime
) -> ReturnRequest:
    """The shop does not agree, and says why; the buyer may take it to the county within seven days.

    Raises NotFound; Refused: ``aftersales.no_reason_needed`` where the law asks for none,
    ``aftersales.note`` (field reason), ``state.illegal_move``.
    """
    case = _of_shop(session, shop_id, return_id)
    if case.ground is Ground.no_reason:
        raise Refused("aftersales.no_reason_needed")
    note = trail.checked(reason, "reason")
    trail.move_return(session, case, ReturnState.refused, Actor.shop, now, note, due_at=now + DISPUTE_WITHIN)
    return case


def dispute_return(
    session: Session, account_id: uuid.UUID, return_id: uuid.UUID, words: str, now: datetime
) -> ReturnRequest:
    """The buyer takes the shop's refusal to the county.

    Raises NotFound where it is not hers; Refused: ``aftersales.note`` (field words), ``aftersales.late``,
    ``state.illegal_move``.
    """
    case = trail.lock_return(session, return_id)
    if case.account_id != account_id:
        raise NotFound
    if case.state is not ReturnState.refused:
        raise Refused("state.illegal_move")
    if case.due_at is not None and now >= case.due_at:
        raise Refused("aftersales.late")
    trail.move_return(session, case, ReturnState.disputed, Actor.buyer, now, trail.checked(words, "words"))
    return case


def decide_return(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    return_id: uuid.UUID,
    decision: Decision,
    note: str,
    now: datetime,
) -> ReturnRequest:
    """A person of the county settles a dispute, with a reason that both read.

    For the buyer: it goes on where it stood, and the shop's rating hears of it. For the shop: it ends, and
    goods that are there go home. Raises NotFound; Refused: ``aftersales.note`` (field note),
    ``aftersales.goods_taken`` (field decision) where the shop has put them on its shelf,
    ``state.illegal_move``, and as `settle`.
    """
    case = trail.lock_return(session, return_id)
    if case.county_code != county_code:
        raise NotFound
    if case.state is not ReturnState.disputed:
        raise Refused("state.illegal_move")
    note = trail.checked(note, "note")
    case.decision, case.decided_by_id = decision, operator_id
    if decision is Decision.for_shop:
        _end(session, case, note, now)
        return case
    record_event(session, SubjectKind.shop, case.shop_id, "dispute_lost", case.reference, now)
    if case.received_at is None:
        go_on(session, case, Actor.county, now, note)
    else:
        if not case.restocked + case.written_off:
            take_in_disputed(session, case, operator_id, now)
        settle(session, case, Actor.county, now, note)
    return case


def go_on(session: Session, case: ReturnRequest, by: Actor, now: datetime, note: str = "") -> None:
    """Agreed: what has to come back is fetched or brought; the rest is settled at once."""
    if not comes_back(case.ground, case.remedy):
        settle(session, case, by, now, note)
        return
    trail.move_return(session, case, ReturnState.approved, by, now, note, due_at=now + HAND_IN_WITHIN)
    if case.way is Way.pickup:
        jobs.fetch_return(session, case, now)


def _end(session: Session, case: ReturnRequest, note: str, now: datetime) -> None:
    if case.restocked + case.written_off:
        raise Refused("aftersales.goods_taken", field="decision")
    if case.received_at is None:
        trail.move_return(session, case, ReturnState.closed, Actor.county, now, note)
        return
    trail.move_return(session, case, ReturnState.going_home, Actor.county, now, note)
    jobs.bring_home(session, case, now)


def _of_shop(session: Session, shop_id: uuid.UUID, return_id: uuid.UUID) -> ReturnRequest:
    case = trail.lock_return(session, return_id)
    if case.shop_id != shop_id:
        raise NotFound
    return case
