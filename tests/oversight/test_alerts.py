"""Alerts come from the orders themselves."""

from datetime import timedelta

from market.oversight import queries
from market.oversight.rules import Alert, Figure
from market.recycling import prices
from market.recycling.assess import assess
from market.recycling.receive import receive
from tests.builders.people import an_account
from tests.builders.recycling import a_labelled_phone, a_photo, a_recycler_clerk


def test_low_offers_alarm_with_the_orders_behind_them(session, recycler, now):
    clerk = a_recycler_clerk(session, recycler, now)
    codes = []
    for number in range(6):
        order = a_labelled_phone(session, an_account(session, now), now)
        receive(session, recycler, clerk.id, order.id, 210, f"F{number}", a_photo(), now)
        faults = ["battery_weak", "not_working"] if number < 2 else ["battery_weak"]
        assess(session, recycler, clerk.id, order.id, 2, faults, "", a_photo(), now)
        codes.append(order.code)
    assert prices.version(session, "phone:2026-01").verified is False
    assert queries.alerts_of(session, recycler.id, now) == [
        Alert(Figure.bait, 3333, 2000, 6, tuple(codes[:2]))
    ]
    assert queries.alerts_of(session, recycler.id, now + timedelta(days=91)) == []
