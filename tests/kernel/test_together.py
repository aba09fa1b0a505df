"""Several reads in one statement: every value as its own select would give it."""

import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    ARRAY,
    UUID,
    Connection,
    Engine,
    Text,
    bindparam,
    cast,
    event,
    func,
    literal,
    null,
    select,
)
from sqlalchemy import inspect as state_of
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from market.catalog.queries import CATEGORIES, LISTING, LISTING_LABELS
from market.kernel.together import Together, hang
from market.orders.models import Order, OrderLine, ShopOrder, Tender, TenderKind
from market.people.models import Account, AccountState, Address
from market.places.models import County, Region, RegionLevel
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_address
from tests.builders.places import a_county
from tests.builders.shops import a_shop


@pytest.fixture
def statements(connection: Connection) -> Iterator[list[str]]:
    asked: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", listen)
    yield asked
    event.remove(connection, "before_cursor_execute", listen)


def test_every_type_comes_back_as_itself_and_an_empty_part_as_nothing(session: Session) -> None:
    one = uuid.UUID("01a21d43-e8a7-7533-9c61-18c30f05f556")
    moment = datetime.fromisoformat("2026-11-23T10:00:00.123456+00:00")
    values = (
        one,
        7,
        "绿乡",
        Decimal("1.50"),
        True,
        date(2026, 11, 23),
        time(16, 30),
        moment,
        2.25,
    )
    typed = select(*(literal(it) for it in values))
    held = select(
        cast(["a", "b,c"], ARRAY(Text)),
        cast([one], ARRAY(UUID(as_uuid=True))),
        cast({"fen": 1, "name": None}, JSONB),
        cast(null(), Text),
        Account.state,
    ).outerjoin_from(select(literal(1).label("n")).subquery(), Account, Account.phone == "none")
    nothing = select(Account.id, Account.name).where(Account.phone == "none")
    found = Together(typed, held, nothing).read(session)
    assert found == [[values], [(["a", "b,c"], [one], {"fen": 1, "name": None}, None, None)], []]
    assert [type(it) for it in found[0][0]] == [type(it) for it in values]


def test_a_part_keeps_its_order_its_limit_and_its_own_number_of_rows(session: Session) -> None:
    for code in ("610924", "610728"):
        a_county(session, code)
    number = func.generate_series(1, 12).column_valued("number")
    backwards = select(number).order_by(number.desc()).limit(bindparam("most"))
    codes = select(County.code).order_by(County.code)
    total = select(func.count(), func.max(County.code))
    read = Together(backwards, codes, total)
    expected = [[12, 11, 10], ["610728", "610924"], [(2, "610924")]]
    assert read.read(session, most=3) == expected
    assert read.read(session, most=1) == [[12], *expected[1:]]


def test_things_are_the_sessions_own_with_their_enums_and_an_outer_join_leaves_none(
    session: Session, now: datetime, statements: list[str]
) -> None:
    account, stranger = an_account(session, now), an_account(session, now, "李四")
    address = an_address(session, account, now)
    ids, at, lat = [account.id, stranger.id], address.id, address.lat
    session.expunge_all()
    statements.clear()
    people = (
        select(Account, Address)
        .outerjoin(Address, Address.account_id == Account.id)
        .where(Account.id.in_(bindparam("ids", expanding=True)))
        .order_by(Account.id)
    )
    villages = select(Region).where(Region.level == RegionLevel.village)
    towns = select(Region).where(Region.level == RegionLevel.township)
    found = Together(people, villages, towns).read(session, ids=ids)
    assert len(statements) == 1
    (her, hers), (him, his) = found[0]
    assert (her.id, her.state, hers.id, hers.lat) == (ids[0], AccountState.active, at, lat)
    assert (him.name, his) == ("李四", None)
    assert [village.level for village in found[1]] == [RegionLevel.village]
    assert [town.level for town in found[2]] == [RegionLevel.township]
    statements.clear()
    assert session.get(Account, ids[0]) is her
    assert session.get(Region, found[1][0].code) is found[1][0]
    assert statements == []


def test_hung_things_are_loaded_things(session: Session, now: datetime, statements: list[str]) -> None:
    a_county(session)
    shops = [a_shop(session, now, name=name) for name in ("甲", "乙")]
    goods = [(a_listing(session, shop, now), 1) for shop in shops]
    order = an_order(session, an_account(session, now), goods, now)
    session.commit()
    order_id = order.id
    session.expunge_all()
    statements.clear()
    mine = ShopOrder.order_id == bindparam("order_id")
    read = Together(
        select(Order).where(Order.id == bindparam("order_id")),
        select(ShopOrder).where(mine).order_by(ShopOrder.number),
        select(OrderLine).join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id).where(mine),
        select(Tender).where(Tender.order_id == bindparam("order_id")),
    )
    orders, parts, lines, tenders = read.read(session, order_id=order_id)
    hang(Order.shop_orders, orders, parts)
    hang(ShopOrder.lines, parts, lines)
    hang(Order.tenders, orders, tenders)
    (found,) = orders
    assert [part.shop_name for part in found.shop_orders] == ["甲", "乙"]
    assert [len(part.lines) for part in found.shop_orders] == [1, 1]
    assert found.shop_orders[0].lines[0].shop_order.order is found
    assert [it.kind for it in found.tenders] == [TenderKind.cash]
    assert not state_of(found).modified
    assert len(statements) == 1


@pytest.mark.race
def test_threads_that_read_first_at_the_same_time_read_the_same(fresh_engine: Engine, now: datetime) -> None:
    """Without a lock SQLAlchemy's own caches are filled by several at once, and keep a wrong statement."""
    with Session(fresh_engine, expire_on_commit=False) as session:
        shop = a_shop(session, now)
        listings = [a_listing(session, shop, now) for _ in range(3)]
        for listing in listings:
            a_verified_label(session, listing, now)
        kinds = len(session.scalars(CATEGORIES).all())
        session.commit()
    asked = {"listing_id": listings[0].id}
    counts = set()
    for _turn in range(6):
        page = Together(LISTING, LISTING_LABELS, CATEGORIES)
        for found in at_once(fresh_engine, 12, lambda session, page=page: page.read(session, **asked)):
            counts.add(tuple(map(len, found)))
    assert counts == {(1, 1, kinds)}


def at_once(engine: Engine, number: int, read: Callable[[Session], list[list[Any]]]) -> list[list[list[Any]]]:
    """What so many threads read, who begin together, and are interrupted often."""
    together, before = threading.Barrier(number), sys.getswitchinterval()

    def one(_number: int) -> list[list[Any]]:
        with Session(engine) as session:
            session.connection()
            together.wait()
            return read(session)

    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(one, range(number)))
    finally:
        sys.setswitchinterval(before)
