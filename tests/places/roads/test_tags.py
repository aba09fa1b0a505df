"""What a van makes of OpenStreetMap's tags."""

import math

import numpy as np
import pytest

from market.places.roads.speeds import milliseconds, on_grade
from market.places.roads.tags import Road, Skipped, grade, limit_kmh, meters_above_sea, road, shuts


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"route": "ferry"}, Skipped.ferry),
        ({"highway": "footway"}, Skipped.not_for_vans),
        ({"highway": "construction"}, Skipped.not_for_vans),
        ({"highway": "service", "area": "yes"}, Skipped.not_for_vans),
        ({"highway": "tertiary", "access": "no"}, Skipped.closed),
        ({"highway": "service", "access": "private"}, Skipped.closed),
        ({"highway": "track", "motor_vehicle": "agricultural"}, Skipped.closed),
        ({"highway": "primary", "oneway": "reversible"}, Skipped.closed),
        ({"highway": "track", "tracktype": "grade5"}, Skipped.too_rough),
    ],
)
def test_a_way_no_van_can_use_is_left_out_with_the_reason(tags: dict[str, str], why: Skipped) -> None:
    assert road(tags) is why


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, True, True),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "no", "junction": "roundabout"}, True, True),
        ({"junction": "roundabout"}, True, False),
    ],
)
def test_a_way_is_driven_in_its_directions(tags: dict[str, str], forward: bool, backward: bool) -> None:
    found = road({"highway": "tertiary", **tags})
    assert isinstance(found, Road)
    assert (found.kmh, found.forward, found.backward) == (30, forward, backward)


def test_a_motorway_leads_one_way_unless_it_says_otherwise() -> None:
    found = road({"highway": "motorway"})
    assert isinstance(found, Road)
    assert (found.forward, found.backward) == (True, False)


def test_the_particular_ban_goes_before_the_general_one() -> None:
    assert isinstance(road({"highway": "track", "access": "no", "motor_vehicle": "yes"}), Road)
    assert road({"highway": "track", "access": "yes", "goods": "no"}) is Skipped.closed


@pytest.mark.parametrize(
    ("text", "kmh"),
    [("60", 60), ("60 km/h", 60), ("30 mph", 48.28032), ("CN:rural", 0), ("none", 0), ("", 0)],
)
def test_a_limit_is_read_in_its_unit(text: str, kmh: float) -> None:
    assert limit_kmh(text) == pytest.approx(kmh)


def test_one_drives_at_four_fifths_of_the_limit_and_never_above_a_hundred() -> None:
    found, fast = (road({"highway": "primary", "maxspeed": text}) for text in ("60", "140"))
    assert isinstance(found, Road)
    assert isinstance(fast, Road)
    assert (found.kmh, fast.kmh) == (48, 100)


def test_a_grade_is_read_without_its_sign() -> None:
    assert grade({"incline": "8%"}) == grade({"incline": "-8 %"}) == 0.08
    assert grade({"incline": "45°"}) == pytest.approx(1)
    assert math.isnan(grade({"incline": "up"}))


def test_an_elevation_may_carry_its_unit_and_nonsense_is_none() -> None:
    assert meters_above_sea({"ele": "512.5"}) == meters_above_sea({"ele": "512.5 m"}) == 512.5
    assert math.isnan(meters_above_sea({"ele": "high"}))


def test_a_bollard_shuts_a_road_and_a_gate_does_unless_it_is_allowed_to_pass() -> None:
    assert shuts({"barrier": "bollard"})
    assert not shuts({"barrier": "bollard", "motor_vehicle": "yes"})
    assert not shuts({"barrier": "gate"})
    assert shuts({"barrier": "gate", "access": "private"})


def test_a_steep_road_is_driven_at_the_speed_it_can_have_been_built_for() -> None:
    told = on_grade(np.array([50.0, 50.0, 50.0, 50.0, 25.0]), np.array([np.nan, 0.06, 0.08, 0.2, 0.08]))
    assert told.tolist() == [50, 50, 30, 20, 25]


def test_time_is_rounded_up_and_never_nothing() -> None:
    assert milliseconds(np.array([100.0, 100.0, 0.0]), np.array([36.0, 37.0, 36.0])).tolist() == [
        10_000,
        9_730,
        1,
    ]
