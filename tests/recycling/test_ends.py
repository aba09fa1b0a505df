"""Whose it was hears once where it ended, with a way to its trace; the shop reads it in its list alone."""

import pytest
from sqlalchemy import select

from market.kernel import clock
from market.notices.models import Notice
from market.recycling import destroy, hand_on
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.models import DeviceGrade, WipeMethod
from market.recycling.trade_in import open_trade_in, trade_in_collected
from tests.builders.custody import a_dismantler, a_taken_over_fridge, to_the_dismantler, to_the_recycler
from tests.builders.recycling import a_recycler_clerk, price_tables


@pytest.fixture
def fridge(session, consumer, recycler, clerk, now):
    return a_taken_over_fridge(session, consumer, recycler, clerk, now)


def ends(session, account_id):
    found = select(Notice).where(Notice.account_id == account_id, Notice.kind.contains(".ended_"))
    return [(notice.kind, notice.params.get("serial")) for notice in session.scalars(found)]


def test_what_was_sold_on_is_told_with_its_number(session, consumer, recycler, clerk, fridge, now):
    hand_on.grade(session, recycler, clerk.id, fridge.id, DeviceGrade.b, now)
    assert ends(session, consumer.id) == []
    hand_on.resell(session, recycler, clerk.id, fridge.id, "SN-1", 100_00, 3, now)
    assert ends(session, consumer.id) == [("trade_in.ended_resold", "SN-1")]


def test_what_was_dismantled_is_told_once_and_to_nobody_else(session, consumer, recycler, clerk, fridge, now):
    hand_on.grade(session, recycler, clerk.id, fridge.id, DeviceGrade.scrap, now)
    to_the_dismantler(session, recycler, clerk, [fridge.id], now)
    assert ends(session, consumer.id) == [("trade_in.ended_dismantled", None)]
    others = select(Notice).where(Notice.account_id != consumer.id, Notice.kind.contains(".ended_"))
    assert session.scalars(others).all() == []


def test_what_was_destroyed_is_said_to_be(session, consumer, recycler, clerk, now):
    recycler.scope = [*recycler.scope, "tv"]
    price_tables(session)
    tv = open_trade_in(session, consumer.id, "610924", "order:2", "tv", 5, True, True, now)
    trade_in_collected(session, f"trade_in:{tv.id}", now)
    to_the_recycler(session, tv, recycler, now)
    assess_trade_in(session, recycler, clerk.id, tv.id, 14_000, 5, [], "", None, now)
    how = ("TV-9", WipeMethod.shredded, "ISO/IEC 21964 E-4", "碎片")
    destroy.destroy(session, recycler, clerk.id, tv.id, *how, now)
    destroy.witness(session, recycler, a_recycler_clerk(session, recycler, now).id, tv.id, now)
    hand_on.grade(session, recycler, clerk.id, tv.id, DeviceGrade.scrap, now)
    a_dismantler(session, now).scope = ["tv"]
    to_the_dismantler(session, recycler, clerk, [tv.id], now)
    assert ends(session, consumer.id) == [("trade_in.ended_destroyed", "TV-9")]


def test_the_notice_leads_to_the_public_trace(client, session, consumer, recycler, clerk):
    moment = clock.now()
    old = a_taken_over_fridge(session, consumer, recycler, clerk, moment)
    hand_on.grade(session, recycler, clerk.id, old.id, DeviceGrade.b, moment)
    hand_on.resell(session, recycler, clerk.id, old.id, "SN-77", 100_00, 3, moment)
    session.commit()
    client.become(consumer)
    page = client.get("/notices").text
    assert ("继续有人用" in page, "/open/trace/SN-77" in page) == (True, True)
    assert client.get("/open/trace/SN-77").status_code == 200
