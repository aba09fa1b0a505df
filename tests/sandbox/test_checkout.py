"""Checkout by redirect, through the real SDK and the hosted page's plain form."""

import pytest
import requests
import stripe

from tests.builders.stripe_sandbox import Endpoint, Sandbox, a_price, an_order, eventually, pay


def test_a_session_asks_for_the_sum_of_its_lines(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(an_order())
    assert (session.amount_total, session.currency, session.status) == (299800, "cny", "open")
    assert (session.payment_status, session.payment_intent) == ("unpaid", None)
    assert (session.client_reference_id, session.metadata["order"]) == ("LX-1", "LX-1")


def test_the_lines_can_be_read_beside_the_session_or_inside_it(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(an_order())
    beside = client.v1.checkout.sessions.line_items.list(session.id)
    inside = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})
    assert [line.amount_total for line in beside.data] == [259900, 39900]
    assert [line.description for line in inside.line_items.data] == ["空气源热泵", "电饭煲"]


@pytest.mark.parametrize("method", ["alipay", "wechat_pay"])
def test_paying_by_wallet_completes_the_session(
    client: stripe.StripeClient, endpoint: Endpoint, method: str
) -> None:
    session = client.v1.checkout.sessions.create(an_order())
    status, location, _ = pay(session.url, method)
    assert (status, location) == (303, f"http://127.0.0.1:1/paid?session={session.id}")

    expand = {"expand": ["payment_intent.latest_charge"]}
    paid = client.v1.checkout.sessions.retrieve(session.id, expand)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (paid.payment_intent.status, paid.payment_intent.amount_received) == ("succeeded", 299800)
    assert paid.payment_intent.latest_charge.payment_method_details.type == method
    assert eventually(lambda: len(endpoint.received) >= 4)
    assert endpoint.types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_paying_twice_charges_once(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(an_order())
    first, second = pay(session.url), pay(session.url)
    assert first == second
    assert len(client.v1.charges.list().data) == 1


def test_a_declined_card_leaves_the_session_open_for_another_try(
    client: stripe.StripeClient, endpoint: Endpoint
) -> None:
    session = client.v1.checkout.sessions.create(an_order(locale="zh"))
    status, _, page = pay(session.url, "card", number="4000 0000 0000 0002")
    assert status == 402
    assert "支付被拒绝，没有扣款" in page

    intent = client.v1.payment_intents.list().data[0]
    assert intent.status == "requires_payment_method"
    assert (intent.last_payment_error.code, intent.last_payment_error.decline_code) == (
        "card_declined",
        "generic_decline",
    )
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"

    assert pay(session.url, "card", number="4242424242424242")[0] == 303
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert eventually(lambda: "checkout.session.completed" in endpoint.types())


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("4000000000009995", "not enough funds"),
        ("4000000000000069", "expired"),
        ("4242424242424241", "card number is not correct"),
        ("4539578763621486", "Only test card numbers"),
    ],
)
def test_each_test_card_fails_in_its_own_words(
    client: stripe.StripeClient, number: str, sentence: str
) -> None:
    session = client.v1.checkout.sessions.create(an_order(locale="en"))
    status, _, page = pay(session.url, "card", number=number)
    assert status == 402
    assert sentence in page


def test_a_wallet_can_say_no(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(an_order())
    assert pay(session.url, "alipay", outcome="decline")[0] == 402
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_an_expired_session_cannot_be_paid(client: stripe.StripeClient, endpoint: Endpoint) -> None:
    session = client.v1.checkout.sessions.create(an_order())
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    status, _, page = pay(session.url)
    assert status == 200
    assert "已失效" in page
    assert client.v1.payment_intents.list().data == []
    assert eventually(lambda: endpoint.types() == ["checkout.session.expired"])
    with pytest.raises(stripe.InvalidRequestError, match="status of open"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_session_expires_by_itself(
    sandbox: Sandbox, client: stripe.StripeClient, endpoint: Endpoint
) -> None:
    session = client.v1.checkout.sessions.create(an_order())
    sandbox.control("POST", advance_seconds=24 * 3600)
    assert eventually(lambda: endpoint.types() == ["checkout.session.expired"])
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"success_url": "not an address"}, "success_url", "url_invalid"),
        ({"mode": "subscription"}, "mode", None),
        (
            {"payment_method_types": ["wechat_pay"], "payment_method_options": {}},
            "payment_method_options[wechat_pay][client]",
            None,
        ),
        ({"expires_at": 1}, "expires_at", None),
        ({"surprise": "1"}, "surprise", "parameter_unknown"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data]", "parameter_missing"),
        (
            {"line_items": [{"price_data": a_price(100, "x"), "quantity": -1}]},
            "line_items[0][quantity]",
            "parameter_invalid_integer",
        ),
        (
            {"line_items": [{"price_data": a_price(399, "x"), "quantity": 1}]},
            "line_items",
            "amount_too_small",
        ),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
    ],
)
def test_a_wrong_parameter_is_named(
    client: stripe.StripeClient, changes: dict[str, object], param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(an_order(**changes))
    assert (refusal.value.param, refusal.value.code) == (param, code)
    assert client.v1.checkout.sessions.list().data == []


def test_the_page_speaks_both_languages_and_escapes_what_it_shows(client: stripe.StripeClient) -> None:
    lines = [{"price_data": a_price(5000, "<script>alert(1)</script>"), "quantity": 1}]
    session = client.v1.checkout.sessions.create(an_order(line_items=lines))
    chinese = requests.get(session.url, headers={"Accept-Language": "zh-CN"}, timeout=5)
    english = requests.get(f"{session.url}?lang=en", timeout=5)
    assert "应付金额" in chinese.text
    assert "Amount due" in english.text
    assert "<script>" not in chinese.text
    assert "default-src 'none'" in chinese.headers["Content-Security-Policy"]
