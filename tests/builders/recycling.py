"""Recyclers and things sent in, for tests."""

import io
from datetime import date, datetime
from itertools import count

from PIL import Image
from sqlalchemy.orm import Session

from market.kernel.outbox import OutboxRow
from market.people.models import Account
from market.recycling import prices, send_in
from market.recycling.models import Recycler, RecyclerStaff, RecyclerState, RecyclingOrder
from market.recycling.rules import Safety
from tests.builders.catalog import categories
from tests.builders.people import an_account
from tests.builders.places import a_county

_licences = count(1)
SAFE = Safety(loose_battery=False, swollen_or_leaking=False, power_bank=False)


def price_tables(session: Session) -> None:
    """The shipped categories and what is paid for them."""
    categories(session)
    for data in prices.shipped():
        prices.publish(session, data)


def a_recycler(
    session: Session, now: datetime, county_code: str = "610924", name: str = "绿循再生资源站"
) -> Recycler:
    """A recycler of the county, licensed for phones and fridges."""
    a_county(session, county_code)
    recycler = Recycler(
        county_code=county_code,
        name=name,
        licence_number=f"{county_code}-HS-{next(_licences):03d}",
        scope=["phone", "rice_cooker", "fridge"],
        valid_from=date(2026, 1, 1),
        valid_to=date(2028, 12, 31),
        address="蒿坪镇工业路 8 号",
        phone="09154422000",
        state=RecyclerState.active,
        created_at=now,
    )
    session.add(recycler)
    session.flush()
    return recycler


def a_recycler_clerk(session: Session, recycler: Recycler, now: datetime) -> Account:
    """Somebody who works for `recycler`."""
    account = an_account(session, now, name="验机员")
    session.add(RecyclerStaff(account_id=account.id, recycler_id=recycler.id, created_at=now))
    session.flush()
    return account


def a_described_phone(session: Session, account: Account, now: datetime) -> RecyclingOrder:
    """A phone, two years old, with a weak battery; the tables and a recycler are there."""
    price_tables(session)
    a_county(session)
    return send_in.describe(session, account.id, "610924", "phone", "山雀 X2", 2, ["battery_weak"], now)


def a_labelled_phone(session: Session, account: Account, now: datetime) -> RecyclingOrder:
    """The same phone, quoted at 382.50 yuan and with its label."""
    order = a_described_phone(session, account, now)
    send_in.quote(session, account.id, order.id, SAFE, now)
    send_in.accept_quote(session, account.id, order.id, now)
    return order


def a_photo() -> bytes:
    """A small picture as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return out.getvalue()


def timers(session: Session, order: RecyclingOrder) -> dict[str, datetime]:
    """When each kind of timer of `order` is due."""
    rows = session.query(OutboxRow).filter(OutboxRow.payload["order_id"].astext == str(order.id))
    return {row.kind: row.due_at for row in rows}
