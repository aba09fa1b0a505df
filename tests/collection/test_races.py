"""Many at one point at one moment: nothing is ever above 100 %."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.collection import audit
from market.collection.bring import book, drop_off, route, take_in
from market.collection.models import CollectionPoint, PointItem, PointRoom
from market.places.rules import Position
from tests.builders.collection import a_point
from tests.builders.life import at_once
from tests.builders.people import an_account

pytestmark = pytest.mark.race


@pytest.fixture
def ids(fresh_engine, now):
    with Session(fresh_engine) as session:
        point = a_point(session, now, units={"phone": 7})
        person = an_account(session, now)
        session.commit()
        return point.id, person.id


def test_of_twenty_for_seven_places_seven_come_in(fresh_engine, ids, now):
    point_id, person_id = ids

    def come(session, number):
        point = session.get_one(CollectionPoint, point_id)
        if number % 2:
            take_in(session, point, person_id, "phone", "", now)
        else:
            book(session, point, person_id, "phone", now)

    assert at_once(fresh_engine, 20, come) == {"done": 7, "collection.full": 13}
    with Session(fresh_engine) as session:
        assert session.get_one(PointRoom, (point_id, "phone")).load_units == 7
        assert session.get_one(CollectionPoint, point_id).load_cm3 == 8_400
        assert list(audit.breaks(session)) == []


def test_routing_fills_the_nearest_and_then_the_next_and_never_above(fresh_engine, ids, now):
    _, person_id = ids
    with Session(fresh_engine) as session:
        a_point(session, now, name="远", lat=32.5, units={"phone": 5})
        session.commit()

    def send(session, number):
        route(session, "610924", person_id, "phone", Position(32.59, 108.46), now)

    assert at_once(fresh_engine, 16, send) == {"done": 12, "collection.no_point": 4}
    with Session(fresh_engine) as session:
        assert sorted(session.scalars(select(PointRoom.load_units))) == [5, 7]
        assert list(audit.breaks(session)) == []


def test_two_scans_of_one_code_at_once_take_it_in_once(fresh_engine, ids, now):
    point_id, person_id = ids
    with Session(fresh_engine) as session:
        code = book(session, session.get_one(CollectionPoint, point_id), person_id, "phone", now).code
        session.commit()

    def scan(session, number):
        drop_off(session, session.get_one(CollectionPoint, point_id), person_id, code, now)

    assert at_once(fresh_engine, 6, scan) == {"done": 6}
    with Session(fresh_engine) as session:
        assert session.scalars(select(PointItem.state)).all() == ["held"]
        assert session.get_one(PointRoom, (point_id, "phone")).load_units == 1


def test_one_label_at_six_counters_at_once_is_taken_in_once(fresh_engine, ids, now):
    point_id, person_id = ids

    def bring(session, number):
        point = session.get_one(CollectionPoint, point_id)
        take_in(session, point, person_id, "phone", "H-7K3M-9QXD", now)

    assert at_once(fresh_engine, 6, bring) == {"done": 1, "collection.brought_already": 5}
    with Session(fresh_engine) as session:
        assert session.get_one(PointRoom, (point_id, "phone")).load_units == 1
