"""Refunds: parts of a whole, never more; wallets settle later."""

import pytest
import stripe

from tests.builders.stripe_sandbox import Endpoint, Sandbox, an_order, eventually, pay

DAY_SECONDS = 24 * 3600


def a_payment(client: stripe.StripeClient, method: str = "card") -> str:
    """The id of a PaymentIntent of 2,998.00 yuan that was paid."""
    session = client.v1.checkout.sessions.create(an_order())
    pay(session.url, method, number="4242424242424242")
    return str(client.v1.checkout.sessions.retrieve(session.id).payment_intent)


def test_a_card_refund_succeeds_at_once(client: stripe.StripeClient) -> None:
    intent = a_payment(client)
    refund = client.v1.refunds.create({"payment_intent": intent, "reason": "requested_by_customer"})
    charge = client.v1.charges.retrieve(refund.charge)
    assert (refund.status, refund.amount) == ("succeeded", 299800)
    assert (charge.amount_refunded, charge.refunded) == (299800, True)


def test_parts_add_up_to_the_whole_and_no_further(client: stripe.StripeClient) -> None:
    intent = a_payment(client)
    client.v1.refunds.create({"payment_intent": intent, "amount": 100000})
    with pytest.raises(
        stripe.InvalidRequestError, match=r"greater than unrefunded amount on charge"
    ) as refusal:
        client.v1.refunds.create({"payment_intent": intent, "amount": 199801})
    assert refusal.value.param == "amount"
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 199800
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent, "amount": 1})
    assert refusal.value.code == "charge_already_refunded"
    assert [refund.amount for refund in client.v1.refunds.list({"payment_intent": intent}).data] == [
        199800,
        100000,
    ]


def test_more_than_was_charged_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="greater than charge amount"):
        client.v1.refunds.create({"payment_intent": a_payment(client), "amount": 299801})
    assert client.v1.refunds.list().data == []


@pytest.mark.parametrize("method", ["alipay", "wechat_pay"])
def test_a_wallet_refund_is_pending_then_succeeds(
    client: stripe.StripeClient, endpoint: Endpoint, method: str
) -> None:
    refund = client.v1.refunds.create({"payment_intent": a_payment(client, method)})
    assert refund.status == "pending"
    assert eventually(lambda: "refund.updated" in endpoint.types())
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_a_wallet_refund_can_fail_and_the_money_stays(sandbox: Sandbox, endpoint: Endpoint) -> None:
    client = sandbox.stripe
    sandbox.fault("refund_failure")
    refund = client.v1.refunds.create({"payment_intent": a_payment(client, "alipay")})
    assert eventually(lambda: "refund.failed" in endpoint.types())
    failed = client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "declined")
    assert client.v1.charges.retrieve(refund.charge).amount_refunded == 0


def test_a_wallet_payment_can_be_refunded_for_as_long_as_stripe_says(sandbox: Sandbox) -> None:
    intent = a_payment(sandbox.stripe, "alipay")
    sandbox.control("POST", advance_seconds=91 * DAY_SECONDS)
    with pytest.raises(stripe.InvalidRequestError, match="more than 90 days old"):
        sandbox.stripe.v1.refunds.create({"payment_intent": intent})


def test_an_unpaid_intent_has_nothing_to_refund(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "cny"})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": "pi_unknown"})
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
