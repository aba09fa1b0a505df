"""A part of a day as bytes, and the runs that come back: ids, numbers and two arrays, no solver's objects."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from market.delivery.planner.pool import Task
from market.delivery.planner.problem import Matrices, Problem, Stop, Vehicle
from market.delivery.planner.result import Run, Trip, Visit


def write_task(task: Task) -> bytes:
    """A NumPy archive: roads as ``meters`` and ``seconds``, all else in ``rest`` as JSON."""
    rows = np.arange(len(task.part.stops) + 1)
    meters, seconds = task.part.roads.block(rows, rows)
    rest = {
        "stops": [_plain(stop) for stop in task.part.stops],
        "vehicles": [_plain(vehicle) for vehicle in task.part.vehicles],
        "runs": [asdict(run) for run in task.runs],
        "cpu_seconds": task.cpu_seconds,
        "seed": task.seed,
    }
    archive = io.BytesIO()
    np.savez_compressed(archive, meters=meters, seconds=seconds, rest=np.frombuffer(_json(rest), np.uint8))
    return archive.getvalue()


def read_task(data: bytes) -> Task:
    """The task that was written. Raises ValueError or KeyError where `data` holds none."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        meters, seconds = archive["meters"], archive["seconds"]
        rest = json.loads(archive["rest"].tobytes())
    part = Problem(
        tuple(Stop(**_with_skills(row)) for row in rest["stops"]),
        tuple(Vehicle(**_with_skills(row)) for row in rest["vehicles"]),
        Matrices(meters, seconds),
    )
    return Task(part, _runs(rest["runs"]), rest["cpu_seconds"], rest["seed"])


def write_answer(runs: Sequence[Run], cpu_seconds: float) -> bytes:
    """What a search found, and the CPU seconds it took, as JSON."""
    return _json({"runs": [asdict(run) for run in runs], "cpu_seconds": cpu_seconds})


def read_answer(data: bytes) -> tuple[tuple[Run, ...], float]:
    """The answer that was written. Raises ValueError or KeyError where `data` holds none."""
    answer = json.loads(data)
    return _runs(answer["runs"]), answer["cpu_seconds"]


def _json(thing: object) -> bytes:
    return json.dumps(thing, separators=(",", ":")).encode()


def _plain(thing: Stop | Vehicle) -> dict[str, Any]:
    return {**asdict(thing), "skills": sorted(thing.skills)}


def _with_skills(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "skills": frozenset(row["skills"])}


def _runs(rows: list[dict[str, Any]]) -> tuple[Run, ...]:
    return tuple(Run(**{**row, "trips": tuple(map(_trip, row["trips"]))}) for row in rows)


def _trip(row: dict[str, Any]) -> Trip:
    return Trip(**{**row, "visits": tuple(Visit(**visit) for visit in row["visits"])})
