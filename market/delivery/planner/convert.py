"""Between our problem and PyVRP's: its data from ours, our runs from its solution.

PyVRP knows no breaks. It searches a day that is shorter by the break, which is put in afterwards.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import mean
from typing import Any

import numpy as np
from pyvrp import Activity, ActivityType, Client, Depot, Location, ProblemData, Route, Solution, VehicleType

from market.delivery.planner.problem import DAY_SECONDS, Matrix, Problem, Stop, Vehicle
from market.delivery.planner.result import Run
from market.delivery.planner.timing import Trips, keeps_all, lacks_break, late_seconds, timed_run, ways_of

# PyVRP's costs are integers per meter and per second: we count in hundredths of a fen.
UNITS_PER_FEN = 100
# Meters and seconds to a stop that a crew cannot serve: longer than any shift, dearer than any prize.
FORBIDDEN = 10_000_000


class Conversion:
    """`problem` as PyVRP sees it."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._stops = problem.stops
        rows = np.arange(len(problem.stops) + 1)
        self._meters, self._seconds = problem.roads.block(rows, rows)
        alike: dict[Vehicle, list[Vehicle]] = defaultdict(list)
        for vehicle in problem.vehicles:
            alike[replace(vehicle, id="")].append(vehicle)
        self._fleet = list(alike.values())
        self.data = self._data()

    def _data(self) -> ProblemData:
        masks = [tuple(not kind[0].can_serve(stop) for stop in self._stops) for kind in self._fleet]
        profiles = sorted(set(masks))
        loading = {kind[0].loading_seconds for kind in self._fleet}
        depots = {seconds: index for index, seconds in enumerate(sorted(loading))}
        return ProblemData(
            locations=[Location(0, 0) for _ in self._meters],
            clients=[
                _client(stop, row, _latest(stop, self._problem.vehicles))
                for row, stop in enumerate(self._stops, start=1)
            ],
            depots=[Depot(0, service_duration=seconds) for seconds in depots],
            vehicle_types=[
                _vehicle_type(kind, profiles.index(mask), depots[kind[0].loading_seconds])
                for kind, mask in zip(self._fleet, masks, strict=True)
            ],
            distance_matrices=[_barred(self._meters, mask) for mask in profiles],
            duration_matrices=[_barred(self._seconds, mask) for mask in profiles],
        )

    def load_penalties(self) -> list[float]:
        """First costs of a gram and a cm³ of overload: a stop's usual load costs a third of its prize."""
        prize = mean(stop.prize_fen for stop in self._stops) * UNITS_PER_FEN
        grams = mean(max(stop.deliver_grams, stop.collect_grams) for stop in self._stops)
        cm3 = mean(max(stop.deliver_cm3, stop.collect_cm3) for stop in self._stops)
        return [prize / 3 / max(grams, 1), prize / 3 / max(cm3, 1)]

    def cost_fen(self, solution: Solution) -> int:
        """About what the runs of `solution` cost, without the prizes that it leaves lying."""
        units = solution.fixed_vehicle_cost() + solution.distance_cost() + solution.duration_cost()
        return int(units) // UNITS_PER_FEN

    def solution(self, runs: Sequence[Run]) -> Solution:
        """Where a search may start from: `runs` of these vehicles to these stops."""
        kinds = {vehicle.id: place for place, kind in enumerate(self._fleet) for vehicle in kind}
        places = {stop.id: place for place, stop in enumerate(self._stops)}
        return Solution(self.data, [self._route(run, kinds[run.vehicle_id], places) for run in runs])

    def _route(self, run: Run, kind: int, places: dict[str, int]) -> Route:
        reload = Activity(ActivityType.DEPOT, self.data.vehicle_type(kind).reload_depots[0])
        trips = [
            [Activity(ActivityType.CLIENT, places[visit.stop_id]) for visit in trip.visits]
            for trip in run.trips
        ]
        return Route(self.data, [step for trip in trips for step in (reload, *trip)][1:], kind)

    def runs(self, solution: Solution) -> tuple[Run, ...]:
        """The runs of `solution`, each with its break; vehicles that are alike are used in their order.

        A run into which its break cannot be put leaves out as few stops as that takes.
        """
        free = [iter(kind) for kind in self._fleet]
        used = (route for route in solution.routes() if route.num_clients())
        found = (self._run(route, next(free[route.vehicle_type()])) for route in used)
        order = {vehicle.id: place for place, vehicle in enumerate(self._problem.vehicles)}
        return tuple(sorted((run for run in found if run), key=lambda run: order[run.vehicle_id]))

    def _run(self, route: Route, vehicle: Vehicle) -> Run | None:
        trips: Trips = tuple(self._trips(route))
        while trips:
            ways = ways_of(self._problem, trips)
            run = timed_run(vehicle, ways)
            if keeps_all(vehicle, ways, run):
                return run
            trips = self._lighter(vehicle, trips)
        return None

    def _lighter(self, vehicle: Vehicle, trips: Trips) -> Trips:
        """`trips` without the stop that most stands in the way: of those alike, the one of least prize."""
        prizes = {stop.id: stop.prize_fen for stop in self._stops}

        def still(stop_id: str) -> tuple[bool, int, int]:
            fewer = _without(trips, stop_id)
            if not fewer:
                return False, 0, prizes[stop_id]
            ways = ways_of(self._problem, fewer)
            run = timed_run(vehicle, ways)
            late = late_seconds(vehicle, ways, run)
            return lacks_break(vehicle, ways, run), late, prizes[stop_id]

        return _without(trips, min((it for trip in trips for it in trip), key=still))

    def _trips(self, route: Route) -> Iterator[tuple[str, ...]]:
        """The stops between two times at the hub. A trip without a stop is not one."""
        for at_hub, steps in groupby(route.schedule(), key=lambda step: step.is_depot()):
            if not at_hub:
                yield tuple(self._stops[step.idx].id for step in steps)


def _without(trips: Trips, stop_id: str) -> Trips:
    fewer = (tuple(it for it in trip if it != stop_id) for trip in trips)
    return tuple(trip for trip in fewer if trip)


def _barred(full: Matrix, barred: tuple[bool, ...]) -> Any:
    """`full`, with the way to and from the barred stops too long for any vehicle."""
    # PyVRP's stubs spell NumPy's types in a way that only Any satisfies.
    matrix = full.astype(np.int64)
    mask = np.array([False, *barred])
    matrix[mask, :] = matrix[:, mask] = FORBIDDEN
    np.fill_diagonal(matrix, 0)
    return matrix


def _latest(stop: Stop, vehicles: Sequence[Vehicle]) -> int:
    """The stop's own latest, less the break where one may come before it."""
    may_rest = (it for it in vehicles if it.reserve_seconds and stop.latest > it.break_earliest)
    rest = max((vehicle.break_seconds for vehicle in may_rest), default=0)
    return max(stop.earliest, stop.latest - rest)


def _client(stop: Stop, row: int, latest: int) -> Client:
    return Client(
        row,
        delivery=[stop.deliver_grams, stop.deliver_cm3],
        pickup=[stop.collect_grams, stop.collect_cm3],
        service_duration=stop.service_seconds,
        tw_early=stop.earliest,
        tw_late=latest,
        prize=stop.prize_fen * UNITS_PER_FEN,
        required=False,
    )


def _vehicle_type(kind: list[Vehicle], profile: int, depot: int) -> VehicleType:
    """The break is kept free at the end of the shift, and of the hours that cost no more."""
    vehicle = kind[0]
    end = max(vehicle.shift_start, vehicle.shift_end - vehicle.reserve_seconds)
    whole = min(end - vehicle.shift_start, DAY_SECONDS)
    regular = min(max(0, vehicle.regular_seconds - vehicle.reserve_seconds), whole)
    return VehicleType(
        num_available=len(kind),
        capacity=[vehicle.grams, vehicle.cm3],
        start_depot=depot,
        end_depot=depot,
        fixed_cost=vehicle.fixed_fen * UNITS_PER_FEN,
        tw_early=vehicle.shift_start,
        tw_late=end,
        shift_duration=regular,
        max_overtime=whole - regular,
        unit_overtime_cost=round(vehicle.fen_per_overtime_hour * UNITS_PER_FEN / 3600),
        unit_distance_cost=round(vehicle.fen_per_km * UNITS_PER_FEN / 1000),
        unit_duration_cost=round(vehicle.fen_per_hour * UNITS_PER_FEN / 3600),
        profile=profile,
        reload_depots=[depot],
        max_reloads=vehicle.max_trips - 1,
    )
