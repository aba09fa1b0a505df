"""What is on record about an order reaches its review's weight, by the worker's handlers."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales.review_facts import facts_of
from market.credit import review_queries
from market.credit.models import RatingEvent, Review, SubjectKind
from market.credit.write_review import write_review
from market.delivery.models import Proof
from market.orders.models import Order, OrderLine
from market.payments.models import Bearer, Refund, RefundKind, RefundState
from market.people.models import Account
from tests.builders.life import clean, react


@pytest.fixture
def review(session: Session, buyer: Account, line: OrderLine, later: datetime) -> Review:
    shop_id = line.shop_order.shop_id
    write_review(session, buyer.id, shop_id, line.listing_id, line.reference, 5, "很好", later)
    return session.scalars(select(Review)).one()


def kinds(session: Session, kind: SubjectKind) -> list[str]:
    of_kind = select(RatingEvent.kind).where(RatingEvent.subject_kind == kind).order_by(RatingEvent.kind)
    return list(session.scalars(of_kind))


def weight(session: Session, review: Review) -> tuple[int, list[str]]:
    shown = review_queries.one(session, review.id)
    return shown.weight_milli, [signal["kind"] for signal in shown.signals]


def test_a_delivery_tells_of_its_shop_courier_and_buyer(
    session: Session, order: Order, now: datetime
) -> None:
    react(session, now)
    assert kinds(session, SubjectKind.shop) == ["handed_over_on_time", "order_completed"]
    assert {"delivered_whole"} < set(kinds(session, SubjectKind.courier))
    assert kinds(session, SubjectKind.buyer) == ["was_at_home"]
    assert clean(session, now)


def test_the_facts_name_the_household_by_a_hash_alone(session: Session, review: Review, order: Order) -> None:
    (facts,) = facts_of(session, [review])
    assert len(facts.address or "") == 64
    assert order.address["detail"] not in (facts.address or "")


def test_a_delivery_that_left_more_than_a_tap_weighs_in_full(
    session: Session, review: Review, later: datetime
) -> None:
    proof = session.scalars(select(Proof)).first()
    assert proof is not None
    proof.serial_numbers = ["SN1"]
    session.flush()
    react(session, later)
    assert weight(session, review) == (1000, [])


def test_without_a_scan_it_weighs_half_and_once(session: Session, review: Review, later: datetime) -> None:
    for proof in session.scalars(select(Proof)):
        proof.serial_numbers, proof.label_codes, proof.photo = [], [], None
    session.flush()
    for _ in range(2):
        react(session, later)
    assert weight(session, review) == (500, ["no_delivery_scan"])
    assert kinds(session, SubjectKind.shop).count("weighed") == 1


@pytest.mark.parametrize(
    ("kind", "signals"),
    [(RefundKind.goodwill, ["refunded_after"]), (RefundKind.returned, [])],
)
def test_money_back_while_the_goods_stay_halves_the_weight_and_a_true_return_does_not(
    session: Session, review: Review, line: OrderLine, later: datetime, kind: RefundKind, signals: list[str]
) -> None:
    for proof in session.scalars(select(Proof)):
        proof.serial_numbers = ["SN1"]
    session.add(
        Refund(
            kind=kind,
            account_id=line.shop_order.order.account_id,
            county_code=line.shop_order.order.county_code,
            shop_order_id=line.shop_order_id,
            reference=f"request:{kind.value}",
            amount_fen=100,
            bearer=Bearer.shop if kind is RefundKind.goodwill else None,
            state=RefundState.approved,
            created_at=later + timedelta(hours=1),
        )
    )
    session.flush()
    react(session, later + timedelta(days=1))
    assert weight(session, review)[1] == signals
