"""Reads of payments. A door asks the orders room first whether the order is the actor's."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.payments.models import Payment, PaymentState


def open_payment(session: Session, order_id: uuid.UUID) -> uuid.UUID | None:
    """The order's payment that the provider has yet to tell about, if there is one."""
    return session.scalar(
        select(Payment.id).where(Payment.order_id == order_id, Payment.state == PaymentState.open)
    )
