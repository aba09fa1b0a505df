"""Fifty spends at once of points that pay for one."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.points import audit
from market.points.earn import earn, expire, grant, vest
from market.points.models import PointsLot, PointsSpend
from market.points.queries import Balance, balance
from market.points.spend import restore, spend
from market.points.take_back import take_back
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
        assert balance(session, buyer_id, now) == Balance(available=20, pending=0)
        assert session.scalar(select(func.sum(PointsSpend.points))) == 80
        assert list(audit.breaks(session)) == []


@pytest.mark.race
def test_spending_returning_lapsing_and_taking_back_at_once_never_wait_crosswise(fresh_engine, now):
    with Session(fresh_engine) as session:
        buyer_id = an_account(session, now).id
        for number in range(6):
            earn(session, buyer_id, 50, f"shop_order:{number}", now, now)
            grant(session, buyer_id, 50, f"g:{number}", now)
        spend(session, buyer_id, 200, "order:0", now)
        session.commit()
        lots = {lot.reference: lot.id for lot in session.scalars(select(PointsLot))}
    after = now + timedelta(days=400)

    def act(session, number):
        kind, number = number % 5, number // 5
        if kind == 0:
            spend(session, buyer_id, 10, f"order:{number + 1}", now)
        elif kind == 1:
            restore(session, buyer_id, 20, "order:0", f"shop_order:{number}", now)
        elif kind == 2:
            expire(session, lots[f"g:{number}"], after)
        elif kind == 3:
            vest(session, lots[f"shop_order:{number}"], after)
        else:
            take_back(session, f"shop_order:{number}", 1, 2, now)

    assert set(at_once(fresh_engine, 30, act)) <= {"done", "points.short", "points.debt"}
    with Session(fresh_engine) as session:
        assert list(audit.breaks(session)) == []
