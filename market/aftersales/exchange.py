"""Another one of the same model goes out for the one that came back; the subsidy's claim stands."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales import jobs, trail
from market.aftersales.models import Actor, ReturnRequest
from market.aftersales.settle_return import note_fault, pay_back, pieces
from market.aftersales.states import ReturnState
from market.delivery.jobs import mark_at_hub
from market.delivery.models import Job, JobState
from market.inventory.queries import left
from market.inventory.reserve import allocate, reserve, ship
from market.inventory.serials import sell_serials
from market.kernel.errors import NotFound, Refused
from market.subsidies.serials import exchange as exchange_claimed


def send_new(
    session: Session,
    shop_id: uuid.UUID,
    return_id: uuid.UUID,
    old_serials: Sequence[str],
    serials: Sequence[str],
    now: datetime,
) -> ReturnRequest:
    """The new piece leaves the shop for the hub: stock, serial number and claim follow. Once.

    Raises NotFound where it is another shop's; Refused: ``inventory.short`` (field quantity),
    ``aftersales.serials`` (field serials), ``inventory.serial_unknown`` | ``serial_sold``,
    ``subsidy.serial_claimed`` (field serials), ``state.illegal_move``.
    """
    case = trail.lock_return(session, return_id)
    if case.shop_id != shop_id:
        raise NotFound
    if case.state is not ReturnState.exchanging:
        raise Refused("state.illegal_move")
    if case.out_number:
        return case
    reference = f"exchange:{case.id}"
    if serials and len(set(serials)) != pieces(case):
        raise Refused("aftersales.serials", field="serials", pieces=pieces(case))
    reserve(session, case.line.listing_id, pieces(case), reference, now)
    allocate(session, reference, now)
    ship(session, reference, now)
    sell_serials(session, {case.line.listing_id: case.line.reference}, serials, now)
    exchange_claimed(session, case.line.reference, old_serials, serials, now)
    jobs.bring_new(session, case, now)
    trail.write(session, case, Actor.shop, now, "、".join(serials))
    return case


def refund_instead(
    session: Session, shop_id: uuid.UUID, return_id: uuid.UUID, now: datetime
) -> ReturnRequest:
    """There is no more of the model: the buyer has her money back (三包).

    Raises NotFound; Refused: ``aftersales.in_stock`` while there is another one, ``state.illegal_move``.
    """
    case = trail.lock_return(session, return_id)
    if case.shop_id != shop_id:
        raise NotFound
    if case.state is not ReturnState.exchanging or case.out_number:
        raise Refused("state.illegal_move")
    if left(session, [case.line.listing_id]).get(case.line.listing_id, 0) >= pieces(case):
        raise Refused("aftersales.in_stock")
    pay_back(session, case, Actor.shop, now)
    return case


def new_at_hub(session: Session, county_code: str, return_id: uuid.UUID, now: datetime) -> ReturnRequest:
    """The new piece stands at the hub and may be batched. The second time nothing happens.

    Raises NotFound where it is another county's.
    """
    case = trail.lock_return(session, return_id)
    if case.county_code != county_code:
        raise NotFound
    mark_at_hub(session, jobs.new_reference(case), now)
    return case


def waits_for_hub(session: Session, case: ReturnRequest) -> bool:
    """Whether the hub has yet to take the new piece in."""
    found = session.scalar(select(Job.state).where(Job.reference == jobs.new_reference(case)))
    return found is JobState.waiting


def brought(session: Session, case: ReturnRequest, now: datetime) -> None:
    """The courier has left the new piece with its buyer; its warranty begins."""
    if case.state is ReturnState.exchanging:
        trail.move_return(session, case, ReturnState.exchanged, Actor.courier, now)
        note_fault(session, case, now)


def send_again(session: Session, county_code: str, return_id: uuid.UUID, now: datetime) -> ReturnRequest:
    """She did not take it at the door, and now would: the new one, or what goes home to her.

    Raises NotFound where it is another county's; Refused(``state.illegal_move``).
    """
    case = trail.lock_return(session, return_id)
    if case.county_code != county_code:
        raise NotFound
    if not case.out_refused or case.state not in (ReturnState.exchanging, ReturnState.going_home):
        raise Refused("state.illegal_move")
    if case.state is ReturnState.exchanging:
        jobs.bring_new(session, case, now, at_hub=True)
    else:
        jobs.bring_home(session, case, now)
    return case
