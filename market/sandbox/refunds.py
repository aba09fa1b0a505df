"""Refunds: whole or in parts, never more than was charged. Cards settle at once, wallets a little later."""

from market.sandbox import faults, listing, params
from market.sandbox.errors import invalid, refused
from market.sandbox.events import emit
from market.sandbox.store import Store, Thing, new_id, public

DAY_SECONDS = 86_400
# For how long a payment can be given back, where Stripe documents a limit.
WINDOW_DAYS = {"alipay": 90, "wechat_pay": 180}
SETTLES_AFTER_SECONDS = 2

CREATE = params.record(
    charge=params.text(),
    payment_intent=params.text(),
    amount=params.integer(1),
    reason=params.choice("duplicate", "fraudulent", "requested_by_customer"),
    metadata=params.metadata,
    expand=listing.EXPAND,
)


def create(store: Store, wanted: Thing) -> Thing:
    charge = _charge_of(store, wanted)
    amount = wanted.get("amount", charge["amount"] - charge["amount_refunded"])
    _check(store.now(), charge, amount)
    method = charge["payment_method_details"]["type"]
    refund = _new_refund(store.now(), charge, amount, wanted)
    if method in WINDOW_DAYS:
        refund |= {"status": "pending", "pending_reason": "processing"}
        refund["_due_at"] = store.now() + SETTLES_AFTER_SECONDS
    store.put(refund)
    _take_back(store, charge, amount)
    emit(store, "refund.created", refund)
    emit(store, "charge.refunded", charge)
    return public(refund)


def settle(store: Store, refund: Thing) -> None:
    """The wallet's answer to a pending refund: given back, or failed where a fault asks for it."""
    failed = faults.take(store, "refund_failure", refund["id"]) is not None
    refund |= {"status": "failed" if failed else "succeeded", "pending_reason": None, "_due_at": None}
    if failed:
        refund["failure_reason"] = "declined"
        charge = listing.retrieve(store, "charge", refund["charge"])
        _take_back(store, charge, -refund["amount"])
        emit(store, "charge.updated", charge)
        emit(store, "refund.failed", refund)
    store.put(refund)
    emit(store, "refund.updated", refund)
    emit(store, "charge.refund.updated", refund)


def _charge_of(store: Store, wanted: Thing) -> Thing:
    if ("charge" in wanted) == ("payment_intent" in wanted):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid(message, code="parameter_missing")
    if "charge" in wanted:
        charge = listing.retrieve(store, "charge", wanted["charge"], "charge")
    else:
        intent = listing.retrieve(store, "payment_intent", wanted["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise refused(message, code="payment_intent_unexpected_state")
        charge = listing.retrieve(store, "charge", intent["latest_charge"])
    if not charge["paid"]:
        raise refused(f"Charge {charge['id']} failed and cannot be refunded.", param="charge")
    return charge


def _check(now: int, charge: Thing, amount: int) -> None:
    left, method = charge["amount"] - charge["amount_refunded"], charge["payment_method_details"]["type"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise refused(message, code="charge_already_refunded")
    if amount > left:
        whole = "charge amount" if left == charge["amount"] else "unrefunded amount on charge"
        message = f"Refund amount ({_yuan(amount)}) is greater than {whole} ({_yuan(left)})"
        raise refused(message, param="amount")
    if method in WINDOW_DAYS and now > charge["created"] + WINDOW_DAYS[method] * DAY_SECONDS:
        message = f"This {method} payment is more than {WINDOW_DAYS[method]} days old and cannot be refunded."
        raise refused(message, param="charge")


def _yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def _take_back(store: Store, charge: Thing, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.put(charge)


def _new_refund(now: int, charge: Thing, amount: int, wanted: Thing) -> Thing:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "metadata": wanted.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": wanted.get("reason"),
        "receipt_number": None,
        "status": "succeeded",
    }
