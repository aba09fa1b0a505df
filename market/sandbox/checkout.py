"""Checkout Sessions: open → complete by a payment, or expired by time or on request.

As with Stripe since 2022-08-01, the PaymentIntent exists from the first attempt to pay, not before.
"""

from typing import Any

from market.sandbox import listing, params
from market.sandbox.cards import TEST_CARD, Decline
from market.sandbox.errors import invalid, refused
from market.sandbox.events import emit
from market.sandbox.payments import METHOD_LIST, charge, check_amount, methods_of, open_intent
from market.sandbox.store import Store, Thing, new_id, public

SOONEST_EXPIRY_SECONDS, LATEST_EXPIRY_SECONDS = 30 * 60, 24 * 3600

_PRODUCT = params.record(
    ("name",),
    name=params.text(),
    description=params.text(),
    images=params.many(params.url, most=8),
    metadata=params.metadata,
)
_PRICE = params.record(
    ("currency", "product_data", "unit_amount"),
    currency=params.choice("cny"),
    unit_amount=params.integer(0, 99_999_999),
    product_data=_PRODUCT,
)
CREATE = params.record(
    ("mode", "line_items", "success_url"),
    mode=params.choice("payment"),
    line_items=params.many(
        params.record(("price_data", "quantity"), price_data=_PRICE, quantity=params.integer(1, 999_999))
    ),
    allowed_payment_method_types=METHOD_LIST,
    payment_method_types=METHOD_LIST,
    payment_method_options=params.record(
        wechat_pay=params.record(("client",), client=params.choice("web")),
        alipay=params.record(),
        card=params.record(),
    ),
    payment_intent_data=params.record(metadata=params.metadata, description=params.text(1000)),
    client_reference_id=params.text(200),
    customer_email=params.text(800),
    metadata=params.metadata,
    locale=params.choice("auto", "zh", "zh-HK", "zh-TW", "en", "en-GB"),
    submit_type=params.choice("auto", "pay"),
    success_url=params.url,
    cancel_url=params.url,
    expires_at=params.integer(),
    expand=listing.EXPAND,
)
EXPIRE = params.record(expand=listing.EXPAND)


def create(store: Store, wanted: Thing, base_url: str) -> Thing:
    """A new session whose hosted page is under `base_url`."""
    items = [_line_item(item) for item in wanted["line_items"]]
    total = sum(item["amount_total"] for item in items)
    if not items:
        raise invalid("The line_items parameter is required in payment mode.", param="line_items")
    check_amount(total, "line_items")
    session = _new_session(store.now(), wanted, total)
    session |= {
        "url": f"{base_url}/c/pay/{session['id']}",
        "_line_items": items,
        "_due_at": session["expires_at"],
    }
    session["_intent"] = wanted.get("payment_intent_data", {})
    store.put(session)
    return public(session)


def expire(store: Store, _wanted: Thing, id_: str) -> Thing:
    session = listing.retrieve(store, "checkout.session", id_, "session")
    if session["status"] != "open":
        message = (
            f"Only Checkout Sessions with a status of open can be expired; this one is {session['status']}."
        )
        raise refused(message)
    end(store, session)
    return public(session)


def end(store: Store, session: Thing) -> None:
    """Close an open session: nobody can pay it any more."""
    session |= {"status": "expired", "url": None, "_due_at": None}
    store.put(session)
    emit(store, "checkout.session.expired", session)


def pay(store: Store, session: Thing, method: str, decline: Decline | None, card: str = TEST_CARD) -> None:
    """One attempt on the hosted page: it completes the session, or leaves it open for another try."""
    intent = _intent_of(store, session)
    charge(store, intent, method, decline, card)
    if decline is None:
        session |= {"status": "complete", "payment_status": "paid", "url": None, "_due_at": None}
    store.put(session)
    if decline is None:
        emit(store, "checkout.session.completed", session)


def _intent_of(store: Store, session: Thing) -> Thing:
    if session["payment_intent"]:
        return listing.retrieve(store, "payment_intent", session["payment_intent"])
    methods, given = session["payment_method_types"], session["_intent"]
    intent = open_intent(store, session["amount_total"], methods, _session=session["id"], **given)
    session["payment_intent"] = intent["id"]
    return intent


def _line_item(wanted: Thing) -> Thing:
    price, quantity = wanted["price_data"], wanted["quantity"]
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": price["product_data"]["name"],
        "price": {
            "id": new_id("price"),
            "object": "price",
            "currency": price["currency"],
            "unit_amount": price["unit_amount"],
        },
        "quantity": quantity,
    }


def _expiry(now: int, wanted: Thing) -> int:
    moment = int(wanted.get("expires_at", now + LATEST_EXPIRY_SECONDS))
    if not now + SOONEST_EXPIRY_SECONDS <= moment <= now + LATEST_EXPIRY_SECONDS:
        message = (
            "The `expires_at` timestamp must be from 30 minutes to 24 hours after Checkout Session creation."
        )
        raise invalid(message, param="expires_at")
    return moment


def _methods(wanted: Thing) -> list[str]:
    options = wanted.get("payment_method_options", {})
    if "wechat_pay" in wanted.get("payment_method_types", []) and "wechat_pay" not in options:
        message = "WeChat Pay needs `payment_method_options[wechat_pay][client]` to be `web`."
        raise invalid(message, param="payment_method_options[wechat_pay][client]")
    return methods_of(wanted)


def _new_session(now: int, wanted: Thing, total: int) -> dict[str, Any]:
    email = wanted.get("customer_email")
    return {
        "id": new_id("cs_test"),
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": wanted.get("cancel_url"),
        "client_reference_id": wanted.get("client_reference_id"),
        "created": now,
        "currency": "cny",
        "customer": None,
        "customer_details": {"email": email} if email else None,
        "customer_email": email,
        "expires_at": _expiry(now, wanted),
        "livemode": False,
        "locale": wanted.get("locale"),
        "metadata": wanted.get("metadata", {}),
        "mode": wanted["mode"],
        "payment_intent": None,
        "payment_method_options": wanted.get("payment_method_options", {}),
        "payment_method_types": _methods(wanted),
        "payment_status": "unpaid",
        "status": "open",
        "submit_type": wanted.get("submit_type"),
        "success_url": wanted["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }
