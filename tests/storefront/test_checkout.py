"""From the cart to a placed order, and what she sees of it afterwards."""

from datetime import datetime, time

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from market.catalog.change_price import change_price
from market.catalog.models import Listing
from market.kernel import clock
from market.kernel.db import db
from market.kernel.ids import new_id
from market.orders.models import Order, OrderState, PaymentMethod, Place
from market.people.models import Account, Address
from market.points.earn import grant
from tests.builders.people import an_account, an_address
from tests.builders.places import a_station
from tests.builders.recycling import price_tables
from tests.builders.web import Browser, hidden


@pytest.fixture
def address(session: Session, buyer: Account, now: datetime) -> Address:
    return an_address(session, buyer, now)


@pytest.fixture
def full_cart(client: Browser, buyer: Account, address: Address, washer: Listing) -> None:
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})


def shown(client: Browser) -> dict[str, str]:
    """What the page's button would send."""
    found = hidden(client.get("/checkout").text, "expected_payable_fen")
    assert found.keys() >= {"expected_payable_fen", "shown", "Idempotency-Key"}
    return found


def place(client: Browser) -> str:
    """Place the order as shown; where the answer leads."""
    answer = client.submit("/checkout", shown(client))
    assert answer.status_code == 303, answer.text
    return answer.location.partition("?")[0]


@pytest.mark.usefixtures("full_cart")
def test_on_the_large_pages_checkout_asks_one_thing_after_another(client: Browser, address: Address) -> None:
    assert 'href="/checkout"' in client.get("/cart").text
    client.submit("/reading", {"px": "22"})
    assert 'href="/checkout/address?steps=1"' in client.get("/cart").text
    answers = (
        ("address", {"address_id": address.id}, "/checkout/delivery?steps=1"),
        ("delivery", {"place": "door", "day_part": "any"}, "/checkout/trade-in?steps=1"),
        ("trade-in", {"without": "1"}, "/checkout/payment?steps=1"),
        ("payment", {"payment_method": "cash", "points": 0}, "/checkout"),
    )
    for step, answer, then in answers:
        assert client.submit(f"/checkout/{step}?steps=1", answer).location == then
    assert "货到付款，把现金交给送货员" in client.get("/checkout").text


def orders(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Order)) or 0


def test_a_stranger_is_asked_to_sign_in_and_comes_back(client: Browser, washer: Listing) -> None:
    assert client.get("/checkout").location == "/account/sign-in?next=/checkout"


def test_an_empty_cart_leads_back_to_it(client: Browser, address: Address) -> None:
    assert client.get("/checkout").location == "/cart"


def test_without_an_address_she_writes_one_first(client: Browser, buyer: Account, washer: Listing) -> None:
    client.submit("/cart", {"listing_id": washer.id, "quantity": 1})
    assert client.get("/checkout").location == "/checkout/address"
    assert client.get("/checkout/address").location.startswith("/account/addresses/new?next=")


@pytest.mark.usefixtures("full_cart")
def test_what_she_chose_outlives_a_commit_that_failed(
    client: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.submit("/checkout/payment", {"payment_method": "cash", "points": 0})
    fields = shown(client)

    def gone() -> None:
        raise OperationalError("COMMIT", {}, Exception("terminating connection"))

    with monkeypatch.context() as broken:
        broken.setattr(db.session, "commit", gone)
        assert client.submit("/checkout", fields).status_code == 503
    assert orders(session) == 0
    assert client.submit("/checkout", fields).status_code == 303
    assert session.scalars(select(Order.payment_method)).all() == [PaymentMethod.cash]


@pytest.mark.usefixtures("full_cart")
def test_cash_to_the_door(client: Browser, session: Session) -> None:
    client.submit("/checkout/payment", {"payment_method": "cash", "points": 0})
    page = client.get(place(client)).text
    order = session.scalars(select(Order)).one()
    assert order.payment_method is PaymentMethod.cash
    assert order.place is Place.door
    assert order.number in page
    assert "等店铺接单" in page
    assert client.get(f"/orders/{order.id}/receipt").status_code == 200
    assert order.number in client.get("/orders").text


@pytest.mark.usefixtures("full_cart")
def test_paying_online_waits_on_the_order_page(client: Browser) -> None:
    page = client.get(place(client)).text
    assert "去付款" in page
    assert "等待付款" in page


@pytest.mark.usefixtures("full_cart")
def test_the_same_key_places_one_order(client: Browser, session: Session) -> None:
    form = shown(client)
    places = {client.submit("/checkout", form).location for _ in range(2)}
    assert len(places) == 1
    assert orders(session) == 1


@pytest.mark.usefixtures("full_cart")
def test_a_price_that_moved_is_shown_before_anything_is_bought(
    client: Browser, session: Session, washer: Listing, now: datetime
) -> None:
    form = shown(client)
    change_price(session, washer.shop_id, washer.id, 279_900, 269_900, None, now)
    answer = client.submit("/checkout", form)
    assert answer.status_code == 422
    assert "价格有变动" in answer.text
    assert orders(session) == 0
    again = hidden(answer.text, "expected_payable_fen")
    assert int(again["expected_payable_fen"]) - int(form["expected_payable_fen"]) == 10_000
    assert client.submit("/checkout", again).status_code == 303
    assert orders(session) == 1


@pytest.mark.usefixtures("full_cart")
@pytest.mark.parametrize(
    ("where", "choice", "now_shown"),
    [
        ("/checkout/payment", {"payment_method": "cash", "points": 0}, "货到付款，把现金交给送货员"),
        ("/checkout/payment", {"payment_method": "stripe", "points": 100}, "用 100 积分"),
        ("/checkout/delivery", {"place": "station", "station_consent": "y"}, "由站长代收"),
        (
            "/checkout/trade-in",
            {"category_code": "fridge", "age_years": 3, "works": "y", "complete": "y"},
            "送货时收走",
        ),
    ],
)
def test_what_another_tab_has_changed_is_shown_before_anything_is_bought(
    client: Browser,
    session: Session,
    buyer: Account,
    now: datetime,
    where: str,
    choice: dict[str, str | int],
    now_shown: str,
) -> None:
    price_tables(session)
    grant(session, buyer.id, 500, "gift:1", clock.now())
    form = shown(client)
    station = {"station_id": a_station(session).id} if "station" in choice.values() else {}
    assert client.submit(where, {**choice, **station}).status_code == 303
    answer = client.submit("/checkout", form)
    assert answer.status_code == 422
    assert "和刚才那一页不一样了" in answer.text
    assert now_shown in answer.text
    assert orders(session) == 0
    assert client.submit("/checkout", hidden(answer.text, "expected_payable_fen")).status_code == 303
    assert orders(session) == 1


@pytest.mark.usefixtures("full_cart")
def test_choices_lost_by_signing_in_anew_are_not_replaced_unseen(
    client: Browser, session: Session, buyer: Account
) -> None:
    client.submit("/checkout/payment", {"payment_method": "cash", "points": 0})
    form = shown(client)
    anew = Browser(client.application)
    anew.become(buyer)
    answer = anew.submit("/checkout", {**form, "csrf_token": anew.csrf_token()})
    assert answer.status_code == 422
    assert "和刚才那一页不一样了" in answer.text
    assert "网上付款（支付宝、微信、银行卡）" in answer.text
    assert orders(session) == 0


@pytest.mark.usefixtures("full_cart")
def test_an_address_that_was_rewritten_is_shown_before_anything_is_sent_there(
    client: Browser, session: Session, address: Address
) -> None:
    form = shown(client)
    address.detail = "后山 9 号"
    session.flush()
    answer = client.submit("/checkout", form)
    assert answer.status_code == 422
    assert "后山 9 号" in answer.text
    assert orders(session) == 0


@pytest.mark.usefixtures("full_cart")
def test_a_page_that_does_not_say_what_it_showed_places_nothing(client: Browser, session: Session) -> None:
    form = shown(client)
    answer = client.submit("/checkout", {"expected_payable_fen": form["expected_payable_fen"]})
    assert answer.status_code == 422
    assert orders(session) == 0


@pytest.mark.usefixtures("full_cart")
def test_a_cart_that_was_ordered_on_another_device_leads_to_the_order(
    client: Browser, session: Session, buyer: Account
) -> None:
    device = Browser(client.application)
    device.become(buyer)
    form = shown(device)
    place(client)
    for _ in range(2):  # a cart that is empty leaves the key free
        answer = device.submit("/checkout", {**form, "csrf_token": device.csrf_token()})
        assert (answer.status_code, answer.location) == (303, "/orders")
    assert "购物车空了" in device.get("/orders").text
    assert orders(session) == 1


@pytest.mark.usefixtures("full_cart")
def test_a_station_is_used_only_with_her_consent(client: Browser, session: Session) -> None:
    station = a_station(session)
    choice = {"place": "station", "station_id": station.id}
    refused = client.submit("/checkout/delivery", choice)
    assert refused.status_code == 422
    assert "要您同意" in refused.text
    assert client.submit("/checkout/delivery", choice | {"station_consent": "y"}).status_code == 303
    place(client)
    assert session.scalars(select(Order.station_id)).one() == station.id


@pytest.mark.usefixtures("full_cart")
def test_what_is_left_at_a_station_is_paid_online(client: Browser, session: Session) -> None:
    choice = {"place": "station", "station_id": a_station(session).id, "station_consent": "y"}
    client.submit("/checkout/payment", {"payment_method": "cash", "points": 0})
    assert client.submit("/checkout/delivery", choice).status_code == 303
    page = client.get("/checkout").text
    assert "付款方式已改好" in page
    assert "网上付款（支付宝、微信、银行卡）" in page
    answer = client.submit("/checkout/payment", {"payment_method": "cash", "points": 0})
    assert answer.status_code == 422
    assert "想付现金，请选送到家门口" in answer.text


@pytest.mark.usefixtures("full_cart")
def test_points_she_does_not_have_are_refused_beside_the_field(client: Browser) -> None:
    answer = client.submit("/checkout/payment", {"payment_method": "cash", "points": 500})
    assert answer.status_code == 422
    assert "最多可用 0 积分" in answer.text
    assert 'value="500"' in answer.text


@pytest.mark.usefixtures("full_cart")
def test_an_order_can_be_taken_back_until_a_shop_begins(client: Browser, session: Session) -> None:
    where = place(client)
    assert client.submit(f"{where}/cancel").status_code == 303
    assert session.scalars(select(Order.state)).one() is OrderState.canceled
    assert "已取消" in client.get(where).text


@pytest.mark.usefixtures("full_cart")
def test_somebody_elses_order_is_not_found(client: Browser, session: Session, now: datetime) -> None:
    where = place(client)
    stranger = Browser(client.application)
    stranger.become(an_account(session, now))
    for path in (where, f"{where}/receipt"):
        assert stranger.get(path).status_code == 404
    for path in (f"{where}/cancel", f"{where}/pay"):
        assert stranger.submit(path).status_code == 404
    assert stranger.get(f"/pay/return?order={where.rpartition('/')[2]}").status_code == 404
    assert session.scalars(select(Order.state)).one() is OrderState.placed


@pytest.mark.usefixtures("full_cart")
def test_nothing_is_rated_before_it_is_there(client: Browser, session: Session) -> None:
    place(client)
    line = session.scalars(select(Order)).one().shop_orders[0].lines[0]
    assert client.get(f"/review/{line.id}").status_code == 404
    assert client.submit(f"/review/{new_id()}", {"stars": 5}).status_code == 404


def test_her_points_and_their_rules_are_there_to_read(
    client: Browser, buyer: Account, washer: Listing
) -> None:
    page = client.get("/points").text
    assert "1 级能效乘 2，2 级乘 1.5" in page
    assert "30%" in page


def test_an_old_appliance_is_priced_on_the_page_with_the_reasons(
    client: Browser, session: Session, full_cart: None
) -> None:
    price_tables(session)
    client.submit(
        "/checkout/trade-in", {"category_code": "fridge", "age_years": 8, "works": "y", "complete": "y"}
    )
    page = client.get("/checkout")
    assert page.status_code == 200
    assert "送货时收走，折价" in page.text
    assert "用了 8 年" in page.text


@pytest.mark.usefixtures("full_cart")
def test_the_hours_she_chooses_are_shown_kept_and_bought(client: Browser, session: Session) -> None:
    choice = {"place": "door", "day_part": "morning"}
    assert client.submit("/checkout/delivery", choice).status_code == 303
    assert "上午（8 点到 12 点）" in client.get("/checkout").text
    assert 'checked id="day_part-1"' in client.get("/checkout/delivery").text
    page = client.get(place(client)).text
    assert session.execute(select(Order.earliest, Order.latest)).one() == (time(8), time(12))
    assert "08:00–12:00" in page


@pytest.mark.usefixtures("full_cart")
def test_hours_that_are_not_offered_are_refused_and_those_before_stay(client: Browser) -> None:
    client.submit("/checkout/delivery", {"place": "door", "day_part": "afternoon"})
    answer = client.submit("/checkout/delivery", {"place": "door", "day_part": "midnight"})
    assert answer.status_code == 422
    assert "下午（13 点到 18 点）" in client.get("/checkout").text


@pytest.mark.usefixtures("full_cart")
def test_a_station_has_its_own_hours(client: Browser, session: Session) -> None:
    choice = {"place": "station", "station_id": a_station(session).id, "station_consent": "y"}
    client.submit("/checkout/delivery", choice | {"day_part": "morning"})
    assert "上午（8 点到 12 点）" not in client.get("/checkout").text
    place(client)
    assert session.execute(select(Order.earliest, Order.latest)).one() == (None, None)


@pytest.mark.usefixtures("full_cart")
def test_who_has_no_points_is_not_asked_how_many(client: Browser) -> None:
    page = client.get("/checkout/payment").text
    assert "这一单没有积分可用" in page
    assert 'type="number"' not in page
