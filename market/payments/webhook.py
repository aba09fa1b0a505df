"""Signed news from the provider: stored by its event id, answered at once, worked on from the outbox."""

from datetime import datetime

import stripe
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.payments.events import WebhookReceived
from market.payments.models import Payment, Refund, WebhookEvent
from market.payments.provider import PaymentProvider
from market.payments.send_refund import settle_refund
from market.payments.settle import settle


def receive(session: Session, body: bytes, signature: str, secret: str, now: datetime) -> None:
    """Store a webhook's event, once however often it comes. Raises Refused(``webhook.signature``)."""
    try:
        event = stripe.Webhook.construct_event(body, signature, secret)
    except (ValueError, stripe.SignatureVerificationError) as error:
        raise Refused("webhook.signature") from error
    stored = session.execute(
        insert(WebhookEvent)
        .values(id=event.id, type=event.type, object_reference=event.data.object["id"], received_at=now)
        .on_conflict_do_nothing()
        .returning(WebhookEvent.id)
    ).first()
    if stored:
        emit(session, WebhookReceived(event.id), now, dedupe_key=f"webhook:{event.id}")


def process(session: Session, provider: PaymentProvider, event_id: str, now: datetime) -> None:
    """Settle what the stored event is about. Events about nothing of ours are left alone."""
    event = session.get_one(WebhookEvent, event_id)
    family = event.type.rpartition(".")[0]
    if family.startswith("checkout.session"):
        payment_id = session.scalar(
            select(Payment.id).where(Payment.checkout_reference == event.object_reference)
        )
        if payment_id is not None:
            settle(session, provider, payment_id, now)
    elif family in ("refund", "charge.refund"):
        refund_id = session.scalar(
            select(Refund.id).where(Refund.provider_reference == event.object_reference)
        )
        if refund_id is not None:
            settle_refund(session, provider, refund_id, now)
