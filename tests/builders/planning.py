"""Seeded county days for the planner: a hub, villages in valleys around it, three kinds of vehicle."""

import random

import numpy as np
from numpy.typing import NDArray

from market.delivery.planner import Matrices, Problem, Stop, Vehicle

SPEED_METERS_PER_SECOND = 8


def matrices(points: list[tuple[float, float]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Meters by road between points in meters (a third longer than the straight line), and seconds."""
    xy = np.array(points, dtype=float)
    straight = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    meters = np.rint(straight * 1.3).astype(np.int64)
    return meters, meters // SPEED_METERS_PER_SECOND


def a_fleet() -> tuple[Vehicle, ...]:
    """Two vans with one person, two trucks with two, and a truck with a gas fitter.

    Of the first of each kind and the last, the crew has a break, and overtime that costs more.
    """
    van = {
        "grams": 600_000,
        "cm3": 4_000_000,
        "longest_side_mm": 1_900,
        "fixed_fen": 12_000,
        "fen_per_km": 90,
    }
    truck = {"grams": 2_500_000, "cm3": 14_000_000, "longest_side_mm": 3_800, "fixed_fen": 26_000}
    truck |= {"fen_per_km": 160, "fen_per_hour": 5_000, "people": 2}
    hours = {"regular_seconds": 8 * 3600, "fen_per_overtime_hour": 2_000, "break_seconds": 1_800}
    general = frozenset({"general"})
    return (
        Vehicle("van-1", **van, fen_per_hour=2_800, **hours),
        Vehicle("van-2", **van, fen_per_hour=2_800),
        Vehicle("truck-1", **truck, skills=general, **hours),
        Vehicle("truck-2", **truck, skills=general),
        Vehicle("truck-3", **truck, skills=general | {"gas", "electric"}, **hours),
    )


def a_county_day(jobs: int, seed: int, fleet: tuple[Vehicle, ...] | None = None) -> Problem:
    """`jobs` stops around the hub; some heavy, some for two people, some for a fitter, some windowed."""
    draw = random.Random(seed)
    stops, points = [], [(0.0, 0.0)]
    for number in range(jobs):
        points.append((draw.gauss(0, 14_000), draw.gauss(0, 14_000)))
        heavy = draw.random() < 0.25
        grams = draw.randint(40_000, 260_000) if heavy else draw.randint(500, 30_000)
        collects = draw.random() < 0.2
        opens = draw.choice((0, 0, 0, 9 * 3600, 14 * 3600))
        stops.append(
            Stop(
                f"stop-{number}",
                deliver_grams=grams,
                deliver_cm3=grams * draw.randint(4, 8),
                collect_grams=grams // 2 if collects else 0,
                collect_cm3=grams * 3 if collects else 0,
                longest_side_mm=draw.randint(200, 1_950),
                people=2 if grams > 50_000 else 1,
                skills=frozenset(draw.choice(((), (), (), ("general",), ("gas",)))),
                service_seconds=draw.randint(180, 3_000),
                earliest=opens,
                latest=opens + 4 * 3600 if opens else 24 * 3600,
            )
        )
    return Problem(tuple(stops), a_fleet() if fleet is None else fleet, Matrices(*matrices(points)))
