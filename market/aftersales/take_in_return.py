"""The goods are in the shop again: counted, looked at, put on the shelf or written off."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales import photos, trail
from market.aftersales.models import Actor, Found, ReturnRequest, Way
from market.aftersales.request_return import pickup
from market.aftersales.rules import REFUND_WITHIN
from market.aftersales.settle_return import settle
from market.aftersales.states import ReturnState
from market.delivery.jobs import cancel_job
from market.delivery.queries import is_done
from market.inventory.come_back import come_back, serials_of, take_serials_back
from market.kernel.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Seen:
    """What the inspector saw of the pieces that came: their numbers, and how many can be sold again."""

    found: Found
    sellable: int
    write_off_reason: str = ""
    serials: Sequence[str] = ()


def receive_return(
    session: Session, shop_id: uuid.UUID, return_id: uuid.UUID, quantity: int, now: datetime
) -> ReturnRequest:
    """The shop has counted what came: fewer pieces than asked for are paid for as fewer.

    The law's seven days to pay begin. The second time nothing happens. Raises NotFound where it is another
    shop's; Refused: ``aftersales.pieces`` (field quantity), ``state.illegal_move``.
    """
    case = trail.lock_return(session, return_id)
    if case.shop_id != shop_id:
        raise NotFound
    if case.received_at is not None:
        return case
    if not 0 < quantity <= case.quantity:
        raise Refused("aftersales.pieces", field="quantity", left=case.quantity)
    case.received_at, case.received_quantity = now, quantity
    due_at = now + REFUND_WITHIN
    trail.move_return(session, case, ReturnState.received, Actor.shop, now, due_at=due_at, pieces=quantity)
    if case.way is Way.pickup and not is_done(session, pickup(case)):
        # She brought it before anybody came for it.
        case.freight_fen = 0
        cancel_job(session, pickup(case), now)
    session.flush()
    return case


def accept_goods(
    session: Session, shop_id: uuid.UUID, clerk_id: uuid.UUID, return_id: uuid.UUID, seen: Seen, now: datetime
) -> ReturnRequest:
    """The goods are taken back. What can be sold is on the shelf again, the rest is written off for a reason.

    Raises NotFound; Refused: ``aftersales.sellable`` (field sellable), ``aftersales.note`` (field
    write_off_reason), ``aftersales.serials`` (field serials) where there are not as many numbers as
    pieces, ``inventory.serial_not_hers`` (field serials), ``state.illegal_move``.
    """
    case = trail.lock_return(session, return_id)
    if case.shop_id != shop_id:
        raise NotFound
    if case.state is not ReturnState.received:
        raise Refused("state.illegal_move")
    _take_in(session, case, seen, clerk_id, now)
    settle(session, case, Actor.shop, now)
    return case


def object_to_goods(
    session: Session,
    shop_id: uuid.UUID,
    return_id: uuid.UUID,
    found: Found,
    reason: str,
    photo: Sequence[bytes],
    now: datetime,
) -> ReturnRequest:
    """Something is wrong with what came: the county decides, and sees a photo.

    Raises NotFound; Refused: ``aftersales.note`` (field reason), ``aftersales.photo_needed`` (field photos),
    ``photo.unreadable``, ``state.illegal_move``.
    """
    case = trail.lock_return(session, return_id)
    if case.shop_id != shop_id:
        raise NotFound
    if case.state is not ReturnState.received:
        raise Refused("state.illegal_move")
    note = trail.checked(reason, "reason")
    if not photo:
        raise Refused("aftersales.photo_needed", field="photos")
    photos.keep(session, case.reference, Actor.shop, photo, now)
    case.found = found
    trail.move_return(session, case, ReturnState.disputed, Actor.shop, now, note, due_at=case.due_at)
    return case


def take_in_disputed(session: Session, case: ReturnRequest, by_id: uuid.UUID, now: datetime) -> None:
    """The county has the shop take disputed goods: nobody vouches for them, so they are not sold again."""
    count = case.received_quantity or 0
    seen = Seen(
        case.found or Found.used, 0, "争议退货，不再销售", serials_of(session, case.line.reference)[:count]
    )
    _take_in(session, case, seen, by_id, now)


def _take_in(session: Session, case: ReturnRequest, seen: Seen, by_id: uuid.UUID, now: datetime) -> None:
    count = case.received_quantity or 0
    if not 0 <= seen.sellable <= count:
        raise Refused("aftersales.sellable", field="sellable", most=count)
    written_off = count - seen.sellable
    reason = trail.checked(seen.write_off_reason, "write_off_reason") if written_off else ""
    _take_serials(session, case, seen, now)
    come_back(session, case.line.listing_id, count, written_off, reason, case.reference, now, by_id)
    case.found, case.restocked, case.written_off = seen.found, seen.sellable, written_off
    case.write_off_reason = reason or None
    session.flush()


def _take_serials(session: Session, case: ReturnRequest, seen: Seen, now: datetime) -> None:
    """Whose numbers are known is asked for them: what was not sold to her is not taken back for money.

    Which of several pieces can be sold again nobody says; none of their numbers is, where any cannot.
    """
    count, sold_for = case.received_quantity or 0, case.line.reference
    if not serials_of(session, sold_for):
        return
    if len(set(seen.serials)) != count:
        raise Refused("aftersales.serials", field="serials", pieces=count)
    take_serials_back(session, sold_for, seen.serials, now, sellable=seen.sellable == count)
