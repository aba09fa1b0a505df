"""A sketch of runs as an SVG: points and lines only, drawn on the server, without any map's tiles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from market.delivery.models import Run
from market.places.rules import Position

WIDTH, HEIGHT, MARGIN = 720.0, 480.0, 30.0
COLORS = ("#1b6a45", "#a23f14", "#0a58b5", "#7a3e93", "#8a6d00", "#a1232b", "#2b7a78", "#5d4108")
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One run: its color, a polyline per trip, and its stops with their numbers."""

    color: str
    plate: str
    trips: tuple[str, ...]
    stops: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Everything the template needs; lengths in the SVG's own units."""

    width: float
    height: float
    hub: Point
    lines: tuple[Line, ...]


def draw(hub: Position, runs: Sequence[Run]) -> Sketch | None:
    """The runs seen from above, north up; None where there is nothing to draw."""
    visits = [stop.jobs[0].position for run in runs for stop in run.stops if stop.jobs]
    if not visits:
        return None
    project = _Projection([hub, *visits])
    lines = (_line(project, hub, run, COLORS[i % len(COLORS)]) for i, run in enumerate(runs))
    return Sketch(WIDTH, HEIGHT, project(hub), tuple(lines))


def _line(project: "_Projection", hub: Position, run: Run, color: str) -> Line:
    stops = [stop for stop in run.stops if stop.jobs]
    trips = []
    for _, trip in groupby(stops, key=lambda stop: stop.trip):
        points = [hub, *(stop.jobs[0].position for stop in trip), hub]
        trips.append(" ".join("{:.1f},{:.1f}".format(*project(point)) for point in points))
    marks = tuple((*project(stop.jobs[0].position), stop.sequence) for stop in stops)
    return Line(color, run.vehicle.plate, tuple(trips), marks)


class _Projection:
    """Equirectangular around the points' middle, scaled to fit: a county is small enough to be flat."""

    def __init__(self, points: Sequence[Position]) -> None:
        self._shrink = math.cos(math.radians(sum(point.lat for point in points) / len(points)))
        xs = [point.lon * self._shrink for point in points]
        ys = [point.lat for point in points]
        span = max((max(xs) - min(xs)) / (WIDTH - 2 * MARGIN), (max(ys) - min(ys)) / (HEIGHT - 2 * MARGIN))
        self._scale = 1 / span if span else 1.0
        self._x, self._y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2

    def __call__(self, point: Position) -> Point:
        x = WIDTH / 2 + (point.lon * self._shrink - self._x) * self._scale
        y = HEIGHT / 2 - (point.lat - self._y) * self._scale
        return round(x, 1), round(y, 1)
