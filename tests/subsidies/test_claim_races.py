"""Two hands on one machine, one claim, one batch: real threads on one database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.subsidies import review, serials, treasury
from market.subsidies.models import Claim, ClaimState
from market.subsidies.review_models import ClaimSerial, TreasuryLine
from tests.builders.claims import (
    a_sold_washer,
    a_washer,
    an_auditor,
    answers,
    approved,
    claim_of,
)
from tests.builders.life import COUNTY, at_once, clean
from tests.builders.people import an_operator

pytestmark = pytest.mark.race


def test_one_serial_number_goes_to_one_of_eight_claims(fresh_engine, now):
    with Session(fresh_engine) as session:
        washer = a_washer(session, now)
        ids = [claim_of(session, a_sold_washer(session, now, washer, serial_numbers=())).id for _ in range(4)]
        session.commit()
    given = []

    def act(session, number):
        claim = session.get_one(Claim, ids[number % 4], with_for_update=True)
        if not serials.take(session, claim, ["SN-1", "SN-2"][:: 1 if number % 2 else -1], now):
            given.append(claim.id)

    assert at_once(fresh_engine, 8, act) == {"done": 8}
    with Session(fresh_engine) as session:
        owners = set(session.scalars(select(ClaimSerial.claim_id)))
    assert len(owners) == 1
    assert set(given) == owners


def test_two_operators_at_once_are_two_pairs_of_eyes_and_one_twice_is_none(fresh_engine, now):
    with Session(fresh_engine) as session:
        claim = claim_of(session, a_sold_washer(session, now))
        auditor = an_auditor(session, now).id
        one, two = (an_operator(session, now).id for _ in range(2))
        review.pass_audit(session, COUNTY, auditor, claim.id, "好", now)
        claim_id = claim.id
        session.commit()

    def by(session, number):
        review.approve(session, COUNTY, one, claim_id, "好", now)

    assert at_once(fresh_engine, 4, by) == {"done": 1, "subsidy.own_decision": 3}
    with Session(fresh_engine) as session:
        assert session.get_one(Claim, claim_id).state is ClaimState.under_review
        review.approve(session, COUNTY, two, claim_id, "好", now)
        assert session.get_one(Claim, claim_id).state is ClaimState.approved


def test_a_claim_is_in_one_batch_and_paid_once(fresh_engine, now):
    with Session(fresh_engine) as session:
        claim = claim_of(session, a_sold_washer(session, now))
        approved(session, claim, now)
        operator = an_operator(session, now).id
        session.commit()
    at_once(fresh_engine, 4, lambda session, _: treasury.make_batch(session, COUNTY, operator, now))
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(TreasuryLine)) == 1
        batch = session.scalars(select(TreasuryLine)).one().batch
        file = treasury.upload(session, COUNTY, operator, answers(batch), now)
        file_id = file.id
        session.commit()
    at_once(fresh_engine, 4, lambda session, _: treasury.apply(session, COUNTY, file_id, now))
    with Session(fresh_engine) as session:
        assert session.scalars(select(Claim.state)).all() == [ClaimState.paid_out]
        assert clean(session, now + timedelta(minutes=1))
        assert treasury.make_batch(session, COUNTY, operator, now) is None
