"""Idempotency keys, as Stripe documents them."""

import threading
import uuid
from typing import Any

import pytest
import requests
import stripe

from tests.builders.stripe_sandbox import KEY, Sandbox, an_order

DAY_SECONDS = 24 * 3600
INTENT = {"amount": "259900", "currency": "cny"}


def post(sandbox: Sandbox, key: str, path: str = "/v1/payment_intents", **form: Any) -> requests.Response:
    return requests.post(
        f"{sandbox.url}{path}",
        data=form or INTENT,
        auth=(KEY, ""),
        headers={"Idempotency-Key": key},
        timeout=10,
    )


def test_the_same_key_and_body_get_the_same_answer(sandbox: Sandbox) -> None:
    first, second = post(sandbox, "once"), post(sandbox, "once")
    assert (second.status_code, second.content) == (200, first.content)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"] != second.headers["Request-Id"]
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


def test_another_body_or_endpoint_under_the_key_is_an_error(sandbox: Sandbox) -> None:
    post(sandbox, "once")
    for answer in (
        post(sandbox, "once", amount="1000", currency="cny"),
        post(sandbox, "once", path="/v1/refunds", charge="ch_1"),
    ):
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    with pytest.raises(stripe.IdempotencyError):
        sandbox.stripe.v1.payment_intents.create(
            {"amount": 1000, "currency": "cny"}, {"idempotency_key": "once"}
        )
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


def test_a_second_request_while_the_first_is_at_work_gets_409(sandbox: Sandbox) -> None:
    sandbox.fault("slow", count=1, seconds=1.0)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(post(sandbox, "both").status_code)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409]
    assert post(sandbox, "both").headers["Idempotent-Replayed"] == "true"


def test_twenty_requests_at_once_make_one_payment(sandbox: Sandbox) -> None:
    threads = [threading.Thread(target=post, args=(sandbox, "storm")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


def test_a_500_is_kept_and_replayed_like_any_answer(sandbox: Sandbox) -> None:
    sandbox.fault("error_500", count=1, match="POST /v1/payment_intents")
    first, second = post(sandbox, "broken"), post(sandbox, "broken")
    assert (first.status_code, second.status_code) == (500, 500)
    assert second.content == first.content
    assert post(sandbox, "whole").status_code == 200
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


def test_a_declined_payment_is_replayed_and_not_tried_again(sandbox: Sandbox) -> None:
    declined = {**INTENT, "confirm": "true", "payment_method": "pm_card_visa_chargeDeclined"}
    first, second = post(sandbox, "no", **declined), post(sandbox, "no", **declined)
    assert (first.status_code, second.status_code, second.content) == (402, 402, first.content)
    assert len(sandbox.stripe.v1.charges.list().data) == 1


def test_what_failed_validation_or_a_limit_is_not_kept(sandbox: Sandbox) -> None:
    assert post(sandbox, "later", amount="many", currency="cny").status_code == 400
    sandbox.fault("rate_limit", count=1)
    assert post(sandbox, "later").status_code == 429
    answer = post(sandbox, "later")
    assert answer.status_code == 200
    assert "Idempotent-Replayed" not in answer.headers


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    first = post(sandbox, "daily").json()
    sandbox.control("POST", advance_seconds=DAY_SECONDS - 60)
    assert post(sandbox, "daily").json() == first
    sandbox.control("POST", advance_seconds=120)
    assert post(sandbox, "daily").json()["id"] != first["id"]


def test_a_kill_after_the_answer_loses_nothing(sandbox: Sandbox) -> None:
    first = post(sandbox, "durable")
    sandbox.kill()
    sandbox.start()
    assert post(sandbox, "durable").content == first.content


def test_a_request_whose_answer_was_lost_is_safe_to_repeat(sandbox: Sandbox) -> None:
    """The work was done and the connection closed: the SDK's own retry finds the saved answer."""
    sandbox.fault("timeout", count=1, seconds=0, match="POST /v1/checkout/sessions")
    patient = stripe.StripeClient(KEY, base_addresses={"api": sandbox.url}, max_network_retries=2)
    session = patient.v1.checkout.sessions.create(an_order(), {"idempotency_key": str(uuid.uuid4())})
    assert session.amount_total == 299800
    assert len(patient.v1.checkout.sessions.list().data) == 1


def test_a_lost_answer_without_a_retry_is_a_connection_error(sandbox: Sandbox) -> None:
    sandbox.fault("timeout", count=1, seconds=0)
    with pytest.raises(stripe.APIConnectionError):
        sandbox.stripe.v1.checkout.sessions.create(an_order())
    assert len(sandbox.stripe.v1.checkout.sessions.list().data) == 1
