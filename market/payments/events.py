"""What payments do outside the transaction that caused it."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class WebhookReceived:
    """A signed event of the provider's has been stored."""

    kind: ClassVar[str] = "payments.webhook_received"
    event_id: str


@dataclass(frozen=True, slots=True)
class RefundDecided:
    """The county has approved or rejected what a person asked for."""

    kind: ClassVar[str] = "payments.refund_decided"
    refund_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class RefundRequested:
    """A refund is to be sent to the provider."""

    kind: ClassVar[str] = "payments.refund_requested"
    refund_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class BillPaid:
    """A bill of a higher room's was paid online; that room says whether it still was due."""

    kind: ClassVar[str] = "payments.bill_paid"
    payment_id: uuid.UUID
    bill: str
