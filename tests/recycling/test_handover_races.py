"""Two scans of one device at once: one of them counts, and the books of custody stay whole."""

import pytest
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.recycling import custody, custody_audit, hand_on, handover
from market.recycling.custody_models import Device
from market.recycling.held import party_of
from market.recycling.models import DeviceGrade
from market.recycling.parties import CONSUMER, Party, Role
from market.recycling.trade_in import open_trade_in
from tests.builders.custody import a_dismantler, a_taken_over_fridge
from tests.builders.delivery import a_courier
from tests.builders.life import at_once
from tests.builders.people import an_account
from tests.builders.recycling import a_recycler, a_recycler_clerk, price_tables

pytestmark = pytest.mark.race
COUNTY = "610924"


def test_of_two_couriers_who_scan_one_code_at_once_one_has_it(fresh_engine, now):
    with Session(fresh_engine) as session:
        owner, courier_ids = an_account(session, now), [a_courier(session, now).account_id for _ in range(2)]
        price_tables(session)
        old = open_trade_in(session, owner.id, COUNTY, "order:1", "fridge", 9, True, True, now)
        code = handover.offer(session, CONSUMER, owner.id, COUNTY, Party(Role.courier), [old.id], now).code
        old_id = old.id
        session.commit()

    def scan(session, number):
        handover.take(session, courier_ids[number % 2], code, now)

    assert at_once(fresh_engine, 8, scan) == {"done": 4, "recycling.handover_taken": 4}
    with Session(fresh_engine) as session:
        assert [row.state for row in custody.trail(session, old_id)] == ["awaiting_pickup", "collected"]
        assert list(custody_audit.breaks(session)) == []


def test_a_device_offered_twice_and_sold_at_once_goes_one_way(fresh_engine, now):
    with Session(fresh_engine, expire_on_commit=False) as session:
        owner, recycler = an_account(session, now), a_recycler(session, now)
        clerk, dismantler = a_recycler_clerk(session, recycler, now), a_dismantler(session, now)
        old = a_taken_over_fridge(session, owner, recycler, clerk, now)
        hand_on.grade(session, recycler, clerk.id, old.id, DeviceGrade.c, now)
        session.commit()

    def let_go(session, number):
        if number % 2:
            giver, to = party_of(recycler), party_of(dismantler)
            try:
                handover.offer(session, giver, clerk.id, COUNTY, to, [old.id], now)
            except NotFound as gone:  # sold a moment before: it is not theirs to offer
                raise Refused("custody.gone") from gone
        else:
            hand_on.resell(session, recycler, clerk.id, old.id, "SN-1", 100_00, 3, now)

    outcome = at_once(fresh_engine, 6, let_go)
    assert outcome["done"] == 1
    with Session(fresh_engine) as session:
        device = session.get_one(Device, old.id)
        assert (device.holder == "buyer") != (device.handover_id is not None and device.holder != "buyer")
        assert list(custody_audit.breaks(session)) == []
