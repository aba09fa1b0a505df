"""Stripe's test cards, and what each of them brings about."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """Why a payment failed: Stripe's `code`, the finer `decline_code`, the sentence and the error's type."""

    code: str
    decline_code: str | None
    message: str
    kind: str = "card_error"


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
WALLET = Decline(
    "payment_intent_payment_attempt_failed", None, "The payment attempt failed.", "invalid_request_error"
)
TEST_CARD = "4242424242424242"
# The payment methods by which an intent can be confirmed without a page.
TEST_METHODS: dict[str, Decline | None] = {
    "pm_card_visa": None,
    "pm_card_visa_chargeDeclined": GENERIC,
    "pm_card_chargeDeclined": GENERIC,
    "pm_card_chargeDeclinedInsufficientFunds": FUNDS,
}
_NUMBERS: dict[str, Decline | None] = {
    "4242424242424242": None,
    "5555555555554444": None,
    "6200000000000005": None,
    "4000000000000002": GENERIC,
    "4000000000009995": FUNDS,
    "4000000000000069": Decline("expired_card", None, "Your card has expired."),
    "4000000000000127": Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
}


def decline_of(number: str) -> Decline | None:
    """What paying with `number` meets: a mistyped number is wrong, one that is no test number is declined."""
    digits = number.replace(" ", "").replace("-", "")
    if digits in _NUMBERS:
        return _NUMBERS[digits]
    if not digits.isdecimal() or not _luhn(digits):
        return Decline("incorrect_number", None, "Your card number is incorrect.")
    return Decline("card_declined", "test_mode_live_card", "This is a test: only test cards can pay here.")


def details_of(number: str) -> dict[str, str]:
    """What a charge says of its card: the last four digits, and a fingerprint that is each card's own."""
    digits = number.replace(" ", "").replace("-", "")
    return {"last4": digits[-4:], "fingerprint": hashlib.sha256(f"card:{digits}".encode()).hexdigest()[:16]}


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0
