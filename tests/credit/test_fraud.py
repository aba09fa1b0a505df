"""Fraud is found by two people, after the charged was heard; the gate opens with it and closes with it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.credit import fraud, queries
from market.credit.appeal import appeal, decide_appeal
from market.credit.fraud_models import FraudCharge, FraudState
from market.credit.fraud_queries import charges, charges_against
from market.credit.models import RatingEvent, SubjectKind
from market.credit.record_event import record_event, replay
from market.kernel.errors import NotFound, Refused
from market.notices.models import Notice
from tests.builders.delivery import a_courier
from tests.builders.people import an_operator
from tests.builders.shops import a_shop, an_owner

SHOP, COUNTY = SubjectKind.shop, "610924"


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def charged(session, shop, now):
    return a_charge(session, shop, now)


def a_charge(session, shop, now):
    first = an_operator(session, now)
    return fraud.charge(
        session, COUNTY, first.id, (SHOP, shop.id), "同一台机器报了两次", "LX261120-AB\nLX261121-CD", now
    )


def decide(session, charged, now, is_found=True, by=None, reasons="两张照片是同一台"):
    by = by or an_operator(session, now)
    return fraud.decide(session, COUNTY, by.id, charged.id, is_found, reasons, now)


def gates(session, shop):
    rating = queries.rating(session, SHOP, shop.id)
    return rating.reasons["gates"] if rating else []


def told(session):
    return session.scalars(select(Notice.kind).order_by(Notice.created_at, Notice.id)).all()


def untouched(session, charged):
    session.expire_all()
    assert (charged.state, charged.event_id, charged.reasons) == (FraudState.charged, None, None)
    assert session.scalar(select(func.count()).select_from(RatingEvent)) == 0


def test_a_charge_tells_the_owners_and_counts_nothing_yet(session, shop, charged, now):
    assert told(session) == ["credit.fraud_charged"]
    assert session.scalars(select(Notice.account_id)).all() == [an_owner(session, shop).id]
    assert (charged.answer_by, gates(session, shop)) == (now + timedelta(days=10), [])
    untouched(session, charged)


def test_whoever_charged_cannot_decide(session, charged, now):
    after = charged.answer_by
    with pytest.raises(Refused, match=r"credit\.own_charge"):
        fraud.decide(session, COUNTY, charged.charged_by_id, charged.id, True, "是", after)
    untouched(session, charged)


@pytest.mark.parametrize("left", [timedelta(days=10), timedelta(minutes=1)])
def test_nobody_is_found_guilty_before_she_was_heard(session, charged, left):
    with pytest.raises(Refused, match=r"credit\.not_heard"):
        decide(session, charged, charged.answer_by - left)
    untouched(session, charged)


def test_at_the_minute_the_time_to_answer_is_over_it_can_be_found(session, shop, charged):
    decide(session, charged, charged.answer_by)
    assert (charged.state, gates(session, shop)) == (FraudState.found, ["fraud_found"])
    assert queries.rating(session, SHOP, shop.id).letter == "D"
    assert told(session) == ["credit.fraud_charged", "credit.fraud_found"]


def test_after_the_answer_it_can_be_found_at_once_and_the_answer_is_given_once(session, shop, charged, now):
    owner = an_owner(session, shop)
    fraud.answer(session, (SHOP, shop.id), owner.id, charged.id, "是两台，串号在箱上", now)
    with pytest.raises(Refused, match=r"credit\.charge_answered"):
        fraud.answer(session, (SHOP, shop.id), owner.id, charged.id, "再说一句", now)
    decide(session, charged, now)
    assert charged.answer == "是两台，串号在箱上"
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        decide(session, charged, now, is_found=False)
    assert gates(session, shop) == ["fraud_found"]


def test_a_charge_may_be_dropped_before_the_answer(session, shop, charged, now):
    decide(session, charged, now, is_found=False)
    assert (charged.state, charged.event_id, gates(session, shop)) == (FraudState.dropped, None, [])
    assert told(session)[-1] == "credit.fraud_dropped"


def test_what_is_cleared_closes_the_gate_and_the_replay_agrees(session, shop, charged, now):
    record_event(session, SHOP, shop.id, "handed_over_on_time", "shop_order:1", now)
    before = queries.rating(session, SHOP, shop.id).letter
    late = charged.answer_by
    decide(session, charged, late)
    with pytest.raises(Refused, match=r"credit\.own_charge"):
        fraud.clear(session, COUNTY, charged.charged_by_id, charged.id, late)
    fraud.clear(session, COUNTY, an_operator(session, now).id, charged.id, late)
    rating = queries.rating(session, SHOP, shop.id)
    assert (charged.state, rating.letter, gates(session, shop)) == (FraudState.cleared, before, [])
    assert replay(session, SHOP, shop.id, rating.as_of).score == rating.score


def test_an_appeal_that_is_upheld_opens_the_way_again(session, shop, charged, now):
    late, owner = charged.answer_by, an_owner(session, shop)
    decide(session, charged, late)
    made = appeal(session, SHOP, shop.id, COUNTY, owner.id, charged.event_id, "是两台", late)
    decide_appeal(session, COUNTY, an_operator(session, now).id, made.id, True, "属实", late)
    assert gates(session, shop) == []


def test_another_countys_shop_is_not_found_and_nothing_is_written(session, now):
    there = a_shop(session, now, "610728", "镇巴家电")
    with pytest.raises(NotFound):
        a_charge(session, there, now)
    assert session.scalar(select(func.count()).select_from(FraudCharge)) == 0


def test_a_charge_is_another_subjects_to_everybody_else(session, shop, charged, now):
    courier = a_courier(session, now)
    with pytest.raises(NotFound):
        fraud.answer(
            session, (SubjectKind.courier, courier.id), courier.account_id, charged.id, "不是我", now
        )
    with pytest.raises(NotFound):
        fraud.decide(session, "610728", an_operator(session, now).id, charged.id, False, "无", now)
    untouched(session, charged)


BARE = [(" ", "LX1", "words"), ("报了两次", "", "evidence")]


@pytest.mark.parametrize(("words", "evidence", "field"), BARE)
def test_a_charge_says_what_and_rests_on_something(session, shop, now, words, evidence, field):
    with pytest.raises(Refused) as refused:
        fraud.charge(session, COUNTY, an_operator(session, now).id, (SHOP, shop.id), words, evidence, now)
    assert (refused.value.code, refused.value.field) == ("credit.charge_words", field)
    assert charges_against(session, SHOP, shop.id) == []


def test_what_waits_comes_first(session, shop, charged, now):
    decide(session, charged, now, is_found=False)
    waits = a_charge(session, shop, now - timedelta(days=3))
    assert list(charges(session, COUNTY)) == [waits, charged]


def test_a_courier_is_charged_like_a_shop(session, now):
    courier = a_courier(session, now)
    subject = (SubjectKind.courier, courier.id)
    made = fraud.charge(session, COUNTY, an_operator(session, now).id, subject, "收了现金没交", "LX1", now)
    assert session.scalars(select(Notice.account_id)).all() == [courier.account_id]
    decide(session, made, made.answer_by)
    assert queries.rating(session, *subject).letter == "D"
