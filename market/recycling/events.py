"""What happened in recycling, and its timers. A timer is an event whose row is due later."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class QuoteExpires:
    """A quote's validity is over."""

    kind: ClassVar[str] = "recycling.quote_expires"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class MailInReminder:
    """A label was issued some days ago; the parcel should be on its way."""

    kind: ClassVar[str] = "recycling.mail_in_reminder"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class LabelExpires:
    """A label may no longer be used."""

    kind: ClassVar[str] = "recycling.label_expires"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class TransitOverdue:
    """A parcel should long have arrived."""

    kind: ClassVar[str] = "recycling.transit_overdue"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AssessmentDue:
    """48 hours have passed since a device was received."""

    kind: ClassVar[str] = "recycling.assessment_due"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """The consumer's time to answer a re-offer, or to unlock a device, is over."""

    kind: ClassVar[str] = "recycling.answer_due"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class TradeInAnswerDue:
    """The buyer's time to answer a re-offer for her traded-in appliance is over."""

    kind: ClassVar[str] = "recycling.trade_in_answer_due"
    trade_in_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """An offer stands accepted; its payout is due at once."""

    kind: ClassVar[str] = "recycling.offer_accepted"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class LicenceLapses:
    """The day after a licence's last: a clock. Renewed meanwhile, it rings for nothing."""

    kind: ClassVar[str] = "recycling.licence_lapses"
    recycler_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class RecyclerStopped:
    """A recycler was suspended or its licence lapsed; what was bound for it is elsewhere by now."""

    kind: ClassVar[str] = "recycling.recycler_stopped"
    recycler_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class RecyclerWorks:
    """A recycler was added, renewed or reopened: what waits for one may go to it."""

    kind: ClassVar[str] = "recycling.recycler_works"
    recycler_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ParcelWanted:
    """An order goes by post, and its label needs the carrier's number."""

    kind: ClassVar[str] = "recycling.parcel_wanted"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ParcelCheckDue:
    """The carrier may have more to say of a parcel."""

    kind: ClassVar[str] = "recycling.parcel_check_due"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PickupReminder:
    """The carrier comes tomorrow."""

    kind: ClassVar[str] = "recycling.pickup_reminder"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PayoutDue:
    """Two hours have passed since an offer was accepted."""

    kind: ClassVar[str] = "recycling.payout_due"
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ReturnDue:
    """A device that goes home should have been posted."""

    kind: ClassVar[str] = "recycling.return_due"
    order_id: uuid.UUID
