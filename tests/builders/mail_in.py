"""Things sent in by each way, campaigns and carriers, for tests."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.seal import Seal
from market.people.models import Account
from market.recycling import choose, send_in
from market.recycling.freight_campaign import open_campaign
from market.recycling.models import RecyclingOrder
from market.recycling.parcel_models import FreightCampaign
from market.recycling.rules import Safety
from market.recycling.ways import Way
from tests.builders.people import an_address
from tests.builders.places import a_county
from tests.builders.recycling import SAFE, a_described_phone, price_tables

SEAL = Seal(["a key for tests"], choose.SEAL_PURPOSE)
PARCEL_FEN = 8_00  # what the freight of a phone costs


def a_campaign(
    session: Session, now: datetime, budget_fen: int = 100_00, per_person: int = 2, days: int = 30
) -> FreightCampaign:
    """A campaign of 紫阳县, open from today."""
    a_county(session)
    today = local_date(now)
    last_day = today + timedelta(days=days)
    return open_campaign(session, "610924", None, "乡亲寄旧机", today, last_day, budget_fen, per_person, now)


def a_quoted_phone(
    session: Session, account: Account, now: datetime, safety: Safety = SAFE
) -> RecyclingOrder:
    """The phone of 382.50 yuan, its way and payout not chosen."""
    order = a_described_phone(session, account, now)
    send_in.quote(session, account.id, order.id, safety, now)
    return order


def a_phone_for_the_courier(session: Session, account: Account, now: datetime) -> RecyclingOrder:
    """The same phone, to be fetched at its owner's door."""
    order = a_quoted_phone(session, account, now)
    address = an_address(session, account, now)
    choose.choose_way(session, account.id, order.id, Way.courier, now, address_id=address.id)
    send_in.accept_quote(session, account.id, order.id, now)
    return order


def a_phone_for_yuan(session: Session, account: Account, now: datetime) -> RecyclingOrder:
    """The same phone with its label, to be paid to a bank account."""
    order = a_quoted_phone(session, account, now)
    choose.choose_yuan(session, account.id, order.id, "王秀英", "信用社", "6217 0001 2345 6789", SEAL)
    send_in.accept_quote(session, account.id, order.id, now)
    return order


def a_quoted_fridge(session: Session, account: Account, now: datetime) -> RecyclingOrder:
    """A fridge nine years old, with its refrigerant."""
    price_tables(session)
    a_county(session)
    order = send_in.describe(session, account.id, "610924", "fridge", "雪岭 200", 9, [], now)
    full = Safety(False, False, False, refrigerant=True)
    send_in.quote(session, account.id, order.id, full, now)
    return order
