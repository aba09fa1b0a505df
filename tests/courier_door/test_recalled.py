"""A truck without signal carries the news of a recall; what was handed over in spite of it is turned down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from market.catalog.recall_rule import Scope, ScopeKind
from market.catalog.recalled import first_recalled, mark, open_scope
from market.delivery.models import Job, StopState
from market.kernel import clock
from market.people.models import Account
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier, a_ready_job, a_run_underway
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.phone import Phone
from tests.builders.shops import a_shop

RUN = Scope(ScopeKind.serials, first="HR26A0001", last="HR26A0009")


@pytest.fixture
def moment():
    return clock.now()


@pytest.fixture
def listing(session, now):
    return a_listing(session, a_shop(session, now), now)


@pytest.fixture
def stop(session, client, listing, now):
    """A washer on the road, of a shop order that names its product."""
    courier = a_courier(session, now)
    client.become(session.get_one(Account, courier.account_id))
    a_ready_job(session, now)
    [part] = an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders
    session.scalars(select(Job)).one().reference = part.reference
    return a_run_underway(session, courier, now).stops[0]


@pytest.fixture
def phone(client, stop):
    return Phone(client)


def hand_over(phone, stop, number, ago=timedelta(minutes=11)):
    told = [phone.event("check", stop.id, code=code, ago=ago) for code in ("level", "earthing", "shown")]
    told.append(phone.event("serial", stop.id, number=number, ago=ago))
    needs = [event["id"] for event in told]
    last = phone.event("done", stop.id, recipient="self", confirmed=True, needs=needs, ago=ago)
    return phone.send(*told, last)[-1]


def recalled_of(client):
    [job] = client.get("/courier/day.json").json["runs"][0]["stops"][0]["jobs"]
    return job["recalled"]


def test_the_day_carries_what_is_called_back_of_its_own_goods(client, session, listing, stop, now):
    assert recalled_of(client) is None
    open_scope(session, "recall:1", listing.product_id, RUN, now)
    mark(session, "recall:1", listing.product_id, ["HR25X1"], now)
    session.commit()
    told = {"whole": False, "batches": [], "runs": [["HR26A0001", "HR26A0009"]], "serials": ["HR25X1"]}
    assert recalled_of(client) == told


def test_another_models_recall_is_not_the_trucks(client, session, stop, now):
    other = a_listing(session, a_shop(session, now), now)
    open_scope(session, "recall:1", other.product_id, Scope(ScopeKind.model), now)
    session.commit()
    assert recalled_of(client) is None


def test_a_recalled_number_is_turned_down_with_a_sentence(session, listing, phone, stop, moment):
    open_scope(session, "recall:1", listing.product_id, RUN, moment - timedelta(hours=1))
    session.commit()
    answer = hand_over(phone, stop, "hr26a0005")
    assert (answer["outcome"], answer["reason"]) == ("refused", "delivery.serial_recalled")
    assert "hr26a0005" in answer["sentence"]
    session.refresh(stop)
    assert (stop.state, stop.proof) == (StopState.pending, None)


def test_a_number_outside_the_run_is_taken(session, listing, phone, stop, moment):
    open_scope(session, "recall:1", listing.product_id, RUN, moment - timedelta(hours=1))
    session.commit()
    assert hand_over(phone, stop, "HR26A0010")["outcome"] == "applied"
    session.refresh(stop)
    assert stop.state is StopState.done


def test_what_was_handed_over_before_the_recall_stands(session, listing, phone, stop, moment):
    open_scope(session, "recall:1", listing.product_id, RUN, moment - timedelta(minutes=5))
    session.commit()
    assert hand_over(phone, stop, "HR26A0005")["outcome"] == "applied"
    session.refresh(stop)
    assert stop.state is StopState.done


def test_the_moment_of_the_recall_counts_to_the_second(session, listing, now):
    open_scope(session, "recall:1", listing.product_id, RUN, now)
    asked = (session, ["HR26A0005"], None)
    assert first_recalled(*asked, now - timedelta(seconds=1)) is None
    assert first_recalled(*asked, now) == "HR26A0005"
