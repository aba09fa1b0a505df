"""Where walkers pay online: a provider in memory, who gives the same answer however often it is asked.

Most pay; some leave the page. A refund arrives at once, takes its time, or does not go through.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import urlsplit

from market.payments.models import PaymentState, RefundState
from market.payments.provider import (
    CURRENCY,
    Captured,
    Checkout,
    CheckoutRequest,
    Refunded,
    RefundTruth,
    Truth,
)

HOST = "https://pay.example"


@dataclass(slots=True)
class _Page:
    request: CheckoutRequest
    state: PaymentState = PaymentState.open


class Till:
    """A `PaymentProvider` whose pages walkers visit; money it never moves."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}

    def visit(self, url: str, chance: Random) -> str:
        """Pay on the page, or go away; where one is led from there."""
        page = self._pages[url.removeprefix(f"{HOST}/")]
        pays = page.state is PaymentState.open and chance.random() < 0.85
        if pays:
            page.state = PaymentState.captured
        back = urlsplit(page.request.success_url if pays else page.request.cancel_url)
        return f"{back.path}?{back.query}"

    def open_checkout(self, request: CheckoutRequest) -> Checkout:
        """See `PaymentProvider`."""
        self._pages.setdefault(request.payment_id, _Page(request))
        return Checkout(request.payment_id, f"{HOST}/{request.payment_id}")

    def fetch(self, checkout_reference: str) -> Truth:
        """See `PaymentProvider`."""
        page = self._pages[checkout_reference]
        return Truth(page.state, page.request.amount_fen, CURRENCY, f"pi_{checkout_reference}", "card")

    def close_checkout(self, checkout_reference: str) -> None:
        """See `PaymentProvider`."""
        page = self._pages[checkout_reference]
        if page.state is PaymentState.open:
            page.state = PaymentState.expired

    def refund(self, capture_reference: str, amount_fen: int, key: str) -> RefundTruth:
        """See `PaymentProvider`: half arrive at once, a third are on their way, the rest fail."""
        luck = zlib.crc32(key.encode()) % 6
        if luck == 0:
            return RefundTruth(f"re_{key}", RefundState.failed, "expired_or_canceled_card")
        return RefundTruth(f"re_{key}", RefundState.sent if luck < 3 else RefundState.succeeded)

    def fetch_refund(self, refund_reference: str) -> RefundTruth:
        """See `PaymentProvider`: what was on its way has arrived."""
        return RefundTruth(refund_reference, RefundState.succeeded)

    def captured(self) -> Iterator[Captured]:
        """See `PaymentProvider`: nobody compares lists in a walk."""
        return iter(())

    def refunds(self) -> Iterator[Refunded]:
        """See `PaymentProvider`: nobody compares lists in a walk."""
        return iter(())
