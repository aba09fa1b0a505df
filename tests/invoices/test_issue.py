"""Blue with the delivery, red with what is taken back; gap-free, once, and never changed."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.invoices import audit
from market.invoices.issue import add_tax_number, issue_blue, issue_red
from market.invoices.models import Invoice, InvoiceKind, InvoiceSeries
from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.orders import deliver
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.cash import a_part_at_hub
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, at_once, clean, delivered, react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_clerk
from tests.builders.web import Browser


@pytest.fixture
def part(session, now):
    """A delivered washer: 2,209.15 of the buyer's money and 389.85 of subsidy."""
    washer, _ = two_listings(session, now)
    order = an_order(session, an_account(session, now, name="王秀英"), [(washer, 1)], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    return order.shop_orders[0]


def blue_of(session):
    return session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.blue)).one()


def test_a_delivery_issues_one_blue_invoice_over_money_and_subsidy_to_the_claimant(session, part, now):
    blue = blue_of(session)
    assert (blue.money_fen, blue.subsidy_fen, blue.total_fen) == (2209_15, 389_85, 2599_00)
    assert (blue.year, blue.number, blue.title) == (2026, 1, "王秀英")
    assert issue_blue(session, part.id, now).id == blue.id
    assert clean(session, now)


def test_red_ones_name_their_blue_and_never_take_back_more(session, part, now):
    first = issue_red(session, part.id, 170_00, 30_00, "refund:1", now)
    assert issue_red(session, part.id, 170_00, 30_00, "refund:1", now).id == first.id
    assert (first.blue_id, first.number, first.total_fen) == (blue_of(session).id, 2, -200_00)
    with pytest.raises(Refused) as refused:
        issue_red(session, part.id, 2399_01, 0, "refund:2", now)
    assert (refused.value.code, refused.value.values) == ("invoice.too_much", {"left_fen": 2399_00})
    assert issue_red(session, part.id, 0, 0, "refund:3", now) is None
    assert session.get_one(InvoiceSeries, (part.shop_id, 2026)).last_number == 2
    assert clean(session, now)


def test_a_new_year_in_china_begins_again_at_one(session, part):
    newyear = datetime(2027, 1, 1, 0, 30, tzinfo=SHANGHAI)
    red = issue_red(session, part.id, 1_00, 0, "refund:1", newyear)
    assert (red.year, red.number) == (2027, 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE invoices SET total_fen = 1, money_fen = 1, subsidy_fen = 0", "DELETE FROM invoices"]
)
def test_an_invoice_is_never_changed(session, part, statement: str):
    spoiling = session.begin_nested()
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text(statement))
    spoiling.rollback()
    assert blue_of(session).total_fen == 2599_00


def test_the_tax_authoritys_number_is_added_by_the_shop_alone(session, part, now):
    blue = blue_of(session)
    with pytest.raises(NotFound):
        add_tax_number(session, an_account(session, now).id, blue.id, "26612000000000000001")
    with pytest.raises(Refused, match=r"invoice\.tax_number"):
        add_tax_number(session, part.shop_id, blue.id, "12x")
    assert blue.tax_number is None
    add_tax_number(session, part.shop_id, blue.id, "2661 2000 0000 0000 0001")
    assert blue.tax_number == "26612000000000000001"


@pytest.mark.race
def test_twenty_deliveries_at_once_are_numbered_without_a_gap(fresh_engine, now):
    with Session(fresh_engine) as session:
        washer, _ = two_listings(session, now, stock=30)
        courier = a_courier(session, now, COUNTY)
        parts = []
        for _ in range(20):
            found = a_part_at_hub(session, washer, now)
            deliver.job_done(session, found.reference, courier.id, now, now)
            parts.append(found.id)
        session.commit()

    def issue(session, number):
        if number % 4 == 0:  # one that dies first leaves no gap
            issue_blue(session, parts[number], now)
            session.rollback()
        issue_blue(session, parts[number], now)

    assert at_once(fresh_engine, 20, issue) == {"done": 20}
    assert at_once(fresh_engine, 20, lambda session, _: issue_blue(session, parts[0], now)) == {"done": 20}
    with Session(fresh_engine) as session:
        assert sorted(session.scalars(select(Invoice.number))) == list(range(1, 21))
        assert list(audit.breaks(session)) == []
        react(session, now)


def test_buyer_shop_and_county_each_see_their_invoices(app, session, part, now):
    blue = blue_of(session)
    buyer, clerk, operator, stranger = (Browser(app) for _ in range(4))
    buyer.become(session.get_one(Account, part.order.account_id))
    clerk.become(a_clerk(session, session.get_one(Shop, part.shop_id), now))
    operator.become(an_operator(session, now))
    stranger.become(an_account(session, now))
    page = f"/orders/{part.order_id}/invoices/{blue.id}"
    assert page in buyer.get(f"/orders/{part.order_id}").text
    shown = buyer.get(page).text
    assert all(said in shown for said in ("王秀英", "贰仟伍佰玖拾玖元整", "2,599.00"))
    assert stranger.get(page).status_code == 404
    assert part.number in clerk.get("/shop/invoices").text
    wrong = clerk.submit(f"/shop/invoices/{blue.id}", {"tax_number": "12ab"})
    assert (wrong.status_code, "8 到 20 位数字" in wrong.text, "12ab" in wrong.text) == (422, True, True)
    assert clerk.submit(f"/shop/invoices/{blue.id}", {"tax_number": "26612000"}).status_code == 303
    assert "26612000" in clerk.get("/shop/invoices.csv").text
    assert "2,599.00" in operator.get("/county/invoices").text
