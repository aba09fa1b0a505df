"""What is fetched for a return or a repair, on the courier's sheet and at the door."""

import pytest

from market.delivery.drive import complete_stop, fail_stop
from market.delivery.models import JobKind, JobState
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.people.models import Account
from market.web.delivery_text import is_old_appliance
from tests.builders.delivery import a_courier, a_ready_job, a_run_underway
from tests.builders.life import left_at

FREIGHT_FEN = 36_00


@pytest.fixture
def courier(session, now):
    return a_courier(session, now)


@pytest.fixture
def fetched(session, now):
    return a_ready_job(
        session,
        now,
        kind="collect",
        reference=f"return:{new_id()}:pickup",
        cash_due_fen=FREIGHT_FEN,
        skills=frozenset(),
    )


def the_stop(session, courier, now):
    [stop] = a_run_underway(session, courier, now).stops
    return stop


def test_the_freight_is_taken_with_the_goods(session, courier, fetched, now):
    stop = the_stop(session, courier, now)
    with pytest.raises(Refused, match=r"delivery\.cash"):
        complete_stop(session, courier, stop.id, left_at(stop, cash_fen=0), now)
    assert fetched.state is JobState.underway
    complete_stop(session, courier, stop.id, left_at(stop), now)
    assert (fetched.state, stop.proof.cash_fen) == (JobState.done, FREIGHT_FEN)


def test_what_is_not_handed_in_costs_no_freight_and_is_fetched_another_day(session, courier, fetched, now):
    stop = the_stop(session, courier, now)
    kept = left_at(stop, cash_fen=0, not_handed_in=frozenset({fetched.id}))
    with pytest.raises(Refused, match=r"delivery\.cash"):
        complete_stop(session, courier, stop.id, left_at(stop, not_handed_in=kept.not_handed_in), now)
    complete_stop(session, courier, stop.id, kept, now)
    assert (fetched.state, stop.proof.cash_fen) == (JobState.ready, 0)


def test_nobody_at_home_leaves_it_for_the_next_batch(session, courier, fetched, now):
    stop = the_stop(session, courier, now)
    fail_stop(session, courier, stop.id, "nobody_home", now)
    assert fetched.state is JobState.ready


def test_the_sheet_says_what_to_fetch_and_not_an_old_appliance(client, session, courier, fetched, now):
    stop = the_stop(session, courier, now)
    session.commit()
    client.become(session.get_one(Account, courier.account_id))
    page = client.get(f"/courier/stops/{stop.id}").text
    assert "取回" in page
    assert "收走旧家电" not in page
    assert is_old_appliance(fetched) is False
    refused = {"recipient_name": "王秀英", "not_handed_in": [str(fetched.id)], "cash": ""}
    assert client.submit(f"/courier/stops/{stop.id}/done", refused).status_code == 303
    session.expire_all()
    assert (fetched.kind, fetched.state) == (JobKind.collect, JobState.ready)
