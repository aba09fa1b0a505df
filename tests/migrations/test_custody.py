"""Custody keeps what is there: devices of both kinds survive the way down and up again, and still add up."""

from datetime import datetime

from sqlalchemy.orm import Session

from market import migrate
from market.embedded import OWNER
from market.recycling import custody, custody_audit, hand_on, send_in
from market.recycling.custody_models import Device
from market.recycling.mass_balance import balance_of
from market.recycling.models import DeviceGrade
from market.recycling.receive import receive
from tests.builders.custody import a_taken_over_fridge, to_the_dismantler
from tests.builders.people import an_account
from tests.builders.recycling import a_labelled_phone, a_photo, a_recycler, a_recycler_clerk
from tests.database import fresh_database


def test_devices_go_down_and_up_again_and_still_add_up(postgres, now: datetime):
    with fresh_database(postgres) as own:
        with Session(own) as session:
            person, recycler = an_account(session, now), a_recycler(session, now)
            clerk = a_recycler_clerk(session, recycler, now)
            phone = a_labelled_phone(session, person, now)
            send_in.mark_posted(session, person.id, phone.id, "SF1", now)
            receive(session, recycler, clerk.id, phone.id, 198, "F-1", a_photo(), now)
            kept, gone = (a_taken_over_fridge(session, person, recycler, clerk, now) for _ in range(2))
            hand_on.grade(session, recycler, clerk.id, gone.id, DeviceGrade.scrap, now)
            to_the_dismantler(session, recycler, clerk, [gone.id], now)
            ids = (phone.id, kept.id, gone.id)
            recycler_id = recycler.id
            session.commit()
        owner_url = postgres.url(OWNER, own.url.database or "")
        migrate.downgrade(owner_url, "0016")
        migrate.upgrade(owner_url)
        with Session(own) as session:
            held = f"recycler:{recycler_id}"
            assert [session.get_one(Device, it).holder for it in ids] == [held, held, held]
            assert [custody.broken_at(custody.trail(session, it)) for it in ids] == [None, None, None]
            found = balance_of(session, recycler_id)
            assert (found.received, found.stock) == (found.accounted, found.received)
            assert found.received.grams == 198 + 61_500 + 61_500
            assert list(custody_audit.breaks(session)) == []
