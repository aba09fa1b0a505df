"""Sets of things for one room: made by a shop, bought whole or not at all."""

import uuid
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from market import audit
from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.inventory.freeze import freeze
from market.inventory.models import Stock
from market.inventory.receive import adjust
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.orders.cart import Owner, adopt, entries, find, set_quantity
from market.orders.cart_sets import put_set
from market.orders.checkout import checkout
from market.orders.models import Order
from market.people.models import Account
from market.scenes import audit as scenes_audit
from market.scenes.edit_set import SetDraft, change_set, make_set, set_shown
from market.scenes.models import SceneLine, SceneSet, SetState
from market.scenes.queries import offered_set, sets_in_county
from market.scenes.rules import Missing, Priced, Scene, Terms, promotions
from market.shops.models import Shop
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft
from tests.builders.life import at_once
from tests.builders.orders import choices_for
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.subsidies import a_funded_programme


def priced_at(session: Session, shop: Shop, fen: int, now: datetime, stock: int = 10) -> Listing:
    offer = an_offer_draft(list_price_fen=fen, price_fen=fen)
    return a_listing(
        session, shop, now, stock=stock, product=a_product_draft(name_zh=f"件{fen}"), offer=offer
    )


def a_draft(*lines: tuple[Listing, int], off_fen: int = 100_01, name: str = "厨房三件") -> SetDraft:
    return SetDraft(Scene.kitchen, name, off_fen, {listing.id: pieces for listing, pieces in lines})


@pytest.fixture
def shop(session: Session, now: datetime) -> Shop:
    return a_shop(session, now)


@pytest.fixture
def goods(session: Session, shop: Shop, now: datetime) -> tuple[Listing, Listing, Listing]:
    """1,000, 500 and 500 yuan."""
    first, second, third = (priced_at(session, shop, fen, now) for fen in (100_000, 50_000, 50_000))
    return first, second, third


@pytest.fixture
def kitchen(session: Session, shop: Shop, goods: tuple[Listing, ...], now: datetime) -> SceneSet:
    """All three for 100.01 yuan less."""
    return make_set(session, shop.id, a_draft(*((it, 1) for it in goods)), now)


@pytest.fixture
def buyer(session: Session, now: datetime) -> Account:
    return an_account(session, now)


def off(session: Session, buyer: Account) -> dict[uuid.UUID, int]:
    return {it.listing.id: it.set_off_fen for it in entries(session, Owner(account_id=buyer.id))}


def test_a_promotion_is_shared_by_price_to_the_fen(
    session: Session, goods: tuple[Listing, ...], kitchen: SceneSet, buyer: Account, now: datetime
) -> None:
    put_set(session, Owner(account_id=buyer.id), kitchen.id, now)
    # 10,001 fen over 2 : 1 : 1 is 5,000.5, 2,500.25, 2,500.25; the fen left goes to the largest.
    assert off(session, buyer) == {goods[0].id: 5_001, goods[1].id: 2_500, goods[2].id: 2_500}


def test_an_order_of_a_set_keeps_what_it_took_off_and_the_books_balance(
    session: Session, goods: tuple[Listing, ...], kitchen: SceneSet, buyer: Account, now: datetime
) -> None:
    put_set(session, Owner(account_id=buyer.id), kitchen.id, now)
    order = checkout(session, buyer, choices_for(session, buyer, now), "key", now)
    lines = {line.listing_id: line for part in order.shop_orders for line in part.lines}
    assert {id_: line.shop_promotion_fen for id_, line in lines.items()} == {
        goods[0].id: 5_001,
        goods[1].id: 2_500,
        goods[2].id: 2_500,
    }
    assert (order.goods_fen, lines[goods[0].id].snapshot["set_off_fen"]) == (189_999, 5_001)
    assert audit.run(session, now) == []


def test_the_subsidy_of_a_line_is_reckoned_after_the_sets_promotion(
    session: Session, shop: Shop, buyer: Account, now: datetime
) -> None:
    a_funded_programme(session, shop.county_code, now)
    washer, other = a_listing(session, shop, now), priced_at(session, shop, 259_900, now)
    a_verified_label(session, washer, now)
    made = make_set(session, shop.id, a_draft((washer, 1), (other, 1), off_fen=20_000), now)
    put_set(session, Owner(account_id=buyer.id), made.id, now)
    order = checkout(session, buyer, choices_for(session, buyer, now), "key", now)
    line = next(it for part in order.shop_orders for it in part.lines if it.listing_id == washer.id)
    # 2,599.00 less half of 200.00, of which 15 % and never 20 %: 374.85.
    assert (line.subsidy_base_fen, line.subsidy_fen) == (249_900, 37_485)


def test_a_set_that_is_not_whole_in_the_cart_takes_nothing_off(
    session: Session, goods: tuple[Listing, ...], kitchen: SceneSet, buyer: Account, now: datetime
) -> None:
    owner = Owner(account_id=buyer.id)
    put_set(session, owner, kitchen.id, now)
    set_quantity(session, owner, goods[1].id, 0, now)
    assert set(off(session, buyer).values()) == {0}
    set_quantity(session, owner, goods[1].id, 1, now)
    assert sum(off(session, buyer).values()) == 10_001
    set_quantity(session, owner, goods[1].id, 5, now)
    assert sum(off(session, buyer).values()) == 10_001


def test_two_of_a_set_take_off_twice(
    session: Session, kitchen: SceneSet, buyer: Account, now: datetime
) -> None:
    for _ in range(2):
        put_set(session, Owner(account_id=buyer.id), kitchen.id, now)
    assert sum(off(session, buyer).values()) == 20_002
    cart = find(session, Owner(account_id=buyer.id))
    assert cart is not None
    assert cart.scene_ids == [kitchen.id]


def test_a_hidden_set_takes_nothing_off_any_more(
    session: Session, shop: Shop, kitchen: SceneSet, buyer: Account, now: datetime
) -> None:
    put_set(session, Owner(account_id=buyer.id), kitchen.id, now)
    set_shown(session, shop.id, kitchen.id, SetState.hidden, now)
    assert set(off(session, buyer).values()) == {0}
    with pytest.raises(NotFound):
        put_set(session, Owner(account_id=buyer.id), kitchen.id, now)


@pytest.mark.parametrize("why", list(Missing))
def test_a_set_with_a_part_that_is_gone_recalled_or_short_says_so_and_nothing_goes_into_the_cart(
    session: Session,
    goods: tuple[Listing, ...],
    kitchen: SceneSet,
    buyer: Account,
    now: datetime,
    why: Missing,
) -> None:
    last = goods[2]
    if why is Missing.gone:
        set_state(session, last.shop_id, last.id, ListingState.paused, now)
    elif why is Missing.recalled:
        last.state = ListingState.recalled
        freeze(session, [last.id])
    else:
        adjust(session, last.id, -10, "盘点", now)
    found = offered_set(session, kitchen.id)
    assert found is not None
    assert ([part.missing for part in found.parts], found.is_whole) == ([None, None, why], False)
    with pytest.raises(Refused) as refused:
        put_set(session, Owner(account_id=buyer.id), kitchen.id, now)
    assert (refused.value.code, refused.value.values) == (f"scene.{why}", {"title": "件50000"})
    assert find(session, Owner(account_id=buyer.id)) is None


def test_what_sells_out_after_the_set_was_put_in_keeps_the_whole_order_back(
    session: Session, goods: tuple[Listing, ...], kitchen: SceneSet, buyer: Account, now: datetime
) -> None:
    put_set(session, Owner(account_id=buyer.id), kitchen.id, now)
    choices = choices_for(session, buyer, now)
    adjust(session, goods[1].id, -10, "盘点", now)
    with pytest.raises(Refused, match=r"inventory\.short"), session.begin_nested():
        checkout(session, buyer, choices, "key", now)
    session.expire_all()
    assert session.scalar(select(func.sum(Stock.reserved))) == 0
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_a_visitors_set_comes_with_her_when_she_signs_in(
    session: Session, kitchen: SceneSet, buyer: Account, now: datetime
) -> None:
    put_set(session, Owner(token_hash="visitor"), kitchen.id, now)
    adopt(session, buyer.id, "visitor", now)
    assert sum(off(session, buyer).values()) == 10_001


def test_only_a_set_of_ones_own_things_with_an_honest_promotion_is_made(
    session: Session, shop: Shop, goods: tuple[Listing, ...], kitchen: SceneSet, now: datetime
) -> None:
    first, second, _third = goods
    strangers = priced_at(session, a_shop(session, now, name="远山家电"), 50_000, now)
    drafts = {
        "scene.lines": a_draft((first, 1), name="一件"),
        "scene.pieces": a_draft((first, 1), (second, 10), name="太多"),
        "scene.not_own": a_draft((first, 1), (strangers, 1), name="别人的"),
        "scene.promotion": a_draft((first, 1), (second, 1), off_fen=75_001, name="太便宜"),
        "scene.name_taken": a_draft((first, 1), (second, 1)),
    }
    for code, draft in drafts.items():
        with pytest.raises(Refused) as refused:
            make_set(session, shop.id, draft, now)
        assert refused.value.code == code
    assert session.scalars(select(SceneSet)).all() == [kitchen]


def test_a_set_is_changed_line_by_line_and_nobody_elses_is_found(
    session: Session, shop: Shop, goods: tuple[Listing, ...], kitchen: SceneSet, now: datetime
) -> None:
    first, second, third = goods
    change_set(session, shop.id, kitchen.id, a_draft((third, 2), (first, 1), off_fen=0, name="新名"), now)
    session.expire_all()
    assert [(line.listing_id, line.pieces) for line in kitchen.lines] == [(third.id, 2), (first.id, 1)]
    other = a_shop(session, now, name="远山家电")
    for act in (
        lambda: change_set(session, other.id, kitchen.id, a_draft((second, 1), (third, 1)), now),
        lambda: set_shown(session, other.id, kitchen.id, SetState.hidden, now),
    ):
        with pytest.raises(NotFound):
            act()
    assert (kitchen.name, kitchen.state) == ("新名", SetState.shown)


def test_a_county_sees_its_own_sets_by_scene(session: Session, kitchen: SceneSet) -> None:
    assert [it.scene_set.id for it in sets_in_county(session, "610924", Scene.kitchen)] == [kitchen.id]
    assert sets_in_county(session, "610924", Scene.bath) == []
    assert sets_in_county(session, "610728") == []


def test_the_audit_finds_a_set_that_lost_its_lines_or_took_in_a_strangers(
    session: Session, goods: tuple[Listing, ...], kitchen: SceneSet, now: datetime
) -> None:
    assert list(scenes_audit.breaks(session)) == []
    strangers = priced_at(session, a_shop(session, now, name="远山家电"), 50_000, now)
    second = SceneLine.listing_id == goods[1].id
    session.execute(update(SceneLine).where(second).values(listing_id=strangers.id))
    session.execute(delete(SceneLine).where(SceneLine.listing_id.in_([goods[0].id, goods[2].id])))
    assert list(scenes_audit.breaks(session)) == [
        f"scene set {kitchen.id} has 1 lines",
        f"scene set {kitchen.id} has 1 lines of other shops",
    ]


ids = [new_id() for _ in range(4)]


@given(
    st.dictionaries(st.sampled_from(ids), st.builds(Priced, st.integers(1, 9), st.integers(1, 10**7))),
    st.lists(
        st.builds(
            Terms,
            st.integers(0, 10**7),
            st.dictionaries(st.sampled_from(ids), st.integers(1, 3), min_size=2),
        ),
        max_size=3,
    ),
)
def test_no_cart_is_ever_more_than_half_given_away_and_every_share_is_below_its_price(
    cart: dict[uuid.UUID, Priced], sets: list[Terms]
) -> None:
    taken = promotions(cart, sets)
    assert taken.keys() == cart.keys()
    assert all(0 <= taken[id_] <= line.pieces * line.unit_fen for id_, line in cart.items())
    assert sum(taken.values()) * 2 <= sum(line.pieces * line.unit_fen for line in cart.values())


@pytest.mark.race
def test_twenty_buyers_and_five_sets_make_five_orders(fresh_engine, now):
    with Session(fresh_engine) as session:
        shop = a_shop(session, now)
        few, many = priced_at(session, shop, 100_000, now, stock=5), priced_at(session, shop, 50_000, now, 20)
        made = make_set(session, shop.id, a_draft((few, 1), (many, 2)), now)
        few_id, many_id = few.id, many.id
        chosen = []
        for _ in range(20):
            buyer = an_account(session, now)
            put_set(session, Owner(account_id=buyer.id), made.id, now)
            chosen.append((buyer.id, choices_for(session, buyer, now)))
        session.commit()

    def buy(session: Session, number: int) -> None:
        buyer_id, choices = chosen[number]
        checkout(session, session.get_one(Account, buyer_id), choices, "key", now)

    assert at_once(fresh_engine, 20, buy) == {"done": 5, "inventory.short": 15}
    with Session(fresh_engine) as session:
        assert [session.get_one(Stock, id_).reserved for id_ in (few_id, many_id)] == [5, 10]
        assert audit.run(session, now) == []
