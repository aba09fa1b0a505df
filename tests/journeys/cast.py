"""Who takes part in the county of everything: people of the seed, by what they do there."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.delivery.models import Courier, Vehicle
from market.kernel.clock import at, local_date
from market.kernel.seal import Seal
from market.people.models import Account
from market.recycling.models import Recycler, RecyclerKind, RecyclerStaff
from market.shops.models import Shop, ShopRole
from market.shops.queries import staff
from market.subsidies.real_name import SEAL_PURPOSE, check_name
from tests.builders.claims import an_auditor
from tests.builders.delivery import a_courier
from tests.builders.people import an_address, an_operator
from tests.builders.subsidies import a_checked_name
from tests.journeys.stack import Stack, accounts

COUNTY = "610924"
EXAMPLE_NUMBER = "11010519491231002X"  # printed in GB 11643-1999


@dataclass
class Cast:
    """The county's people, and the session in which everything happens to them.

    `seal` gives the seal of a purpose as the running market has it.
    """

    session: Session
    now: datetime
    seal: Callable[[str], Seal]
    buyer: Account
    neighbor: Account
    shop: Shop
    owner: Account
    clerk: Account
    courier: Courier
    operators: list[Account]
    auditors: list[Account]
    recycler: Recycler
    yard: Account
    keeper: Account

    def morning(self, days: int) -> datetime:
        """Ten o'clock so many days ago: what is bought then is carried the day after."""
        return at(local_date(self.now) - timedelta(days=days), time(10))

    @property
    def operator_id(self) -> uuid.UUID:
        return self.operators[0].id


def the_cast(stack: Stack, session: Session, now: datetime) -> Cast:
    """Everybody. The county gets the operators that a decision by several needs, and one truck that goes."""
    secret = secret_of(stack)
    first = _of(stack, session, "owner")
    shop = session.get_one(Shop, uuid.UUID(accounts(stack, "owner", COUNTY)[0]["shop_id"]))
    clerk = next(it.account_id for it in staff(session, shop.id) if it.role is ShopRole.clerk)
    collector = select(Recycler).where(
        Recycler.county_code == COUNTY, Recycler.kind == RecyclerKind.collector
    )
    recycler = session.scalars(collector.order_by(Recycler.licence_number)).first()
    assert recycler is not None
    works = select(RecyclerStaff.account_id).where(RecyclerStaff.recycler_id == recycler.id)
    yard = session.scalars(works.order_by(RecyclerStaff.account_id)).first()
    session.execute(update(Vehicle).where(Vehicle.county_code == COUNTY).values(active=False))
    buyer = _of(stack, session, "consumer")
    check_name(session, buyer, buyer.name, EXAMPLE_NUMBER, True, Seal([secret], SEAL_PURPOSE), now)
    an_address(session, buyer, now)
    return Cast(
        session=session,
        now=now,
        seal=lambda purpose: Seal([secret], purpose),
        buyer=buyer,
        neighbor=a_checked_name(session, _of(stack, session, "consumer", 1), now),
        shop=shop,
        owner=first,
        clerk=session.get_one(Account, clerk),
        courier=a_courier(session, now, COUNTY),
        operators=[_of(stack, session, "operator"), *(an_operator(session, now) for _ in range(2))],
        auditors=[_of(stack, session, "auditor"), an_auditor(session, now)],
        recycler=recycler,
        yard=session.get_one(Account, yard),
        keeper=_of(stack, session, "station"),
    )


def secret_of(stack: Stack) -> str:
    """The key with which the running market seals."""
    return (stack.data / "secret_key").read_text().strip()


def _of(stack: Stack, session: Session, role: str, number: int = 0) -> Account:
    phone = accounts(stack, role, COUNTY)[number]["phone"]
    return session.scalars(select(Account).where(Account.phone == phone)).one()
