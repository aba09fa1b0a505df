"""A clerk orders for somebody at the counter: she agrees first, and the clerk learns nothing else of her."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from market.kernel.errors import NotFound, Refused
from market.notices.models import Notice
from market.notices.text_messages import send_text
from market.orders.assist import (
    CODE_FOR,
    MOST_TRIES,
    PLACE_WITHIN,
    AssistDraft,
    agree_by_code,
    agree_on_paper,
    ask_by_code,
    place,
    prepare,
    priced,
)
from market.orders.assisted_models import AssistedOrder, AssistState
from market.orders.audit import breaks
from market.orders.cart import Owner, entries, put
from market.orders.models import Order, OrderState, PaymentMethod
from market.people.consents import withdraw_consent
from market.people.models import Account, Purpose
from market.people.queries import addresses, agrees
from market.people.sign_in import sign_in
from tests.builders.catalog import a_listing, a_scan
from tests.builders.people import an_account, written_address
from tests.builders.shops import a_clerk, a_shop

PHONE = "13916000009"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def clerk(session, shop, now):
    return a_clerk(session, shop, now)


@pytest.fixture
def listing(session, shop, now):
    return a_listing(session, shop, now, stock=5)


@pytest.fixture
def elder(session, now):
    return an_account(session, now, name="孙大爷", phone=PHONE)


@pytest.fixture
def wanted(session, listing):
    return AssistDraft({listing.id: 2}, written_address(session), PaymentMethod.cash)


def code_sent(session, account) -> str:
    notice = session.scalars(select(Notice).where(Notice.account_id == account.id)).one()
    return str(notice.params["code"])


def agreed(session, shop, clerk, elder, now) -> AssistedOrder:
    asked = ask_by_code(session, shop.id, clerk.id, elder.phone, now)
    return agree_by_code(session, shop.id, asked.id, code_sent(session, elder), now)


def refused(act, *args) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        act(*args)
    return caught.value.code, caught.value.field


def test_she_agrees_by_her_code_and_it_is_ordered_for_her(session, shop, clerk, elder, listing, wanted, now):
    put(session, Owner(elder.id), listing.id, 1, now)
    found = agreed(session, shop, clerk, elder, now)
    assert (found.state, found.consent_version, found.agreed_at) == (AssistState.agreed, 1, now)
    assert agrees(session, elder.id, Purpose.assisted)
    prepare(session, shop.id, found.id, wanted, now)
    assert session.scalars(select(Order)).all() == []
    cost = priced(session, found, shop.county_code, now)
    order = place(session, shop.id, found.id, cost.payable_fen, now)
    assert (order.account_id, order.payment_method) == (elder.id, PaymentMethod.cash)
    assert [(line.listing_id, line.quantity) for line in order.shop_orders[0].lines] == [(listing.id, 2)]
    assert place(session, shop.id, found.id, cost.payable_fen, now) is order
    # Her own cart and addresses are as they were.
    assert [line.quantity for line in entries(session, Owner(elder.id))] == [1]
    assert addresses(session, elder.id) == []
    kinds = session.scalars(select(Notice.kind).order_by(Notice.id)).all()
    assert kinds == ["orders.assist_code", "orders.assisted"]


def test_a_number_without_an_account_looks_the_same_and_no_code_fits(session, shop, clerk, now):
    asked = ask_by_code(session, shop.id, clerk.id, PHONE, now)
    assert (asked.state, asked.account_id) == (AssistState.asked, None)
    assert session.scalars(select(Notice)).all() == []
    assert refused(agree_by_code, session, shop.id, asked.id, "123456", now) == ("assist.code", "code")


def test_the_code_is_over_after_ten_minutes_and_after_five_wrong_ones(session, shop, clerk, elder, now):
    asked = ask_by_code(session, shop.id, clerk.id, elder.phone, now)
    code = code_sent(session, elder)
    end = now + CODE_FOR
    assert refused(agree_by_code, session, shop.id, asked.id, code, end) == ("assist.code_over", "code")
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(MOST_TRIES):
        assert refused(agree_by_code, session, shop.id, asked.id, wrong, now)[0] == "assist.code"
    assert refused(agree_by_code, session, shop.id, asked.id, code, now) == ("assist.code_over", "code")
    assert not agrees(session, elder.id, Purpose.assisted)


def test_a_code_at_its_last_minute_still_counts(session, shop, clerk, elder, now):
    asked = ask_by_code(session, shop.id, clerk.id, elder.phone, now)
    code = code_sent(session, elder)
    assert agree_by_code(session, shop.id, asked.id, code, now + CODE_FOR - MINUTE).state == "agreed"


def test_the_code_is_texted_though_she_gets_no_other_texts(session, shop, clerk, elder, now):
    ask_by_code(session, shop.id, clerk.id, elder.phone, now)
    notice = session.scalars(select(Notice)).one()
    carried = []

    class Gateway:
        name = "test"

        def send(self, phone, template, params):
            carried.append((phone, template, params["code"]))

    send_text(session, notice.id, now, Gateway())
    assert carried == [(PHONE, "orders.assist_code", notice.params["code"])]


def test_on_paper_an_account_is_opened_and_only_she_has_its_password(session, shop, clerk, wanted, now):
    photo = a_scan()
    short = session, shop.id, clerk.id, PHONE, "孙大爷", "short", photo, now
    assert refused(agree_on_paper, *short) == ("people.password_short", "password")
    assert session.scalar(select(Account).where(Account.phone == PHONE)) is None
    signed = agree_on_paper(session, shop.id, clerk.id, PHONE, "孙大爷", "her-own-word-7", photo, now)
    assert signed.paper_jpeg.startswith(b"\xff\xd8")
    assert sign_in(session, PHONE, "her-own-word-7", "", now).account.id == signed.account_id
    assert agrees(session, signed.account_id, Purpose.assisted)
    prepare(session, shop.id, signed.id, replace(wanted, method=PaymentMethod.stripe), now)
    order = place(
        session, shop.id, signed.id, priced(session, signed, shop.county_code, now).payable_fen, now
    )
    assert order.pay_before == now + timedelta(minutes=30)
    assert session.scalars(select(Notice.kind)).all() == ["orders.assisted_pay"]


def test_what_she_takes_back_is_not_ordered_any_more(session, shop, clerk, elder, wanted, now):
    found = agreed(session, shop, clerk, elder, now)
    prepare(session, shop.id, found.id, wanted, now)
    cost = priced(session, found, shop.county_code, now)
    withdraw_consent(session, elder.id, Purpose.assisted, now)
    assert refused(place, session, shop.id, found.id, cost.payable_fen, now) == ("assist.over", None)
    assert session.scalars(select(Order)).all() == []


def test_two_hours_after_she_agreed_it_is_over(session, shop, clerk, elder, wanted, now):
    found = agreed(session, shop, clerk, elder, now)
    prepare(session, shop.id, found.id, wanted, now)
    fen = priced(session, found, shop.county_code, now).payable_fen
    end = now + PLACE_WITHIN
    assert refused(place, session, shop.id, found.id, fen, end) == ("assist.over", None)
    assert refused(place, session, shop.id, found.id, fen, now + timedelta(days=1)) == ("assist.over", None)
    assert place(session, shop.id, found.id, fen, end - MINUTE).state is OrderState.placed


def test_another_price_or_another_shops_goods_are_refused(session, shop, clerk, elder, wanted, now):
    other = a_shop(session, now, name="远山家电")
    found = agreed(session, shop, clerk, elder, now)
    theirs = replace(wanted, pieces={a_listing(session, other, now).id: 1})
    assert refused(prepare, session, shop.id, found.id, theirs, now) == ("cart.not_for_sale", "goods")
    prepare(session, shop.id, found.id, wanted, now)
    assert refused(place, session, shop.id, found.id, 1, now)[0] == "checkout.price_changed"
    with pytest.raises(NotFound):
        prepare(session, other.id, found.id, wanted, now)
    assert session.scalars(select(Order)).all() == []


def test_the_audit_names_an_order_that_is_not_the_buyers_who_agreed(session, shop, clerk, elder, wanted, now):
    found = agreed(session, shop, clerk, elder, now)
    prepare(session, shop.id, found.id, wanted, now)
    order = place(session, shop.id, found.id, priced(session, found, shop.county_code, now).payable_fen, now)
    assert [it for it in breaks(session) if "counter" in it] == []
    found.account_id = clerk.id
    session.flush()
    said = f"order {order.number} was placed at the counter without its buyer's consent"
    assert [it for it in breaks(session) if "counter" in it] == [said]
