"""The figures of public pages, from the rows they speak of."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from market.insights import queries
from market.kernel.ids import new_id
from market.orders.models import (
    Fulfillment,
    Order,
    OrderLine,
    OrderState,
    PaymentMethod,
    PaymentState,
    Place,
    ShopOrder,
)
from market.recycling.models import Recycler, RecyclerState
from market.recycling.queries import is_licensed
from market.shops.apply import apply
from market.shops.change_state import change_state
from market.shops.models import ShopState
from market.subsidies.models import Pot
from tests.builders.catalog import a_listing
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county
from tests.builders.shops import a_shop, an_application
from tests.builders.subsidies import GB_2026, a_funded_programme

ZIYANG, ZHENBA = "610924", "610728"


def an_order(session: Session, now: datetime, lines: list[tuple[list[int], int]], state: Fulfillment) -> None:
    """An order of one shop whose lines are (grades of the labels, pieces), each piece for 10 yuan."""
    shop = a_shop(session, now)
    listing = a_listing(session, shop, now)
    fen = sum(pieces for _, pieces in lines) * 1000
    money: dict[str, Any] = {"goods_fen": fen, "delivery_fee_fen": 0, "payable_fen": fen}
    money |= {"points_fen": 0, "subsidy_fen": 0, "trade_in_fen": 0}
    order = Order(
        number=new_id().hex, account_id=an_account(session, now).id, county_code=ZIYANG, placement_key="once",
        state=OrderState.placed, payment_state=PaymentState.due, payment_method=PaymentMethod.cash,
        place=Place.door, address={}, promised_on=date(2026, 11, 24), total_fen=fen, placed_at=now, **money,
    )  # fmt: skip
    part = ShopOrder(
        order=order, shop_id=shop.id, number=new_id().hex, shop_name=shop.name, state=state,
        commission_bp=300, **money,
    )  # fmt: skip
    part.lines = [_line(listing.id, grades, pieces) for grades, pieces in lines]
    session.add_all([order, part])
    session.flush()


def _line(listing_id: Any, grades: list[int], pieces: int) -> OrderLine:
    fen = pieces * 1000
    return OrderLine(
        listing_id=listing_id, quantity=pieces, snapshot={"labels": [{"grade": grade} for grade in grades]},
        list_fen=fen, shop_promotion_fen=0, coupon_fen=0, points_fen=0, subsidy_base_fen=fen, subsidy_fen=0,
        trade_in_fen=0, paid_fen=fen,
    )  # fmt: skip


def test_delivered_pieces_count_by_the_best_grade_of_their_snapshot(session: Session, now: datetime) -> None:
    an_order(session, now, [([1], 2), ([3, 2], 1), ([], 4)], Fulfillment.delivered)
    assert queries.delivered_by_grade(session, ZIYANG) == {1: 2, 2: 1, None: 4}
    assert queries.delivered_by_grade(session, ZHENBA) == {}


def test_what_is_still_on_the_road_is_not_delivered(session: Session, now: datetime) -> None:
    an_order(session, now, [([1], 2)], Fulfillment.out_for_delivery)
    assert queries.delivered_by_grade(session, ZIYANG) == {}


def test_a_pots_parts_sum_to_its_budget(session: Session, now: datetime) -> None:
    a_county(session)
    a_funded_programme(session, ZIYANG, now, budget_fen=1_000_00)
    pot = session.get_one(Pot, (GB_2026, ZIYANG))
    pot.held, pot.committed, pot.paid = 100_00, 150_00, 200_00
    session.flush()
    (figures,) = queries.pot_figures(session, ZIYANG)
    assert (figures.paid_fen, figures.promised_fen, figures.left_fen) == (200_00, 250_00, 550_00)
    assert queries.pot_figures(session, ZHENBA) == []


def test_the_register_shows_a_suspended_shop_but_no_applicant(session: Session, now: datetime) -> None:
    shop = a_shop(session, now)
    waiting = replace(an_application(name="候批电器行"), licence_number="92610924MA0000009X")
    apply(session, waiting, an_account(session, now).id, now)
    change_state(session, ZIYANG, an_operator(session, now).id, shop.id, ShopState.suspended, "标价不实", now)
    assert [(row.name, row.state_reason) for row, _ in queries.licensed_shops(session, ZIYANG)] == [
        (shop.name, "标价不实")
    ]
    assert queries.licensed_shops(session, ZHENBA) == []


@pytest.mark.parametrize(
    ("state", "on", "may"),
    [
        (RecyclerState.active, date(2026, 1, 1), True),
        (RecyclerState.active, date(2026, 12, 31), True),
        (RecyclerState.active, date(2027, 1, 1), False),
        (RecyclerState.suspended, date(2026, 6, 1), False),
    ],
)
def test_a_recycler_takes_in_while_its_licence_holds(state: RecyclerState, on: date, may: bool) -> None:
    recycler = Recycler(state=state, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    assert is_licensed(recycler, on) is may
