"""Fill the regions from the data files beside this module."""

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from market.places.models import RegionLevel
from market.places.rules import Position, scattered

DATA = Path(__file__).parent / "data"
PARENT_LENGTHS = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
LEVELS = dict(zip(PARENT_LENGTHS, RegionLevel, strict=True))

Progress = Callable[[int, int], None]
_BLOCK = 5_000

_STAGE = text("CREATE TEMPORARY TABLE staged_regions (LIKE regions) ON COMMIT DROP")
_COPY = "COPY staged_regions (code, parent_code, level, name, lat, lon, position_source) FROM STDIN"
_MERGE = text(
    "INSERT INTO regions SELECT * FROM staged_regions"
    " ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE regions.name <> excluded.name"
)


def load_regions(session: Session, progress: Progress | None = None) -> int:
    """Put every region of the data files in the table, and answer how many there are.

    A region that is there keeps its position, which may be better known by now; only its name follows the
    file. `progress` is told how many of how many rows have been sent.
    """
    rows = list(region_rows())
    session.execute(_STAGE)
    raw = session.connection().connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(_COPY) as copy:  # type: ignore[union-attr]  # psycopg's own
        for sent, row in enumerate(rows, 1):
            copy.write_row(row)
            if progress and (sent % _BLOCK == 0 or sent == len(rows)):
                progress(sent, len(rows))
    session.execute(_MERGE)
    session.execute(text("DROP TABLE staged_regions"))
    return len(rows)


def region_rows() -> Iterator[tuple[object, ...]]:
    """Rows of the table, parents before their parts."""
    positions = _positions()
    with gzip.open(DATA / "regions.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        named = [(code, name) for code, name in csv.reader(lines)]
    for parent, parts in groupby(sorted(named, key=_depth_first), key=lambda row: _parent(row[0])):
        yield from _rows_of(parent, list(parts), positions)


def _rows_of(
    parent: str | None, parts: list[tuple[str, str]], positions: dict[str, Position]
) -> Iterable[tuple[object, ...]]:
    center = positions.get(parent or "")
    for index, (code, name) in enumerate(parts):
        known = positions.get(code)
        if known is None and center and len(code) == 12:
            known = scattered(center, index, len(parts))
        point = (known.lat, known.lon, known.source.value) if known else (None, None, None)
        yield (code, parent, LEVELS[len(code)].value, name, *point)


def _depth_first(row: tuple[str, str]) -> tuple[int, str]:
    return len(row[0]), row[0]


def _parent(code: str) -> str | None:
    return code[: PARENT_LENGTHS[len(code)]] or None


def _positions() -> dict[str, Position]:
    with (DATA / "positions.csv").open(encoding="utf-8", newline="") as lines:
        return {row["code"]: Position(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(lines)}
