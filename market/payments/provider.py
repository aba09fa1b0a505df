"""What the market asks of a payment provider, and Stripe's answer to it.

A domestic gateway takes the place of `StripeProvider` by having the same methods: mainland businesses
cannot open a Stripe account.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import stripe
from stripe.params.checkout import SessionCreateParams

from market.kernel.seal import Seal
from market.payments.models import PaymentState, RefundState
from market.settings import SANDBOX_KEY, Settings

TIMEOUT_SECONDS = 8
RETRIES = 2
CURRENCY = "cny"
PAYER_PURPOSE = "payer"


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """One order to be paid: what the hosted page shows, and where it sends the buyer afterwards."""

    payment_id: str
    order_number: str
    amount_fen: int
    locale: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted page: its reference at the provider and its address."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What the provider says of a payment now."""

    state: PaymentState
    amount_fen: int
    currency: str
    capture_reference: str | None
    method: str | None
    payer_hash: str | None = None  # of the card, keyed: equal for two payments from one card


@dataclass(frozen=True, slots=True)
class RefundTruth:
    """What the provider says of a refund now; one it would not take has no reference, but a `failure`."""

    reference: str | None
    state: RefundState
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """A payment in the provider's own list."""

    reference: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund in the provider's own list, and the `key` that it was asked for with (None: not by us)."""

    reference: str
    capture_reference: str
    amount_fen: int
    state: RefundState
    key: str | None


class PaymentProvider(Protocol):
    """Takes money by redirect, tells the truth about it, and gives it back."""

    def open_checkout(self, request: CheckoutRequest) -> Checkout:
        """A hosted page for `request`; the same request gives the same page."""

    def fetch(self, checkout_reference: str) -> Truth:
        """What became of a hosted page."""

    def close_checkout(self, checkout_reference: str) -> None:
        """Take no more money on a hosted page; nothing happens where it is paid or closed."""

    def refund(self, capture_reference: str, amount_fen: int, key: str) -> RefundTruth:
        """Give `amount_fen` back; the same `key` gives the same refund."""

    def fetch_refund(self, refund_reference: str) -> RefundTruth:
        """What became of a refund."""

    def captured(self) -> Iterator[Captured]:
        """Every payment that succeeded, as the provider lists them."""

    def refunds(self) -> Iterator[Refunded]:
        """Every refund, as the provider lists them."""


_CHECKOUT_STATES = {"open": PaymentState.open, "expired": PaymentState.expired}
_REFUND_STATES = {
    "succeeded": RefundState.succeeded,
    "failed": RefundState.failed,
    "canceled": RefundState.failed,
}


class StripeProvider:
    """Stripe Checkout by redirect: card, Alipay and WeChat Pay, in CNY. No card field is ever ours."""

    def __init__(self, settings: Settings) -> None:
        self._secrets = settings.secret_keys
        self._client = stripe.StripeClient(
            settings.stripe_api_key or SANDBOX_KEY,
            base_addresses={"api": settings.stripe_api_base} if settings.stripe_api_base else {},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    def open_checkout(self, request: CheckoutRequest) -> Checkout:
        session = self._client.v1.checkout.sessions.create(
            _session_params(request), {"idempotency_key": f"checkout:{request.payment_id}"}
        )
        return Checkout(session.id, session.url or "")

    def fetch(self, checkout_reference: str) -> Truth:
        session = self._client.v1.checkout.sessions.retrieve(
            checkout_reference, {"expand": ["payment_intent.latest_charge"]}
        )
        intent: Any = session.payment_intent
        paid = session.payment_status == "paid"
        state = (
            PaymentState.captured if paid else _CHECKOUT_STATES.get(session.status or "", PaymentState.open)
        )
        details = intent.latest_charge.payment_method_details if paid and intent.latest_charge else None
        return Truth(
            state,
            session.amount_total or 0,
            session.currency or "",
            intent.id if intent else None,
            details.type if details else None,
            self._payer_hash(details),
        )

    def _payer_hash(self, details: Any) -> str | None:
        """Stripe tells cards apart by a `fingerprint`, wallets not at all. It is never kept as it is."""
        card = getattr(details, "card", None)
        fingerprint = getattr(card, "fingerprint", None)
        if not fingerprint or not self._secrets:
            return None
        return Seal(self._secrets, PAYER_PURPOSE).fingerprints(fingerprint)[0]

    def close_checkout(self, checkout_reference: str) -> None:
        session = self._client.v1.checkout.sessions.retrieve(checkout_reference)
        if session.status == "open":
            self._client.v1.checkout.sessions.expire(checkout_reference)

    def refund(self, capture_reference: str, amount_fen: int, key: str) -> RefundTruth:
        try:
            found = self._client.v1.refunds.create(
                {"payment_intent": capture_reference, "amount": amount_fen, "metadata": {"refund": key}},
                {"idempotency_key": f"refund:{key}"},
            )
        except stripe.InvalidRequestError as error:
            # It will be refused however often it is sent: too old, or given back by hand meanwhile.
            return RefundTruth(None, RefundState.failed, error.user_message or str(error))
        return _refund_truth(found)

    def fetch_refund(self, refund_reference: str) -> RefundTruth:
        return _refund_truth(self._client.v1.refunds.retrieve(refund_reference))

    def captured(self) -> Iterator[Captured]:
        for intent in self._client.v1.payment_intents.list({"limit": 100}).auto_paging_iter():
            if intent.status == "succeeded":
                yield Captured(intent.id, intent.amount_received)

    def refunds(self) -> Iterator[Refunded]:
        for refund in self._client.v1.refunds.list({"limit": 100}).auto_paging_iter():
            yield Refunded(
                refund.id,
                str(refund.payment_intent),
                refund.amount,
                _refund_truth(refund).state,
                refund.metadata["refund"] if refund.metadata and "refund" in refund.metadata else None,
            )


@cache
def stripe_provider(settings: Settings) -> PaymentProvider:
    """The process's one client for `settings`; its connections are kept."""
    return StripeProvider(settings)


def _session_params(request: CheckoutRequest) -> SessionCreateParams:
    return {
        "mode": "payment",
        "allowed_payment_method_types": ["card", "alipay", "wechat_pay"],
        "payment_method_options": {"wechat_pay": {"client": "web"}},
        "client_reference_id": request.payment_id,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": CURRENCY,
                    "unit_amount": request.amount_fen,
                    "product_data": {"name": request.order_number},
                },
            }
        ],
        "locale": "zh" if request.locale.startswith("zh") else "en",
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }


def _refund_truth(found: stripe.Refund) -> RefundTruth:
    state = _REFUND_STATES.get(found.status or "", RefundState.sent)
    return RefundTruth(found.id, state, found.failure_reason if state is RefundState.failed else None)
