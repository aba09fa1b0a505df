"""Entries follow the catalog at once; pages, orders and counts are exact or say that they are not."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from market.catalog.change_price import change_price
from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.inventory.models import Stock
from market.kernel.clock import local_date
from market.search import audit
from market.search.asked import Asked, Between, Filter, Kind
from market.search.find import Order, Reach, find
from market.search.models import Entry
from market.search.rebuild import is_due, rebuild
from market.shops.models import Shop, ShopState
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft

COUNTY = "610924"


def a_fridge(
    session: Session, shop: Shop, now: datetime, name: str, yuan: int = 1_000, **more: int
) -> Listing:
    offer = an_offer_draft(list_price_fen=yuan * 100, price_fen=yuan * 100)
    draft = a_product_draft(name_zh=name)
    return a_listing(session, shop, now, category="fridge", product=draft, offer=offer, **more)


def titles(
    session: Session, now: datetime, *words: str, filters: tuple[Filter, ...] = (), **more: object
) -> list[str]:
    found = find(session, COUNTY, Asked(filters, words), local_date(now), **more)  # type: ignore[arg-type]
    return [card.name_zh for card in found.cards]


@pytest.mark.parametrize(
    ("words", "found"),
    [(("冰箱",), ["三门冰箱", "对开门大冰箱"]), (("冰",), ["三门冰箱", "对开门大冰箱"]),
     (("冰箱", "三门"), ["三门冰箱"]), (("hr-k",), ["变频挂机"]), (("k26",), ["变频挂机"]),
     (("门大",), ["对开门大冰箱"]), (("冰门",), [])],
)  # fmt: skip
def test_words_parts_and_models_are_found(
    session: Session, now: datetime, shop: Shop, words: tuple[str, ...], found: list[str]
) -> None:
    a_fridge(session, shop, now, "三门冰箱", 1_000)
    a_fridge(session, shop, now, "对开门大冰箱", 2_000)
    a_listing(session, shop, now, category="ac", product=a_product_draft(name_zh="变频挂机", model="HR-K26"))
    assert titles(session, now, *words, order=Order.price_up) == found


def test_a_whole_word_stands_above_a_part_of_one(session: Session, now: datetime, shop: Shop) -> None:
    a_fridge(session, shop, now, "真空管保鲜冰箱")
    a_fridge(session, shop, now, "空管冰箱", stock=0)
    assert titles(session, now, "空管") == ["真空管保鲜冰箱", "空管冰箱"]
    assert titles(session, now, "冰箱")[0] == "真空管保鲜冰箱"


def test_price_stock_state_and_shop_show_at_once(session: Session, now: datetime, shop: Shop) -> None:
    dear, cheap = a_fridge(session, shop, now, "甲冰箱", 900), a_fridge(session, shop, now, "乙冰箱", 500)
    upto = (Filter(Kind.price_upto, "60000", ""),)
    assert titles(session, now, "冰箱", filters=upto) == ["乙冰箱"]
    change_price(session, shop.id, dear.id, 90_000, 55_000, None, now)
    assert titles(session, now, "冰箱", filters=upto, order=Order.price_up) == ["乙冰箱", "甲冰箱"]
    session.get_one(Stock, dear.id).reserved = 10
    session.flush()
    assert titles(session, now, "冰箱") == ["乙冰箱", "甲冰箱"]
    set_state(session, shop.id, cheap.id, ListingState.paused, now)
    assert titles(session, now, "冰箱") == ["甲冰箱"]
    shop.state, shop.state_reason = ShopState.suspended, "执照过期"
    session.flush()
    assert titles(session, now, "冰箱") == []
    assert list(audit.breaks(session)) == []


def test_a_grade_counts_until_its_last_day(session: Session, now: datetime, shop: Shop) -> None:
    fridge, today = a_fridge(session, shop, now, "甲冰箱"), local_date(now)
    grade = (Filter(Kind.grade, "1", ""),)
    assert titles(session, now, filters=grade) == []
    a_verified_label(
        session, fridge, now, standard_number="GB 12021.2-2015", expires_on=today + timedelta(days=1)
    )
    assert titles(session, now, filters=grade) == ["甲冰箱"]
    assert titles(session, now + timedelta(days=1), filters=grade) == ["甲冰箱"]
    assert titles(session, now + timedelta(days=2), filters=grade) == []


def test_sizes_doors_and_brands_narrow(session: Session, now: datetime, shop: Shop) -> None:
    a_fridge(session, shop, now, "禾润 218升 三门冰箱")
    a_fridge(session, shop, now, "禾润 118升 双门冰箱")
    for one in (
        Filter(Kind.size, str(Between(Decimal(200), None, "L")), ""),
        Filter(Kind.trait, "doors=3", ""),
    ):
        assert titles(session, now, filters=(one,)) == ["禾润 218升 三门冰箱"]
    assert len(titles(session, now, filters=(Filter(Kind.brand, "禾润", ""),))) == 2


@pytest.mark.parametrize("cap", [1_000, 3])
@pytest.mark.parametrize("order", list(Order))
def test_pages_join_without_a_gap_whichever_way_they_are_found(
    session: Session, now: datetime, shop: Shop, order: Order, cap: int
) -> None:
    for number in range(9):
        a_fridge(session, shop, now, f"{number}号冰箱", 1_000 + number % 3 * 100)
    seen, after = [], None
    asked = Asked((Filter(Kind.category, "fridge", ""),), ("冰箱",))
    for _ in range(5):
        page = find(
            session, COUNTY, asked, local_date(now), order=order, after=after, limit=2, reach=Reach(cap)
        )
        seen += [card.id for card in page.cards]
        after = page.after
    assert len(seen) == len(set(seen)) == 9
    assert after is None
    if order is Order.price_up:
        prices = [session.get_one(Listing, one).price_fen for one in seen]
        assert prices == sorted(prices)


def test_counts_are_exact_until_they_say_more(session: Session, now: datetime, shop: Shop) -> None:
    for number in range(5):
        a_fridge(session, shop, now, f"{number}号冰箱")
    today = local_date(now)
    found = find(session, COUNTY, Asked((), ("冰箱",)), today)
    assert (found.total, found.is_more, found.facets["category_code"]) == (5, False, {"fridge": 5})
    found = find(session, COUNTY, Asked((), ("冰箱",)), today, reach=Reach(3))
    assert (found.total, found.is_more) == (3, True)


def test_what_neither_way_reaches_is_sorted_in_part_and_says_so(
    session: Session, now: datetime, shop: Shop
) -> None:
    for number in range(4):
        a_fridge(session, shop, now, f"{number}号柜子", 100)
        a_fridge(session, shop, now, f"{number}号冰箱", 1_000 - number)
    asked = Asked((), ("号冰箱",))
    found = find(session, COUNTY, asked, local_date(now), order=Order.price_up, reach=Reach(3, 2))
    assert (found.is_part, found.is_more, found.total) == (True, True, 3)
    prices = [card.price_fen for card in found.cards]
    assert len(prices) == 4
    assert prices == sorted(prices)


def test_another_countys_goods_are_not_found(session: Session, now: datetime, shop: Shop) -> None:
    a_fridge(session, shop, now, "甲冰箱")
    assert find(session, "610728", Asked((), ("冰箱",)), local_date(now)).cards == ()


def test_a_strange_cursor_starts_from_the_beginning(session: Session, now: datetime, shop: Shop) -> None:
    a_fridge(session, shop, now, "甲冰箱")
    for after in ("x", "1:2", ":", "9" * 40 + ":" + "0" * 32, "-1:x"):
        assert titles(session, now, "冰箱", after=after) == ["甲冰箱"]


def test_a_rebuild_mends_what_the_audit_finds(session: Session, now: datetime, shop: Shop) -> None:
    fridge = a_fridge(session, shop, now, "甲冰箱")
    session.execute(delete(Entry))
    session.execute(text("UPDATE products SET search_terms = '{}'"))
    assert list(audit.breaks(session)) == []
    session.execute(delete(Entry))
    assert list(audit.breaks(session)) == [f"listing {fridge.id} cannot be found: market search rebuild"]
    session.expire_all()
    assert is_due(session)
    assert rebuild(session, lambda *_: None) == 1
    assert not is_due(session)
    assert list(audit.breaks(session)) == []
    assert titles(session, now, "冰箱") == ["甲冰箱"]
