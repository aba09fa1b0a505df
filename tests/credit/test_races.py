"""Many at one moment, each in a transaction of its own: nothing is lost and nothing is counted twice."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.credit import audit, queries
from market.credit.appeal import appeal, decide_appeal
from market.credit.models import RatingEvent, SubjectKind
from market.credit.record_event import record_event
from tests.builders.life import at_once
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_shop

SHOP = SubjectKind.shop


def test_events_of_one_shop_at_one_moment_all_count_and_replay(fresh_engine, now):
    with Session(fresh_engine) as session:
        shop_id = a_shop(session, now).id
        session.commit()

    def record(session, number):
        at = now - timedelta(days=number)  # the later thread may bring the older news
        record_event(session, SHOP, shop_id, "handed_over_late", f"so:{number // 2}", at)

    assert at_once(fresh_engine, 8, record) == {"done": 8}
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(RatingEvent)) == 4
        assert queries.rating(session, SHOP, shop_id).known_events == 4
        assert list(audit.breaks(session)) == []


def test_an_appeal_is_made_once_and_decided_once(fresh_engine, now):
    with Session(fresh_engine) as session:
        shop_id, owner_id = a_shop(session, now).id, an_account(session, now).id
        operators = [an_operator(session, now).id for _ in range(4)]
        event_id = record_event(session, SHOP, shop_id, "dispute_lost", "return:1", now)
        session.commit()

    def ask(session, _number):
        appeal(session, SHOP, shop_id, "610924", owner_id, event_id, "不对", now)

    assert at_once(fresh_engine, 4, ask) == {"done": 1, "credit.already_appealed": 3}
    with Session(fresh_engine) as session:
        appeal_id = queries.appeals(session, "610924")[0].appeal.id

    def decide(session, number):
        decide_appeal(session, "610924", operators[number], appeal_id, number % 2 == 0, "看过", now)

    assert at_once(fresh_engine, 4, decide) == {"done": 1, "state.illegal_move": 3}
    with Session(fresh_engine) as session:
        assert list(audit.breaks(session)) == []
