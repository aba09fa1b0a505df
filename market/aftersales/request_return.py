"""A buyer asks: give back, exchange, or have it cheaper."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales import jobs, photos, trail
from market.aftersales.models import Actor, ReturnRequest, Way
from market.aftersales.queries import delivered_at, pieces_left
from market.aftersales.rules import ANSWER_WITHIN, Ground, Remedy, comes_back, remedies
from market.aftersales.states import ReturnState
from market.catalog.models import Listing
from market.delivery.jobs import cancel_job
from market.delivery.queries import is_done
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.orders import pay
from market.orders.models import OrderLine
from market.orders.queries import line_of
from market.recycling.codes import new_code

WORDS_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Wish:
    """What she wants of one order line, and why; `photos` as her phone took them.

    `cut_fen` is how much cheaper she would keep it; `other_listing_id` what of the same shop she would rather
    have.
    """

    ground: Ground
    remedy: Remedy
    quantity: int
    words: str
    way: Way
    photos: Sequence[bytes] = ()
    cut_fen: int | None = None
    other_listing_id: uuid.UUID | None = None


def request_return(
    session: Session, account_id: uuid.UUID, line_id: uuid.UUID, wish: Wish, now: datetime
) -> ReturnRequest:
    """Ask for it; the shop has 48 hours to answer.

    Raises NotFound where the line is not hers; Refused: ``aftersales.not_delivered``, ``aftersales.window``
    (field ground), ``aftersales.pieces`` (field quantity), ``aftersales.words`` (field words),
    ``aftersales.photo_needed`` (field photos), ``aftersales.cut`` (field cut), ``aftersales.other`` (field
    other_listing_id), ``photo.unreadable``.
    """
    line = lock_line(session, account_id, line_id)
    _check(session, line, wish, now)
    case = ReturnRequest(
        id=new_id(),
        code=new_code("T"),
        account_id=account_id,
        county_code=line.shop_order.order.county_code,
        shop_id=line.shop_order.shop_id,
        order_line_id=line.id,
        ground=wish.ground,
        remedy=wish.remedy,
        quantity=wish.quantity,
        words=wish.words.strip(),
        way=wish.way,
        state=ReturnState.requested,
        state_since=now,
        due_at=now + ANSWER_WITHIN,
        created_at=now,
        cut_fen=wish.cut_fen if wish.remedy is Remedy.price_cut else None,
        other_listing_id=wish.other_listing_id,
        freight_fen=_freight_fen(line, wish),
        line=line,
    )
    trail.begin(session, case, now)
    trail.wait(session, case, now + ANSWER_WITHIN, now)
    photos.keep(session, case.reference, Actor.buyer, wish.photos, now)
    return case


def withdraw(session: Session, account_id: uuid.UUID, return_id: uuid.UUID, now: datetime) -> ReturnRequest:
    """She keeps it after all; nobody comes for it. The second time nothing happens.

    Raises NotFound where it is not hers; Refused(``state.illegal_move``) once it is on its way.
    """
    case = trail.lock_return(session, return_id)
    if case.account_id != account_id:
        raise NotFound
    if case.state is ReturnState.withdrawn:
        return case
    if case.received_at is not None or is_done(session, pickup(case)):
        raise Refused("state.illegal_move")
    call_off(session, case, Actor.buyer, now)
    return case


def call_off(session: Session, case: ReturnRequest, by: Actor, now: datetime, note: str = "") -> None:
    """End a locked return that nothing came of. Raises as `withdraw`."""
    trail.move_return(session, case, ReturnState.withdrawn, by, now, note)
    cancel_job(session, pickup(case), now)


def pickup(case: ReturnRequest) -> str:
    """The job that fetches it."""
    return f"{case.reference}:{jobs.PICKUP}"


def lock_line(session: Session, account_id: uuid.UUID, line_id: uuid.UUID) -> OrderLine:
    """Her delivered line, under the lock of its order.

    Raises NotFound, Refused(``aftersales.not_delivered``).
    """
    line = line_of(session, account_id, line_id)
    if line is None:
        raise NotFound
    pay.lock(session, line.shop_order.order_id)
    if delivered_at(line) is None:
        raise Refused("aftersales.not_delivered")
    return line


def is_made_to_order(line: OrderLine) -> bool:
    """Whether the goods were made for her alone, as the order kept it (Consumer Rights Law art. 25)."""
    return bool(line.snapshot.get("made_to_order"))


def _check(session: Session, line: OrderLine, wish: Wish, now: datetime) -> None:
    signed_at = delivered_at(line)
    open_ = remedies(wish.ground, signed_at, now, made_to_order=is_made_to_order(line)) if signed_at else ()
    if wish.remedy not in open_:
        raise Refused("aftersales.window", field="ground")
    left = pieces_left(session, line)
    if not 0 < wish.quantity <= left:
        raise Refused("aftersales.pieces", field="quantity", left=max(0, left))
    fewest = 0 if wish.ground is Ground.no_reason else 1
    if not fewest <= len(wish.words.strip()) <= WORDS_LENGTH:
        raise Refused("aftersales.words", field="words", most=WORDS_LENGTH)
    if wish.ground in (Ground.damaged, Ground.wrong) and not wish.photos:
        raise Refused("aftersales.photo_needed", field="photos")
    if wish.remedy is Remedy.price_cut and not 0 < (wish.cut_fen or 0) <= line.paid_fen:
        raise Refused("aftersales.cut", field="cut", most_fen=line.paid_fen)
    if wish.other_listing_id is not None and not _is_another(session, line, wish):
        raise Refused("aftersales.other", field="other_listing_id")


def _is_another(session: Session, line: OrderLine, wish: Wish) -> bool:
    """Whether she asks for something else that the same shop sells."""
    found = session.scalar(select(Listing).where(Listing.id == wish.other_listing_id))
    same_shop = found is not None and found.shop_id == line.shop_order.shop_id and found.is_for_sale
    return wish.remedy is Remedy.exchange and same_shop and wish.other_listing_id != line.listing_id


def _freight_fen(line: OrderLine, wish: Wish) -> int:
    """The road back is the buyer's only where nothing was wrong (art. 25), and only where it is fetched."""
    hers = wish.ground is Ground.no_reason and wish.way is Way.pickup and comes_back(wish.ground, wish.remedy)
    return jobs.freight_fen(line, wish.quantity) if hers else 0
