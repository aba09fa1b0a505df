"""Reads of payments. A door asks the orders room first whether the order is the actor's."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.orders.models import ShopOrder
from market.payments.models import Payment, PaymentState, Refund, RefundLine, RefundState


def open_payment(session: Session, order_id: uuid.UUID) -> uuid.UUID | None:
    """The order's payment that the provider has yet to tell about, if there is one."""
    return session.scalar(
        select(Payment.id)
        .where(Payment.order_id == order_id, Payment.due_id.is_(None), Payment.bill.is_(None))
        .where(Payment.state == PaymentState.open)
    )


def open_payment_of_due(session: Session, due_id: uuid.UUID) -> uuid.UUID | None:
    """The payment of a trade-in's due that the provider has yet to tell about, if there is one."""
    return session.scalar(
        select(Payment.id).where(Payment.due_id == due_id, Payment.state == PaymentState.open)
    )


def open_payment_of_bill(session: Session, bill: str) -> uuid.UUID | None:
    """The payment of a higher room's bill that the provider has yet to tell about, if there is one."""
    return session.scalar(select(Payment.id).where(Payment.bill == bill, Payment.state == PaymentState.open))


def refunds_of_shop_orders(
    session: Session, shop_order_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Refund]]:
    """The refunds of each of the shop orders that has any, the first asked for first."""
    rows = session.scalars(
        select(Refund).where(Refund.shop_order_id.in_(shop_order_ids)).order_by(Refund.created_at, Refund.id)
    )
    found: dict[uuid.UUID, list[Refund]] = {}
    for row in rows:
        if row.shop_order_id is not None:
            found.setdefault(row.shop_order_id, []).append(row)
    return found


def pieces_back(session: Session, order_line_id: uuid.UUID) -> int:
    """How many pieces of the line have been asked back, those of rejected requests left out."""
    found = session.scalar(
        select(func.coalesce(func.sum(RefundLine.quantity), 0))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(RefundLine.order_line_id == order_line_id, Refund.state != RefundState.rejected)
    )
    return int(found or 0)


def county_refunds(
    session: Session, county_code: str, states: Sequence[RefundState], limit: int = 100
) -> list[tuple[Refund, ShopOrder | None]]:
    """The county's refunds in `states`, the longest waiting first, each with the shop order it is of.

    Deposits, and what was paid too late, are of none.
    """
    return _with_parts(session, county_code, states, Refund.created_at, Refund.id, limit=limit)


def last_refunds(
    session: Session, county_code: str, states: Sequence[RefundState], limit: int = 20
) -> list[tuple[Refund, ShopOrder | None]]:
    """As `county_refunds`, the latest settled first."""
    latest = Refund.settled_at.desc().nulls_last(), Refund.id.desc()
    return _with_parts(session, county_code, states, *latest, limit=limit)


def _with_parts(
    session: Session,
    county_code: str,
    states: Sequence[RefundState],
    *order: ColumnElement[Any] | InstrumentedAttribute[Any],
    limit: int,
) -> list[tuple[Refund, ShopOrder | None]]:
    rows = session.execute(
        select(Refund, ShopOrder)
        .outerjoin(ShopOrder, ShopOrder.id == Refund.shop_order_id)
        .where(Refund.county_code == county_code, Refund.state.in_(states))
        .order_by(*order)
        .limit(limit)
    )
    return [(refund, shop_order) for refund, shop_order in rows]


def pieces_given_back(session: Session, order_line_id: uuid.UUID) -> int:
    """How many pieces of a line came back, or are about to, by refunds that were not rejected."""
    found = session.scalar(
        select(func.coalesce(func.sum(RefundLine.quantity), 0))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(RefundLine.order_line_id == order_line_id, Refund.state != RefundState.rejected)
    )
    return int(found or 0)


def refund_asked(session: Session, key: str) -> Refund | None:
    """The refund that was asked for under `key`."""
    return session.scalar(select(Refund).where(Refund.reference == f"request:{key}"))


def refund_of(session: Session, reference: str) -> Refund | None:
    """The refund of `reference`."""
    return session.scalar(select(Refund).where(Refund.reference == reference))


def payers_of(session: Session, order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """By order, the keyed hash of the card that paid it; orders paid by wallet or in cash are left out."""
    rows = session.execute(
        select(Payment.order_id, Payment.payer_hash)
        .where(Payment.order_id.in_(order_ids), Payment.state == PaymentState.captured)
        .where(Payment.due_id.is_(None), Payment.bill.is_(None), Payment.payer_hash.is_not(None))
        .order_by(Payment.settled_at)
    )
    return {order_id: payer for order_id, payer in rows if order_id is not None and payer is not None}
