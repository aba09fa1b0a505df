"""Many at one moment: places at a point, one label at many scanners, one statement at many desks."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.collection import audit, carry
from market.collection.bring import drop_off
from market.collection.models import CollectionPoint, PointRoom
from market.kernel.clock import SHANGHAI
from market.ledger.queries import balance
from market.ledger.rules import BANK
from market.places.rules import Position
from market.recycling import custody, send_in
from market.recycling.assess import assess
from market.recycling.pay_out import pay_out
from market.recycling.receive import receive
from market.settlements import audit as money
from market.settlements.statements import confirm_statement, draw_up_statements
from tests.builders.collection import a_point
from tests.builders.life import at_once
from tests.builders.mail_in import a_quoted_phone
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_labelled_phone, a_photo, a_recycler, a_recycler_clerk

pytestmark = pytest.mark.race
HERE = Position(32.59, 108.46)


def test_of_ten_orders_for_three_places_three_are_kept_room_for(fresh_engine, now):
    with Session(fresh_engine) as session:
        point_id, _ = a_point(session, now, units={"phone": 3}).id, a_recycler(session, now)
        orders = []
        for _ in range(10):
            person = an_account(session, now)
            orders.append((person.id, a_quoted_phone(session, person, now).id))
        session.commit()

    def choose(session, number):
        carry.carry_to_point(session, *orders[number], point_id, HERE, now)

    assert at_once(fresh_engine, 10, choose) == {"done": 3, "collection.full": 7}
    with Session(fresh_engine) as session:
        assert session.get_one(PointRoom, (point_id, "phone")).load_units == 3
        assert list(audit.breaks(session)) == []


def test_six_scans_of_one_label_sign_once(fresh_engine, now):
    with Session(fresh_engine) as session:
        point, person = a_point(session, now), an_account(session, now)
        a_recycler(session, now)
        order = a_quoted_phone(session, person, now)
        carry.carry_to_point(session, person.id, order.id, point.id, HERE, now)
        send_in.accept_quote(session, person.id, order.id, now)
        point_id, person_id, order_id, code = point.id, person.id, order.id, order.code
        session.commit()

    def scan(session, number):
        drop_off(session, session.get_one(CollectionPoint, point_id), person_id, code, now)

    assert at_once(fresh_engine, 6, scan) == {"done": 6}
    with Session(fresh_engine) as session:
        signed = [row for row in custody.trail(session, order_id) if "signed_in" in row.details]
        assert (len(signed), list(audit.breaks(session))) == (1, [])


def test_a_statement_confirmed_at_eight_desks_is_paid_once(fresh_engine, now):
    later = datetime(2026, 12, 1, tzinfo=SHANGHAI)
    with Session(fresh_engine) as session:
        recycler = a_recycler(session, now)
        clerk = a_recycler_clerk(session, recycler, now)
        order = a_labelled_phone(session, an_account(session, now), now)
        receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), now)
        assess(session, recycler, clerk.id, order.id, 2, ["battery_weak"], "", None, now)
        pay_out(session, order.id, now)
        (made,) = draw_up_statements(session, "610924", later.date().replace(month=11), later)
        statement_id, operator_id = made.id, an_operator(session, now).id
        session.commit()

    def confirm(session, number):
        confirm_statement(session, "610924", operator_id, statement_id, f"HD-{number:04d}", later)

    assert at_once(fresh_engine, 8, confirm) == {"done": 8}
    with Session(fresh_engine) as session:
        assert (balance(session, BANK), list(money.breaks(session))) == (38_250, [])
