"""PaymentIntents without a page, lists and their cursors, and who may ask."""

import subprocess
import sys

import pytest
import stripe

from tests.builders.stripe_sandbox import Sandbox


def an_intent(client: stripe.StripeClient, **changes: object) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create({"amount": 259900, "currency": "cny", **changes})


def test_an_intent_is_confirmed_with_a_test_card(client: stripe.StripeClient) -> None:
    intent = an_intent(client, metadata={"order": "LX-1"})
    assert intent.status == "requires_payment_method"
    paid = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_visa", "expand": ["latest_charge"]}
    )
    assert (paid.status, paid.latest_charge.paid, paid.metadata["order"]) == ("succeeded", True, "LX-1")


def test_a_declined_card_is_a_card_error(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as decline:
        an_intent(client, confirm=True, payment_method="pm_card_visa_chargeDeclined")
    assert (decline.value.http_status, decline.value.code) == (402, "card_declined")
    assert decline.value.error.decline_code == "generic_decline"
    assert decline.value.error.payment_intent.status == "requires_payment_method"


def test_a_canceled_intent_is_an_end(client: stripe.StripeClient) -> None:
    intent = an_intent(client)
    assert (
        client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"}).status == "canceled"
    )
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert refusal.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(("amount", "code"), [(399, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_an_amount_has_limits(client: stripe.StripeClient, amount: int, code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        an_intent(client, amount=amount)
    assert (refusal.value.code, refusal.value.param) == (code, "amount")


def test_a_list_is_read_page_by_page_newest_first(client: stripe.StripeClient) -> None:
    made = [an_intent(client, amount=1000 + i).id for i in range(5)]
    first = client.v1.payment_intents.list({"limit": 2})
    assert ([intent.id for intent in first.data], first.has_more) == ([made[4], made[3]], True)
    rest = client.v1.payment_intents.list({"limit": 3, "starting_after": made[3]})
    assert ([intent.id for intent in rest.data], rest.has_more) == ([made[2], made[1], made[0]], False)
    back = client.v1.payment_intents.list({"limit": 1, "ending_before": made[2]})
    assert [intent.id for intent in back.data] == [made[3]]
    assert [intent.id for intent in first.auto_paging_iter()] == made[::-1]


def test_a_list_can_be_narrowed(client: stripe.StripeClient) -> None:
    intent = an_intent(client, confirm=True, payment_method="pm_card_visa")
    an_intent(client, confirm=True, payment_method="pm_card_visa")
    charges = client.v1.charges.list({"payment_intent": intent.id})
    assert [charge.id for charge in charges.data] == [intent.latest_charge]
    assert client.v1.charges.list({"created": {"gt": intent.created + 60}}).data == []
    assert [event.data.object["id"] for event in client.v1.events.list({"type": "charge.succeeded"}).data][
        1
    ] == (intent.latest_charge)


def test_a_wrong_key_is_turned_away(sandbox: Sandbox) -> None:
    stranger = stripe.StripeClient("sk_live_something_else", base_addresses={"api": sandbox.url})
    with pytest.raises(stripe.AuthenticationError, match=r"sk_live\*+else"):
        stranger.v1.payment_intents.list()


def test_production_refuses_the_sandbox_in_one_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "market.sandbox", "--port", "1", "--data", "unused"],
        env={"MARKET_ENV": "production"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "The payment sandbox moves no real money and does not run with MARKET_ENV=production."
    )
