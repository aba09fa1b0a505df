"""A drawn map of a county's day: points and lines only, made on the server, without any map's tiles."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from market.delivery.live import Seen
from market.delivery.models import Run, StopState
from market.places.rules import EARTH_RADIUS_METERS, Position

WIDTH, HEIGHT, MARGIN = 720.0, 480.0, 40.0
MOST_ZOOM = 16.0
COLORS = ("#1b6a45", "#a23f14", "#0a58b5", "#7a3e93", "#8a6d00", "#a1232b", "#2b7a78", "#5d4108")
DASHES = ("", "10 5", "3 5")  # the ninth run and on have a color that is there: their lines tell them apart
_SCALES_METERS = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class View:
    """What of the map is seen: `zoom` times as large, around `x`, `y` in parts of its width and height."""

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "zoom", _between(1.0, self.zoom, MOST_ZOOM))
        half = 0.5 / self.zoom
        object.__setattr__(self, "x", _between(half, self.x, 1 - half))
        object.__setattr__(self, "y", _between(half, self.y, 1 - half))

    @property
    def box(self) -> str:
        """The SVG's viewBox."""
        left, top = (self.x - 0.5 / self.zoom) * WIDTH, (self.y - 0.5 / self.zoom) * HEIGHT
        return f"{left:.1f} {top:.1f} {WIDTH / self.zoom:.1f} {HEIGHT / self.zoom:.1f}"

    @property
    def args(self) -> dict[str, str]:
        """The view as an address asks for it."""
        return {"zoom": f"{self.zoom:g}", "x": f"{self.x:.3f}", "y": f"{self.y:.3f}"}

    def zoomed(self, by: float) -> "View":
        """Closer, or from farther away where `by` is less than 1."""
        return View(self.zoom * by, self.x, self.y)

    def moved(self, right: float, down: float) -> "View":
        """Moved by parts of what is seen."""
        return View(self.zoom, self.x + right / self.zoom, self.y + down / self.zoom)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stop: where, its number on the run, whether it is pending, done, failed or late."""

    x: float
    y: float
    number: int
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """One run: its color and dashes, a polyline per trip, and its stops."""

    color: str
    dash: str
    plate: str
    trips: tuple[str, ...]
    stops: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """How long so many meters are, in the SVG's own units."""

    meters: int
    length: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """Everything the template needs; lengths in the SVG's own units.

    `known` is the hull of all that is drawn: it stands for the county, whose border nobody gave us.
    """

    width: float
    height: float
    hub: Point
    known: str
    towns: tuple[tuple[float, float, str], ...]
    stations: tuple[Point, ...]
    lines: tuple[Line, ...]
    scale: Scale


def draw(
    hub: Position,
    towns: Sequence[tuple[Position, str]],
    stations: Sequence[Position],
    runs: Sequence[tuple[Run, Sequence[Seen]]],
    view: View,
) -> Sketch:
    """The day seen from above, north up."""
    visits = [stop.jobs[0].position for run, _ in runs for stop in run.stops if stop.jobs]
    project = _Projection([hub, *(town for town, _ in towns), *stations, *visits])
    points = [project(it) for it in (hub, *(town for town, _ in towns), *stations, *visits)]
    return Sketch(
        WIDTH,
        HEIGHT,
        project(hub),
        _joined(_hull(points)),
        tuple((*project(town), name) for town, name in towns),
        tuple(project(station) for station in stations),
        tuple(_line(project, hub, run, stops, i) for i, (run, stops) in enumerate(runs)),
        project.scale(view.zoom),
    )


def color(index: int) -> str:
    """The color of a batch's run number `index`, from 0."""
    return COLORS[index % len(COLORS)]


def dash(index: int) -> str:
    """The dashes of a batch's run number `index`, from 0; empty for a line without."""
    return DASHES[index // len(COLORS) % len(DASHES)]


def _line(project: "_Projection", hub: Position, run: Run, stops: Sequence[Seen], index: int) -> Line:
    seen = [it for it in stops if it.stop.jobs]
    trips = []
    for _, trip in groupby(seen, key=lambda it: it.stop.trip):
        trips.append(_joined(project(it) for it in (hub, *(it.stop.jobs[0].position for it in trip), hub)))
    marks = (Mark(*project(it.stop.jobs[0].position), it.stop.sequence, _state(it)) for it in seen)
    return Line(color(index), dash(index), run.vehicle.plate, tuple(trips), tuple(marks))


def _state(seen: Seen) -> str:
    is_late = seen.stop.state is StopState.pending and seen.is_late
    return "late" if is_late else seen.stop.state.value


def _joined(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _between(least: float, value: float, most: float) -> float:
    return max(least, min(value, most)) if math.isfinite(value) else least


def _hull(points: Iterable[Point]) -> list[Point]:
    """The convex hull, by Andrew's monotone chain (1979)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return []
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return [*lower[:-1], *upper[:-1]]


def _chain(points: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for x, y in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], (x, y)) <= 0:
            chain.pop()
        chain.append((x, y))
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


class _Projection:
    """Equirectangular around the points' middle, scaled to fit: a county is small enough to be flat."""

    def __init__(self, points: Sequence[Position]) -> None:
        self._shrink = math.cos(math.radians(sum(point.lat for point in points) / len(points)))
        xs = [point.lon * self._shrink for point in points]
        ys = [point.lat for point in points]
        span = max((max(xs) - min(xs)) / (WIDTH - 2 * MARGIN), (max(ys) - min(ys)) / (HEIGHT - 2 * MARGIN))
        self._units_per_degree = 1 / span if span else 1_000.0
        self._x, self._y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2

    def __call__(self, point: Position) -> Point:
        x = WIDTH / 2 + (point.lon * self._shrink - self._x) * self._units_per_degree
        y = HEIGHT / 2 - (point.lat - self._y) * self._units_per_degree
        return round(x, 1), round(y, 1)

    def scale(self, zoom: float) -> Scale:
        """The longest round length that takes up a quarter of the view at most."""
        units_per_meter = self._units_per_degree / (math.radians(1) * EARTH_RADIUS_METERS)
        fitting = [meters for meters in _SCALES_METERS if meters * units_per_meter <= WIDTH / zoom / 4]
        meters = max(fitting, default=_SCALES_METERS[0])
        return Scale(meters, meters * units_per_meter)
