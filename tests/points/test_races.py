"""Fifty spends at once of points that pay for one."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.points import audit
from market.points.earn import grant
from market.points.models import PointsSpend
from market.points.queries import Balance, balance
from market.points.spend import spend
from tests.builders.life import at_once
from tests.builders.people import an_account


@pytest.mark.race
def test_of_fifty_spends_of_eighty_percent_at_once_one_succeeds(fresh_engine, now):
    with Session(fresh_engine) as session:
        buyer_id = an_account(session, now).id
        grant(session, buyer_id, 60, "recycling_order:1", now)
        grant(session, buyer_id, 40, "recycling_order:2", now)
        session.commit()

    def one(session, number):
        spend(session, buyer_id, 80, f"order:{number}", now)

    assert at_once(fresh_engine, 50, one) == {"done": 1, "points.short": 49}
    with Session(fresh_engine) as session:
        assert balance(session, buyer_id) == Balance(available=20, pending=0)
        assert session.scalar(select(func.sum(PointsSpend.points))) == 80
        assert list(audit.breaks(session)) == []
