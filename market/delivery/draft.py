"""What an operator does to a plan: move a stop or a run, take a stop out. Pure: a draft in, a draft out."""

from collections.abc import Mapping
from dataclasses import dataclass

from market.delivery.planner.timing import Trips
from market.kernel.errors import NotFound, Refused

Draft = Mapping[str, Trips]
"""Each vehicle's trips, by its id; a vehicle that stays in the yard is not in it."""


@dataclass(frozen=True, slots=True)
class MoveStop:
    """Put a stop, or one that was left out, at `position` of a vehicle's `trip`; both count from 1."""

    stop_id: str
    vehicle_id: str
    trip: int
    position: int


@dataclass(frozen=True, slots=True)
class MoveRun:
    """Let `to_id` drive what `from_id` drives. Where that has a run of its own, the two exchange them."""

    from_id: str
    to_id: str


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Leave a stop at the hub."""

    stop_id: str


Change = MoveStop | MoveRun | TakeOut


def changed(draft: Draft, change: Change) -> Draft:
    """`draft` with `change`.

    Raises NotFound for what is not in it; Refused: ``delivery.trip_unknown`` (field trip, most=…),
    ``delivery.position_unknown`` (field position, most=…).
    """
    if isinstance(change, MoveStop):
        return _tidy(_inserted(_without(draft, change.stop_id), change))
    if isinstance(change, MoveRun):
        return _exchanged(draft, change)
    if vehicle_of(draft, change.stop_id) is None:
        raise NotFound
    return _tidy(_without(draft, change.stop_id))


def vehicle_of(draft: Draft, stop_id: str) -> str | None:
    """Which vehicle goes to the stop; None where it is left out."""
    found = (vehicle for vehicle, trips in draft.items() if any(stop_id in trip for trip in trips))
    return next(found, None)


def touched(draft: Draft, change: Change) -> set[str]:
    """The ids of the vehicles that `change` changes."""
    if isinstance(change, MoveRun):
        return {change.from_id, change.to_id}
    now = {vehicle_of(draft, change.stop_id)} - {None}
    to = {change.vehicle_id} if isinstance(change, MoveStop) else set()
    return {vehicle for vehicle in now if vehicle} | to


def _without(draft: Draft, stop_id: str) -> Draft:
    """Trips that become empty stay, so that the numbers of the others do."""
    return {
        vehicle: tuple(tuple(it for it in trip if it != stop_id) for trip in trips)
        for vehicle, trips in draft.items()
    }


def _inserted(draft: Draft, move: MoveStop) -> Draft:
    trips = [list(trip) for trip in draft.get(move.vehicle_id, ())]
    if not 1 <= move.trip <= len(trips) + 1:
        raise Refused("delivery.trip_unknown", field="trip", most=len(trips) + 1)
    if move.trip > len(trips):
        trips.append([])
    trip = trips[move.trip - 1]
    if not 1 <= move.position <= len(trip) + 1:
        raise Refused("delivery.position_unknown", field="position", most=len(trip) + 1)
    trip.insert(move.position - 1, move.stop_id)
    return {**draft, move.vehicle_id: tuple(tuple(trip) for trip in trips)}


def _exchanged(draft: Draft, move: MoveRun) -> Draft:
    if move.from_id not in draft:
        raise NotFound
    return _tidy({**draft, move.from_id: draft.get(move.to_id, ()), move.to_id: draft[move.from_id]})


def _tidy(draft: Draft) -> Draft:
    """Without empty trips, and without vehicles that have none."""
    trips = {vehicle: tuple(trip for trip in trips if trip) for vehicle, trips in draft.items()}
    return {vehicle: kept for vehicle, kept in trips.items() if kept}
