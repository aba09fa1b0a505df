"""Weigh a shop's reviews by what is on record about the orders behind them."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.models import Review
from market.credit.signals import ReviewFacts
from market.credit.weigh_reviews import weigh_reviews
from market.delivery.models import Proof
from market.delivery.queries import proof_of
from market.orders.models import Order, OrderLine, Place, ShopOrder
from market.payments.models import Refund, RefundKind, RefundState
from market.payments.queries import payers_of

LOOK_BACK = timedelta(days=30)
MOST = 300  # texts are compared pair by pair
# Money back while the goods stay. What came back in a courier's hands was a real trade, and a real complaint.
PAID_BACK = (RefundKind.goodwill, RefundKind.reduced)
SETTLED = (RefundState.approved, RefundState.sent, RefundState.succeeded)


def weigh_with(session: Session, review_id: uuid.UUID, now: datetime) -> None:
    """A review was written or edited: weigh it with those of its shop from the month before it."""
    review = session.get_one(Review, review_id)
    _weigh(session, review.shop_id, now)


def weigh_refunded(session: Session, refund_id: uuid.UUID, now: datetime) -> None:
    """The county decided on a refund: what was written about that order may weigh less."""
    shop_id = session.scalar(
        select(ShopOrder.shop_id)
        .join(Refund, Refund.shop_order_id == ShopOrder.id)
        .where(Refund.id == refund_id)
    )
    if shop_id is not None:
        _weigh(session, shop_id, now)


def _weigh(session: Session, shop_id: uuid.UUID, now: datetime) -> None:
    reviews = session.scalars(
        select(Review)
        .where(Review.shop_id == shop_id, Review.created_at > now - LOOK_BACK)
        .order_by(Review.created_at.desc(), Review.id)
        .limit(MOST)
    ).all()
    weigh_reviews(session, shop_id, facts_of(session, reviews), now)


def facts_of(session: Session, reviews: Sequence[Review]) -> list[ReviewFacts]:
    """What is on record about each of these reviews whose order is known."""
    parts = _parts(session, reviews)
    payers = payers_of(session, [part.order_id for part in parts.values()])
    refunded = _refunded(session, [part.id for part in parts.values()])
    return [
        _facts(
            review,
            part,
            proof_of(session, part.reference),
            payers.get(part.order_id),
            refunded.get(part.id),
        )
        for review in reviews
        if (part := parts.get(review.reference))
    ]


def _facts(
    review: Review, part: ShopOrder, proof: Proof | None, payer: str | None, refunded_at: datetime | None
) -> ReviewFacts:
    return ReviewFacts(
        review_id=review.id,
        author_id=review.author_id,
        written_at=review.created_at,
        text=review.text,
        device=review.device_hash,
        address=_household(part.order),
        payer=payer,
        was_scanned=proof is not None and _is_scan(proof),
        refunded_at=refunded_at,
    )


def _household(order: Order) -> str | None:
    """One door, by hash; None for a station, which is its whole village's."""
    if order.place is Place.station:
        return None
    where = f"{order.address['village_code']}:{order.address['detail']}"
    return hashlib.sha256(where.encode()).hexdigest()


def _is_scan(proof: Proof) -> bool:
    """Whether the courier left more than a tap: a photo, a number, a label, or the recipient's code."""
    return bool(proof.photo or proof.serial_numbers or proof.label_codes or proof.code_matches)


def _parts(session: Session, reviews: Sequence[Review]) -> dict[str, ShopOrder]:
    ids = {
        uuid.UUID(it.reference.removeprefix("order_line:")): it.reference for it in reviews if _is_line(it)
    }
    rows = session.execute(
        select(OrderLine.id, ShopOrder)
        .join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id)
        .where(OrderLine.id.in_(ids))
    )
    return {ids[line_id]: part for line_id, part in rows}


def _is_line(review: Review) -> bool:
    return review.reference.startswith("order_line:")


def _refunded(session: Session, shop_order_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of these was last paid back while its goods stayed."""
    rows = session.execute(
        select(Refund.shop_order_id, Refund.created_at)
        .where(
            Refund.shop_order_id.in_(shop_order_ids),
            Refund.kind.in_(PAID_BACK),
            Refund.state.in_(SETTLED),
        )
        .order_by(Refund.created_at)
    )
    return {shop_order_id: at for shop_order_id, at in rows if shop_order_id is not None}
