"""Signed webhooks and the faults that befall them."""

import pytest
import stripe

from tests.builders.stripe_sandbox import SECRET, Endpoint, Sandbox, an_order, eventually, pay

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def a_payment(sandbox: Sandbox) -> None:
    assert pay(sandbox.stripe.v1.checkout.sessions.create(an_order()).url)[0] == 303


def test_the_sdk_verifies_the_signature(sandbox: Sandbox, endpoint: Endpoint) -> None:
    a_payment(sandbox)
    eventually(lambda: len(endpoint.received) == 4)
    signature, payload = endpoint.received[3]
    event = sandbox.stripe.construct_event(payload, signature, SECRET)
    assert (event.type, event.data.object["payment_status"]) == ("checkout.session.completed", "paid")
    assert sandbox.stripe.v1.events.retrieve(event.id).data.object["id"] == event.data.object["id"]
    with pytest.raises(stripe.SignatureVerificationError):
        sandbox.stripe.construct_event(payload, signature, "whsec_of_somebody_else")


def test_a_webhook_that_is_not_received_is_sent_again(sandbox: Sandbox, endpoint: Endpoint) -> None:
    endpoint.statuses = [500, 500]
    a_payment(sandbox)
    eventually(lambda: len(endpoint.received) == 6)
    assert sorted(set(endpoint.types())) == sorted(PAID)
    eventually(lambda: sandbox.control()["webhooks"] == {"delivered": 4})


def test_webhooks_survive_a_kill(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.fault("delay", count=None, seconds=2)
    a_payment(sandbox)
    sandbox.kill()
    assert endpoint.received == []
    sandbox.start()
    eventually(lambda: endpoint.types() == PAID)


def test_duplicate_delivers_an_event_twice(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.fault("duplicate", count=1, match="checkout.session.completed")
    a_payment(sandbox)
    eventually(lambda: len(endpoint.received) == 5)
    assert endpoint.types() == [*PAID, "checkout.session.completed"]
    assert len({event["id"] for event in endpoint.events()}) == 4


def test_reorder_delivers_the_newest_first(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.fault("reorder", count=1)
    a_payment(sandbox)
    eventually(lambda: len(endpoint.received) == 4)
    assert endpoint.types() == PAID[::-1]


def test_drop_never_delivers_but_the_event_can_be_read(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.fault("drop", count=None, match="checkout.session")
    a_payment(sandbox)
    eventually(lambda: len(endpoint.received) == 3)
    assert sandbox.control()["webhooks"] == {"delivered": 3, "dropped": 1}
    assert sandbox.stripe.v1.events.list({"limit": 1}).data[0].type == "checkout.session.completed"


def test_a_bad_signature_comes_first_and_the_good_one_after(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.fault("bad_signature", count=1, match="payment_intent.created")
    endpoint.statuses = [400]
    a_payment(sandbox)
    eventually(lambda: len(endpoint.received) == 5)
    created = [(s, p) for s, p in endpoint.received if b'"type": "payment_intent.created"' in p]
    with pytest.raises(stripe.SignatureVerificationError):
        sandbox.stripe.construct_event(created[0][1], created[0][0], SECRET)
    assert (
        sandbox.stripe.construct_event(created[1][1], created[1][0], SECRET).type == "payment_intent.created"
    )


def test_the_switches_show_their_state_and_go_back(sandbox: Sandbox) -> None:
    sandbox.fault("rate_limit", count=2, probability=1.0)
    with pytest.raises(stripe.RateLimitError):
        sandbox.stripe.v1.charges.list()
    shown = sandbox.control()["faults"]["rate_limit"]
    assert (shown["remaining"], shown["happened"]) == (1, 1)
    sandbox.control("DELETE")
    assert sandbox.stripe.v1.charges.list().data == []
    sandbox.fault("error_500", count=None, probability=0.0)
    assert sandbox.stripe.v1.charges.list().data == []


def test_an_unknown_switch_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="400"):
        sandbox.fault("earthquake")
