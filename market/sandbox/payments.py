"""PaymentIntents and the charges they make.

requires_payment_method → requires_confirmation → succeeded; a decline goes back to requires_payment_method;
canceled is an end. Wallets are paid on Checkout's page only; here an intent is confirmed with a test card.
"""

from typing import Any

from market.sandbox import listing, params
from market.sandbox.cards import TEST_CARD, TEST_METHODS, Decline, details_of
from market.sandbox.errors import StripeError, missing, refused
from market.sandbox.events import emit
from market.sandbox.store import Store, Thing, new_id, public

METHODS = ("card", "alipay", "wechat_pay")
# Stripe takes no less than about half a US dollar and no amount of more than eight digits.
LEAST_FEN, MOST_FEN = 400, 99_999_999


METHOD_LIST = params.many(params.choice(*METHODS))

CREATE = params.record(
    ("amount", "currency"),
    amount=params.integer(1),
    currency=params.choice("cny"),
    allowed_payment_method_types=METHOD_LIST,
    payment_method_types=METHOD_LIST,
    payment_method=params.text(),
    confirm=params.boolean,
    description=params.text(1000),
    metadata=params.metadata,
    expand=listing.EXPAND,
)
CONFIRM = params.record(payment_method=params.text(), return_url=params.url, expand=listing.EXPAND)
CANCEL = params.record(
    cancellation_reason=params.choice("duplicate", "fraudulent", "requested_by_customer", "abandoned"),
    expand=listing.EXPAND,
)


def check_amount(amount: int, param: str) -> None:
    """Raises StripeError where Stripe would not charge this much."""
    if amount < LEAST_FEN:
        raise refused("Amount must convert to at least 50 cents.", code="amount_too_small", param=param)
    if amount > MOST_FEN:
        raise refused("Amount must be no more than ¥999,999.99", code="amount_too_large", param=param)


def methods_of(wanted: Thing) -> list[str]:
    """How it may be paid. API versions from 2026-10 call the parameter "allowed", earlier ones do not."""
    asked = wanted.get("allowed_payment_method_types") or wanted.get("payment_method_types")
    return list(asked or METHODS)


def open_intent(store: Store, amount: int, methods: list[str], **members: Any) -> Thing:
    """A new PaymentIntent, kept and told."""
    id_ = new_id("pi")
    intent = {
        "id": id_,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id_}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": store.now(),
        "currency": "cny",
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "payment_method": None,
        "payment_method_types": methods,
        "status": "requires_payment_method",
        **members,
    }
    store.put(intent)
    emit(store, "payment_intent.created", intent)
    return intent


def create(store: Store, wanted: Thing) -> Thing:
    check_amount(wanted["amount"], "amount")
    if wanted.get("confirm") and "payment_method" not in wanted:
        raise refused(
            "You cannot confirm without a payment method.", code="parameter_missing", param="payment_method"
        )
    decline = _decline_of(wanted["payment_method"]) if "payment_method" in wanted else None
    given: Thing = {
        name: wanted[name] for name in ("payment_method", "description", "metadata") if name in wanted
    }
    if "payment_method" in given:
        given["status"] = "requires_confirmation"
    intent = open_intent(store, wanted["amount"], methods_of(wanted), **given)
    if wanted.get("confirm"):
        _charge_or_raise(store, intent, decline)
    return public(intent)


def confirm(store: Store, wanted: Thing, id_: str) -> Thing:
    intent = listing.retrieve(store, "payment_intent", id_, "intent")
    _require(intent, "confirmed", "requires_payment_method", "requires_confirmation")
    method = wanted.get("payment_method", intent["payment_method"])
    if method is None:
        raise refused(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    _charge_or_raise(store, intent | {"payment_method": method}, _decline_of(method))
    return public(listing.retrieve(store, "payment_intent", id_))


def cancel(store: Store, wanted: Thing, id_: str) -> Thing:
    intent = listing.retrieve(store, "payment_intent", id_, "intent")
    _require(intent, "canceled", "requires_payment_method", "requires_confirmation")
    if "_session" in intent:
        message = "A PaymentIntent created by Checkout cannot be canceled; expire its Checkout Session."
        raise refused(message, code="payment_intent_unexpected_state")
    reason = wanted.get("cancellation_reason")
    intent |= {"status": "canceled", "canceled_at": store.now(), "cancellation_reason": reason}
    store.put(intent)
    emit(store, "payment_intent.canceled", intent)
    return public(intent)


def charge(store: Store, intent: Thing, method: str, decline: Decline | None, card: str = TEST_CARD) -> Thing:
    """Charge `intent` by `method` of payment, or have it declined. The events follow Stripe's order."""
    made = _new_charge(store.now(), intent, method, decline, card)
    store.put(made)
    error = decline and _payment_error(intent, made, decline)
    intent |= {
        "latest_charge": made["id"],
        "last_payment_error": error,
        "payment_method": None if decline else made["payment_method"],
        "status": "requires_payment_method" if decline else "succeeded",
        "amount_received": 0 if decline else intent["amount"],
    }
    store.put(intent)
    emit(store, "charge.failed" if decline else "charge.succeeded", made)
    emit(store, "payment_intent.payment_failed" if decline else "payment_intent.succeeded", intent)
    return made


def _charge_or_raise(store: Store, intent: Thing, decline: Decline | None) -> None:
    charge(store, intent, "card", decline)
    if decline:
        error = intent["last_payment_error"] | {"payment_intent": public(intent)}
        raise StripeError(402, error.pop("type"), error.pop("message"), **error)


def _new_charge(now: int, intent: Thing, method: str, decline: Decline | None, card: str) -> Thing:
    outcome = "issuer_declined" if decline else "authorized"
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if decline else intent["amount"],
        "amount_refunded": 0,
        "captured": not decline,
        "created": now,
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": {"type": outcome, "reason": decline.decline_code if decline else None},
        "paid": not decline,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"] or new_id("pm"),
        "payment_method_details": {"type": method, method: details_of(card) if method == "card" else {}},
        "refunded": False,
        "status": "failed" if decline else "succeeded",
    }


def _payment_error(intent: Thing, made: Thing, decline: Decline) -> Thing:
    error = {"type": decline.kind, "code": decline.code, "message": decline.message, "charge": made["id"]}
    return error | ({"decline_code": decline.decline_code} if decline.decline_code else {})


def _decline_of(method: str) -> Decline | None:
    if method not in TEST_METHODS:
        raise missing("PaymentMethod", method, "payment_method")
    return TEST_METHODS[method]


def _require(intent: Thing, verb: str, *states: str) -> None:
    if intent["status"] not in states:
        message = f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
        raise refused(message, code="payment_intent_unexpected_state", payment_intent=public(intent))
