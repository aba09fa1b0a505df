"""Step two and three of sending a thing in: how it goes, and where the reward goes."""

import re
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.kernel.errors import Refused
from market.kernel.seal import Seal
from market.people.queries import address as own_address
from market.recycling.drop_off import check_place
from market.recycling.models import RecyclingOrder
from market.recycling.payout_models import BankPayout, Payout
from market.recycling.rules import danger
from market.recycling.send_in import own
from market.recycling.states import RecyclingState
from market.recycling.ways import Way, ways_for

SEAL_PURPOSE = "recycling_bank"
_NUMBER = re.compile(r"[0-9]{8,30}")
_NAME_CHARS = range(1, 41)
_TAIL = 4


def open_ways(session: Session, order: RecyclingOrder) -> tuple[Way, ...]:
    """The ways that are open to the order's thing, its dangers and its category considered."""
    category = session.get_one(Category, order.category_code)
    return ways_for(category.accepts_mail_in, order.hazards)


def choose_way(
    session: Session,
    account_id: uuid.UUID,
    order_id: uuid.UUID,
    way: Way,
    now: datetime,
    *,
    drop_off: str | None = None,
    address_id: uuid.UUID | None = None,
    kept_room_at: str | None = None,
) -> None:
    """How a quoted thing goes: `drop_off` says where it is carried to, `address_id` where it is fetched.

    `kept_room_at` is a place of another room's, which has looked for itself that it takes the thing.

    Raises NotFound for another's address; Refused: the danger that keeps it from the post (`rules.danger`),
    ``recycling.way`` (field way), ``recycling.drop_off`` (field drop_off), ``recycling.address`` (field
    address_id), ``state.illegal_move`` once the quote was taken.
    """
    order = own(session, account_id, order_id)
    if order.state is not RecyclingState.quoted:
        raise Refused("state.illegal_move")
    _check_way(session, order, way)
    if way is Way.carry and (drop_off is None or drop_off != kept_room_at):
        check_place(session, order, drop_off or "")
    if way is Way.courier:
        _check_address(session, order, address_id)
    order.way = way
    order.drop_off = drop_off if way is Way.carry else None
    order.address_id = address_id if way is Way.courier else None
    session.flush()


def choose_points(session: Session, account_id: uuid.UUID, order_id: uuid.UUID) -> None:
    """The reward comes in points. Raises NotFound, Refused(``state.illegal_move``)."""
    order = _asked(session, account_id, order_id)
    order.payout = Payout.points
    if kept := session.get(BankPayout, order_id):
        session.delete(kept)
    session.flush()


def choose_yuan(
    session: Session,
    account_id: uuid.UUID,
    order_id: uuid.UUID,
    holder: str,
    bank: str,
    number: str,
    seal: Seal,
) -> None:
    """The reward goes to a bank account; its number is kept sealed with `seal` (purpose SEAL_PURPOSE).

    Raises NotFound; Refused: ``settlement.holder``, ``settlement.bank``, ``settlement.account_number``
    (fields holder, bank, number), ``state.illegal_move``.
    """
    order = _asked(session, account_id, order_id)
    digits = re.sub(r"[\s-]", "", number)
    if len(holder.strip()) not in _NAME_CHARS:
        raise Refused("settlement.holder", field="holder")
    if len(bank.strip()) not in _NAME_CHARS:
        raise Refused("settlement.bank", field="bank")
    if not _NUMBER.fullmatch(digits):
        raise Refused("settlement.account_number", field="number")
    kept = session.get(BankPayout, order_id) or BankPayout(order_id=order_id, county_code=order.county_code)
    kept.holder, kept.bank = holder.strip(), bank.strip()
    kept.number_sealed, kept.tail = seal.close(digits), digits[-_TAIL:]
    session.add(kept)
    order.payout = Payout.yuan
    session.flush()


def _asked(session: Session, account_id: uuid.UUID, order_id: uuid.UUID) -> RecyclingOrder:
    order = own(session, account_id, order_id)
    if order.state is not RecyclingState.quoted:
        raise Refused("state.illegal_move")
    return order


def _check_way(session: Session, order: RecyclingOrder, way: Way) -> None:
    if way is Way.post and (why := danger(order.hazards)):
        raise Refused(why, field="way")
    if way not in open_ways(session, order):
        raise Refused("recycling.way", field="way")


def _check_address(session: Session, order: RecyclingOrder, address_id: uuid.UUID | None) -> None:
    if address_id is None:
        raise Refused("recycling.address", field="address_id")
    if own_address(session, order.account_id, address_id).county_code != order.county_code:
        raise Refused("recycling.address", field="address_id")
