"""What a day costs at least, whoever plans it: a bound from roads, loads and hours, found without a solver.

Haimovich and Rinnooy Kan (Bounds and heuristics for capacitated routing problems, Mathematics of Operations
Research 10, 1985) bound a round of capacity Q by its *radial* part, ``Σ 2·d(i)·q(i)/Q``, and by a tour of all
stops. Here both count money, over vehicles that differ and roads that are not the same both ways.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from market.delivery.planner.problem import Matrix, Problem, Vehicle

WHOLE_STOPS = 2_000  # up to here all roads are looked at: n² of them

Fen = NDArray[np.float64]


def lower_bound_fen(problem: Problem) -> int:
    """Fen that no plan visiting every stop of `problem` can cost less than; 0 for a day without stops.

    Write ``a`` and ``b`` for a vehicle's fen per meter and per second, and for a stop i ``m(i)`` and ``s(i)``
    for the shortest meters and seconds from the hub to it plus those back. A trip that visits i drives at
    least m(i) meters and s(i) seconds, and loads first; its vehicle also stands for each stop's service. So
    a trip costs at least ``max w(i)``, ``w(i) = a·m(i) + b·(s(i) + loading)``, plus ``Σ b·service(i)``.

    *Radial.* A trip leaves with all it delivers and comes home with all it collects, so by each measure of
    the load ``Σ q(i)/Q ≤ 1`` over its stops, and ``max w ≥ Σ w(i)·q(i)/Q``. Summed over all trips, and with
    the vehicle that is cheapest for i in the place of the one that took it, this bounds the whole day. A
    run's fixed cost is spread over its trips, of which there are at most ``max_trips``, or counted once for
    each of the fewest vehicles that can do the day: whichever gives more.

    *Farthest.* One trip visits the stop with the dearest ``w``.

    *Tree.* A trip without its last way is a path from the hub; all trips together join all stops to it, and
    cost at least the minimum spanning tree over the cheaper of both ways, plus the shortest way home.

    Roads that are longer than a detour over other stops are replaced by the detour. Of days above
    ``WHOLE_STOPS`` stops it is taken that no detour is shorter but by rounding, at most one meter and one
    second a way, and that much is taken off; the tree is left out.

    Raises ValueError where a stop suits no vehicle.
    """
    if not problem.stops:
        return 0
    day = _Day(problem)
    bounds = [day.radial(), day.farthest()]
    if len(problem.stops) <= WHOLE_STOPS:
        bounds.append(day.tree())
    # A run's cost is two parts, each to the nearest fen: it may say one fen less than it costs.
    roundings = min(len(problem.vehicles), len(problem.stops))
    return max(0, int(np.floor(max(bounds) - day.rounded_roads())) - roundings)


@dataclass(frozen=True, slots=True)
class _Ways:
    """Shortest ways from the hub to each stop and back to it: meters and seconds, ``(stops,)`` each."""

    out_meters: Matrix
    out_seconds: Matrix
    home_meters: Matrix
    home_seconds: Matrix


class _Day:
    """The day as arrays: one row for each kind of vehicle, one column for each stop."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._kinds = sorted({replace(vehicle, id="") for vehicle in problem.vehicles}, key=repr)
        self._per_meter = _column(self._kinds, "fen_per_km") / 1000
        self._per_second = _column(self._kinds, "fen_per_hour") / 3600
        self._loading = self._per_second * _column(self._kinds, "loading_seconds")
        able = [[kind.can_serve(stop) for stop in problem.stops] for kind in self._kinds]
        self._able = np.array(able, dtype=bool).reshape(len(self._kinds), len(problem.stops))
        if not self._able.any(axis=0).all():
            raise ValueError("a stop suits no vehicle")
        self._deliver = _loads(problem, "deliver_grams"), _loads(problem, "deliver_cm3")
        self._collect = _loads(problem, "collect_grams"), _loads(problem, "collect_cm3")
        self._roads = self._all_roads() if len(problem.stops) <= WHOLE_STOPS else None
        self._ways = _shortest_ways(*self._roads) if self._roads else _direct_ways(problem)
        service = self._per_second * np.array([stop.service_seconds for stop in problem.stops])
        self._service = self._cheapest(service)
        way_meters = self._ways.out_meters + self._ways.home_meters
        way_seconds = self._ways.out_seconds + self._ways.home_seconds
        self._way = self._per_meter * way_meters + self._per_second * way_seconds + self._loading

    def radial(self) -> float:
        """Each stop's part of the way to it and back, by the measure of the load that binds most."""
        fixed = _column(self._kinds, "fixed_fen")
        spread = fixed / _column(self._kinds, "max_trips")
        return max(
            max(self._radial(load, capacity, spread), self._radial(load, capacity, 0.0) + self._least_fixed())
            for load, capacity in self._measures()
        )

    def farthest(self) -> float:
        """The dearest single way, and all that is done at the stops."""
        dearest = float(self._cheapest(self._way).max())
        return self._least_fixed() + dearest + float(self._service.sum())

    def tree(self) -> float:
        """The cheapest way to join all stops to the hub, one way home, and all that is done at the stops."""
        from scipy.sparse.csgraph import minimum_spanning_tree  # loads for seconds

        arcs = self._cheapest_arcs()
        # A tree of n arcs: one fen on each arc adds n, and keeps ways that cost nothing in the graph.
        joined = float(minimum_spanning_tree(np.minimum(arcs, arcs.T) + 1).sum()) - len(self._problem.stops)
        home = self._per_meter * self._ways.home_meters + self._per_second * self._ways.home_seconds
        back = float(self._cheapest(home).min() + self._loading.min() * self._least_trips())
        return self._least_fixed() + joined + back + float(self._service.sum())

    def rounded_roads(self) -> float:
        """What rounding may have added to roads that were not all looked at, in fen."""
        most_ways = 2 * len(self._problem.stops)
        return 0.0 if self._roads else most_ways * float((self._per_meter + self._per_second).max())

    def _radial(self, load: Fen, capacity: Fen, spread: Fen | float) -> float:
        part = (self._way + spread) * load / capacity
        service = self._per_second * np.array([stop.service_seconds for stop in self._problem.stops])
        return float(self._cheapest(part + service).sum())

    def _measures(self) -> list[tuple[Fen, Fen]]:
        grams, cm3 = _column(self._kinds, "grams"), _column(self._kinds, "cm3")
        capacities = np.maximum(grams, 1), np.maximum(cm3, 1)
        return [
            (load, capacity)
            for loads in (self._deliver, self._collect)
            for load, capacity in zip(loads, capacities, strict=True)
        ]

    def _least_trips(self) -> int:
        return max(1, *(int(np.ceil(load.sum() / capacity.max())) for load, capacity in self._measures()))

    def _least_fixed(self) -> float:
        """The fixed cost of the fewest vehicles that have the trips and the hours, the cheapest of them."""
        vehicles = self._problem.vehicles
        trips = -(-self._least_trips() // max(vehicle.max_trips for vehicle in vehicles))
        service = sum(stop.service_seconds for stop in self._problem.stops)
        hours = sorted(
            (max(0, v.shift_end - v.shift_start - v.loading_seconds) for v in vehicles), reverse=True
        )
        shifts = int(np.searchsorted(np.cumsum(hours), service)) + 1
        fixed = sorted(vehicle.fixed_fen for vehicle in vehicles)
        kinds = np.broadcast_to(_column(self._kinds, "fixed_fen"), self._able.shape)
        return max(float(sum(fixed[: max(trips, shifts)])), float(self._cheapest(kinds).max()))

    def _cheapest(self, costs: Fen) -> Fen:
        """Of each stop, the least over the kinds that can serve it."""
        found: Fen = np.where(self._able, costs, np.inf).min(axis=0)
        return found

    def _cheapest_arcs(self) -> Fen:
        assert self._roads is not None  # noqa: S101 - the tree is asked for only where all roads are known
        meters, seconds = self._roads
        arcs = np.full(meters.shape, np.inf)
        for able, per_meter, per_second in zip(self._able, self._per_meter, self._per_second, strict=True):
            ends = np.array([True, *able])
            cost = per_meter * meters + per_second * seconds
            arcs = np.where(ends[:, None] & ends, np.minimum(arcs, cost), arcs)
        return arcs

    def _all_roads(self) -> tuple[Matrix, Matrix]:
        rows = np.arange(len(self._problem.stops) + 1)
        return self._problem.roads.block(rows, rows)


def _column(kinds: list[Vehicle], name: str) -> Fen:
    return np.array([[getattr(kind, name)] for kind in kinds], dtype=np.float64).reshape(-1, 1)


def _loads(problem: Problem, name: str) -> Fen:
    return np.array([getattr(stop, name) for stop in problem.stops], dtype=np.float64)


def _direct_ways(problem: Problem) -> _Ways:
    hub, rows = np.array([0]), np.arange(1, len(problem.stops) + 1)
    out, home = problem.roads.block(hub, rows), problem.roads.block(rows, hub)
    return _Ways(out[0][0], out[1][0], home[0][:, 0], home[1][:, 0])


def _shortest_ways(meters: Matrix, seconds: Matrix) -> _Ways:
    return _Ways(
        _from_hub(meters)[1:], _from_hub(seconds)[1:], _from_hub(meters.T)[1:], _from_hub(seconds.T)[1:]
    )


def _from_hub(lengths: Matrix) -> Matrix:
    """The shortest way from row 0 to each, over any others (Bellman and Ford)."""
    best: Matrix = lengths[0].copy()
    while True:
        shorter: Matrix = np.minimum(best, (best[:, None] + lengths).min(axis=0))
        if (shorter == best).all():
            return best
        best = shorter
