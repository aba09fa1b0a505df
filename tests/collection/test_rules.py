"""How full, which is nearest, and what goes together."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from market.collection.rules import (
    MOST_JOB_CM3,
    MOST_JOB_GRAMS,
    Load,
    Piece,
    jobs_for,
    nearest_first,
)
from market.places.rules import Position, distance_meters


@dataclass(frozen=True)
class Somewhere:
    position: Position


places = st.builds(Position, st.floats(30, 35), st.floats(105, 110))
pieces = st.lists(
    st.tuples(st.integers(1, 2 * MOST_JOB_GRAMS), st.integers(1, 2 * MOST_JOB_CM3)), max_size=30
).map(lambda sizes: [Piece(str(n), grams, cm3) for n, (grams, cm3) in enumerate(sizes)])


def test_the_alarm_is_at_eighty_percent_and_not_a_unit_before():
    assert not Load(79, 100).is_nearly_full
    assert Load(80, 100).is_nearly_full
    assert (Load(79, 100).share_bp, Load(2, 3).share_bp) == (7900, 6666)


def test_where_nothing_may_come_nothing_alarms():
    assert (Load(0, 0).is_nearly_full, Load(0, 0).share_bp) == (False, 10_000)


@given(st.lists(places, min_size=1, max_size=20), places)
def test_the_nearest_is_nearest(positions, near):
    found = nearest_first([Somewhere(it) for it in positions], near)
    meters = [distance_meters(near, place.position) for place, _ in found]
    assert [told for _, told in found] == meters == sorted(meters)
    assert meters[0] == min(distance_meters(near, it) for it in positions)


@given(pieces)
def test_every_piece_is_on_one_job_and_no_job_is_too_much(all_pieces):
    jobs = jobs_for(all_pieces)
    assert sorted(p.key for job in jobs for p in job) == sorted(p.key for p in all_pieces)
    for job in jobs:
        too_much = (
            sum(p.weight_grams for p in job) > MOST_JOB_GRAMS or sum(p.volume_cm3 for p in job) > MOST_JOB_CM3
        )
        assert len(job) == 1 or not too_much
