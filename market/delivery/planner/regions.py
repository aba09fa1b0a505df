"""Who is near whom, which stops make a region, and which vehicles it gets. Arrays in, arrays out.

Nearness is read from travel times to a few landmarks, chosen as in ALT (Goldberg and Harrelson 2005): no two
places can be closer than their times to a landmark differ, so a river or a ridge between them counts, and
the roads between all pairs are never asked for.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from market.delivery.planner.problem import Problem, Rows, Stop, Vehicle

LANDMARKS = 6
FEWEST_PER_TRIP = 40  # a light stop still bears a fortieth of the way to its region and back

Points = NDArray[np.float64]


def landmark_times(problem: Problem) -> Points:
    """Mean seconds between each stop and the hub, then between it and the other landmarks.

    Each next landmark is the stop farthest from those before.
    """
    rows = np.arange(1, len(problem.stops) + 1)
    columns = [np.mean(problem.to_hub_and_back(), axis=0)]
    closest = columns[0]
    while len(columns) < LANDMARKS:
        landmark = np.array([np.argmax(closest) + 1])
        there, back = problem.roads.block(landmark, rows)[1][0], problem.roads.block(rows, landmark)[1][:, 0]
        columns.append((there + back) / 2)
        closest = np.minimum(closest, columns[-1])
    return np.column_stack(columns)


def neighbors(points: Points, count: int) -> Rows:
    """The `count` nearest of each point, the nearest first; the point itself is one of them."""
    found: Rows = cKDTree(points).query(points, k=range(1, min(count, len(points)) + 1), p=np.inf)[1]
    return found


def cut(points: Points, most: int) -> list[Rows]:
    """Regions of at most `most` points, halved again and again where they spread widest."""
    waiting, regions = [np.arange(len(points))], []
    while waiting:
        region = waiting.pop()
        if len(region) <= most:
            regions.append(np.sort(region))
            continue
        widest = np.argmax(np.ptp(points[region], axis=0))
        order = region[np.argsort(points[region, widest], kind="stable")]
        waiting += [order[len(order) // 2 :], order[: len(order) // 2]]
    return regions


def deal(problem: Problem, regions: Sequence[Rows]) -> list[list[int]]:
    """The places of the vehicles that each region gets, by the work that waits in it.

    A stop's work is spread evenly over the vehicles that can do it. Kinds that can do least are dealt first,
    and what a region got too little of one kind counts for it with the next.
    """
    alike: dict[Vehicle, list[int]] = defaultdict(list)
    for place, vehicle in enumerate(problem.vehicles):
        alike[replace(vehicle, id="")].append(place)
    able = np.array([[kind.can_serve(stop) for stop in problem.stops] for kind in alike])
    hands = np.array([len(places) for places in alike.values()]) @ able
    work = _work(problem) / np.maximum(hands, 1)
    dealt: list[list[int]] = [[] for _ in regions]
    owed = np.zeros(len(regions))
    kinds = sorted(zip(able, alike.values(), strict=True), key=lambda kind: int(kind[0].sum()))
    for can, places in kinds:
        need = np.array([work[region[can[region]]].sum() for region in regions])
        if not need.any():
            continue
        owed += len(places) * need / need.sum()
        for place in places:
            region = int(np.argmax(np.where(need > 0, owed, -np.inf)))
            dealt[region].append(place)
            owed[region] -= 1
    return [sorted(places) for places in dealt]


def _work(problem: Problem) -> Points:
    """Seconds of a vehicle that each stop takes: the work there, and its part of the way from the hub."""
    grams = np.median([vehicle.grams for vehicle in problem.vehicles])
    cm3 = np.median([vehicle.cm3 for vehicle in problem.vehicles])
    part = [max(_most_grams(s) / grams, _most_cm3(s) / cm3, 1 / FEWEST_PER_TRIP) for s in problem.stops]
    service = np.array([stop.service_seconds for stop in problem.stops])
    work: Points = service + np.minimum(part, 1) * np.sum(problem.to_hub_and_back(), axis=0)
    return work


def _most_grams(stop: Stop) -> int:
    return max(stop.deliver_grams, stop.collect_grams)


def _most_cm3(stop: Stop) -> int:
    return max(stop.deliver_cm3, stop.collect_cm3)
