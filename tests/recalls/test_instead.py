"""What a recall stops before delivery is paid back; who wants may have another one instead."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.catalog.recall_rule import Scope, ScopeKind
from market.inventory.receive import receive
from market.inventory.serials import add_serials
from market.kernel import clock
from market.kernel.errors import NotFound, Refused
from market.orders.cart import Owner, find, put
from market.orders.checkout import checkout
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Fulfillment, Order, OrderState
from market.people.models import Account
from market.points.earn import grant
from market.points.queries import balance as points
from market.recalls import audit, instead
from market.recalls.instead import Part
from market.recalls.shelf import answer_shelf
from market.recalls.stopped_models import StoppedSale
from market.recalls.stopped_rules import MOST_OFFERS, OnShelf, Stopped, StoppedState, choices
from tests.builders.catalog import a_listing, a_product_draft, an_offer_draft
from tests.builders.life import clean, react, two_listings
from tests.builders.orders import an_order, choices_for
from tests.builders.people import an_account
from tests.builders.recalls import a_published_recall
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser

MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)
BY_HAND = frozenset({"delivery.batch_closed", "delivery.batch_planned", "payments.refund_requested"})
IDS = [UUID(int=number) for number in range(8)]


def on_shelf(
    listing: int, product: int = 7, shop: int = 0, price_fen: int = 2000_00, left: int = 5
) -> OnShelf:
    return OnShelf(IDS[listing], IDS[product], IDS[shop], price_fen, left)


WAS = Stopped(IDS[1], IDS[0], 2, 2599_00)


def test_the_same_model_comes_first_then_its_shops_others_then_the_nearest_in_price() -> None:
    found = choices(
        WAS,
        [
            on_shelf(1, shop=2, price_fen=2500_00),
            on_shelf(2, price_fen=3199_00),
            on_shelf(3, product=1, shop=2, price_fen=2649_00),
            on_shelf(4, price_fen=1999_00),
            on_shelf(5, left=1),
        ],
    )
    assert [(IDS.index(one.listing_id), one.is_same, one.more_fen) for one in found] == [
        (3, True, 50_00),
        (2, False, 600_00),
        (4, False, -600_00),
        (1, False, -99_00),
    ]


shelves = st.lists(
    st.builds(
        OnShelf,
        st.uuids(),
        st.sampled_from(IDS[:3]),
        st.sampled_from(IDS[:3]),
        st.integers(1, 10**7),
        st.integers(0, 4),
    ),
    unique_by=lambda one: one.listing_id,
    max_size=12,
)


@given(shelves, st.integers(1, 3))
def test_nothing_is_offered_that_cannot_be_had_and_nothing_better_is_left_out(
    shelf: list[OnShelf], quantity: int
) -> None:
    was = Stopped(IDS[1], IDS[0], quantity, 2599_00)
    found = choices(was, shelf)
    there = {one.listing_id: one for one in shelf if one.left >= quantity}
    assert len(found) == min(len(there), MOST_OFFERS)
    assert {one.listing_id for one in found} <= set(there)
    assert all(one.more_fen == there[one.listing_id].price_fen - 2599_00 for one in found)
    same = [one.is_same for one in found]
    assert same == sorted(same, reverse=True)
    assert choices(was, reversed(shelf)) == found


@pytest.fixture
def washer(session: Session, now: datetime) -> Listing:
    return two_listings(session, now)[0]


@pytest.fixture
def other(session: Session, washer: Listing, now: datetime) -> Listing:
    """Another washer of the same shop, 300 yuan dearer."""
    dearer = an_offer_draft(list_price_fen=309_900, price_fen=289_900)
    return a_listing(
        session, washer.shop, now, product=a_product_draft(name_zh="禾润 12 公斤洗衣机"), offer=dearer
    )


@pytest.fixture
def buyer(session: Session, now: datetime) -> Account:
    return an_account(session, now)


def stopped(session: Session, washer: Listing, buyer: Account, now: datetime) -> tuple[Order, Part]:
    """Her order of one washer, paid in part with points, which a recall of the model has stopped."""
    grant(session, buyer.id, 100_00, "gift", now)
    order = an_order(session, buyer, [(washer, 1)], now, points=100_00)
    a_published_recall(session, washer, now)
    react(session, now, BY_HAND)
    session.expire_all()
    return order, Part(order.id, order.shop_orders[0].id)


def in_cart(session: Session, buyer: Account) -> dict[UUID, int]:
    cart = find(session, Owner(account_id=buyer.id))
    return {line.listing_id: line.quantity for line in cart.lines} if cart else {}


def sale_of(session: Session, part: Part) -> StoppedSale:
    return session.get_one(StoppedSale, part.id, populate_existing=True)


def test_without_a_word_she_has_her_money_back(
    session: Session, washer: Listing, other: Listing, buyer: Account, now: datetime
) -> None:
    order, part = stopped(session, washer, buyer, now)
    sale = sale_of(session, part)
    assert (sale.state, sale.listing_id, sale.stopped_at) == (StoppedState.money, None, now)
    assert (order.state, points(session, buyer.id, now).available) == (OrderState.canceled, 100_00)
    assert in_cart(session, buyer) == {}
    react(session, now, BY_HAND)
    assert sale_of(session, part).state is StoppedState.money
    assert clean(session, now)


def test_another_model_is_offered_with_its_difference_and_is_a_purchase_of_its_own(
    session: Session, washer: Listing, other: Listing, buyer: Account, now: datetime
) -> None:
    _order, part = stopped(session, washer, buyer, now)
    [offer] = instead.offers(session, sale_of(session, part), now)
    assert (offer.listing_id, offer.is_same, offer.more_fen) == (other.id, False, 300_00)
    for _ in range(2):
        instead.choose_instead(session, buyer.id, part, other.id, now)
    assert in_cart(session, buyer) == {other.id: 1}
    again = instead_order(session, buyer, now)
    [line] = again.shop_orders[0].lines
    assert (line.listing_id, line.points_fen, line.paid_fen) == (other.id, 100_00, 2799_00)
    assert points(session, buyer.id, now).available == 0
    assert (sale_of(session, part).state, sale_of(session, part).listing_id) == ("replacement", other.id)
    assert list(audit.breaks(session)) == []
    assert clean(session, now)


def instead_order(session: Session, buyer: Account, now: datetime) -> Order:
    """What is in her cart, ordered with all the points that she has again."""
    return checkout(session, buyer, choices_for(session, buyer, now, points=100_00), str(uuid4()), now)


def test_she_thinks_better_of_it_and_what_she_had_in_her_cart_besides_stays(
    session: Session, washer: Listing, other: Listing, buyer: Account, now: datetime
) -> None:
    _order, part = stopped(session, washer, buyer, now)
    put(session, Owner(account_id=buyer.id), other.id, 2, now)
    instead.choose_instead(session, buyer.id, part, other.id, now)
    assert in_cart(session, buyer) == {other.id: 3}
    for _ in range(2):
        instead.choose_money(session, buyer.id, part, now)
    assert in_cart(session, buyer) == {other.id: 2}
    assert (sale_of(session, part).state, sale_of(session, part).chosen_at) == (StoppedState.money, None)
    third = a_listing(session, washer.shop, now, product=a_product_draft())
    instead.choose_instead(session, buyer.id, part, other.id, now)
    instead.choose_instead(session, buyer.id, part, third.id, now)
    assert in_cart(session, buyer) == {other.id: 2, third.id: 1}


def test_pieces_of_the_same_model_that_are_not_called_back_come_first(
    session: Session, washer: Listing, other: Listing, buyer: Account, now: datetime
) -> None:
    add_serials(session, washer, ["HR26A0001"], now)
    order = an_order(session, buyer, [(washer, 1)], now)
    [shop_order] = order.shop_orders
    confirm_shop_order(session, shop_order.shop_id, shop_order.id, now)
    hand_over(session, shop_order.shop_id, shop_order.id, now)
    receive_at_hub(session, order.county_code, shop_order.id, now)
    run = Scope(ScopeKind.serials, first="HR26A0001", last="HR26A0099")
    recall = a_published_recall(session, washer, now, run)
    react(session, now, BY_HAND)
    session.expire_all()
    assert (shop_order.state, shop_order.reason) == (Fulfillment.refused, "recalled")
    sale, part = sale_of(session, Part(order.id, shop_order.id)), Part(order.id, shop_order.id)
    assert [it.listing_id for it in instead.offers(session, sale, now)] == [other.id]
    clerk = a_clerk(session, washer.shop, now)
    answer_shelf(session, washer.shop_id, recall.id, 1, clerk.id, now)
    session.refresh(washer)
    set_state(session, washer.shop_id, washer.id, ListingState.active, now)
    found = instead.offers(session, sale, now)
    assert [(it.listing_id, it.is_same, it.more_fen) for it in found] == [
        (washer.id, True, 0),
        (other.id, False, 300_00),
    ]
    instead.choose_instead(session, buyer.id, part, washer.id, now)
    assert in_cart(session, buyer) == {washer.id: 1}


def test_she_may_choose_for_a_week_to_the_minute(
    session: Session, washer: Listing, other: Listing, buyer: Account, now: datetime
) -> None:
    _order, part = stopped(session, washer, buyer, now)
    assert len(instead.offers(session, sale_of(session, part), now + WEEK - MINUTE)) == 1
    assert instead.offers(session, sale_of(session, part), now + WEEK) == []
    with pytest.raises(Refused, match=r"recalls\.instead"):
        instead.choose_instead(session, buyer.id, part, other.id, now + WEEK)
    assert (sale_of(session, part).state, in_cart(session, buyer)) == (StoppedState.money, {})


def test_what_is_not_offered_is_refused_and_nothing_changes(
    session: Session, washer: Listing, other: Listing, buyer: Account, now: datetime
) -> None:
    _order, part = stopped(session, washer, buyer, now)
    elsewhere = a_listing(session, a_shop(session, now, "610728", "别县的店"), now)
    short = a_listing(session, washer.shop, now, product=a_product_draft(), stock=0)
    for listing in (washer, elsewhere, short):
        with pytest.raises(Refused, match=r"recalls\.instead"):
            instead.choose_instead(session, buyer.id, part, listing.id, now)
    receive(session, short.id, 1, "进货", now)
    assert len(instead.offers(session, sale_of(session, part), now)) == 2
    assert (sale_of(session, part).state, in_cart(session, buyer)) == (StoppedState.money, {})


def test_nobody_chooses_for_another(
    session: Session, washer: Listing, other: Listing, buyer: Account, now: datetime
) -> None:
    order, part = stopped(session, washer, buyer, now)
    stranger = an_account(session, now)
    for who, what in ((stranger, part), (buyer, Part(uuid4(), part.id)), (buyer, Part(order.id, uuid4()))):
        with pytest.raises(NotFound):
            instead.choose_instead(session, who.id, what, other.id, now)
        with pytest.raises(NotFound):
            instead.choose_money(session, who.id, what, now)
    assert (sale_of(session, part).state, in_cart(session, stranger)) == (StoppedState.money, {})


def test_the_orders_page_says_so_and_puts_another_one_into_the_cart(
    client: Browser,
    session: Session,
    washer: Listing,
    other: Listing,
    buyer: Account,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)
    order, part = stopped(session, washer, buyer, now)
    client.become(buyer)
    page = client.get(f"/orders/{order.id}").text
    for said in (
        "这件在召回，已经停下",
        "付过的钱、积分和补贴都退回",
        other.product.name_zh,
        "比原来的多 ¥300.00",
    ):
        assert said in page
    path = f"/orders/{order.id}/instead/{part.id}"
    assert client.submit(path, {"listing_id": str(other.id)}).location == "/cart"
    assert other.product.name_zh in client.get("/cart").text
    assert f"您想换：{other.product.name_zh}" in client.get(f"/orders/{order.id}").text
    assert client.submit(path, {"listing_id": str(washer.id)}).location == f"/orders/{order.id}"
    assert "这一种现在不能换" in client.get(f"/orders/{order.id}").text
    assert client.submit(path).location == f"/orders/{order.id}"
    assert in_cart(session, buyer) == {}
    client.become(an_account(session, now))
    assert client.submit(path, {"listing_id": str(other.id)}).status_code == 404
    assert client.submit(path).status_code == 404
