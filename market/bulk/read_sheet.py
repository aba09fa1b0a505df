"""A stranger's CSV or XLSX as rows of text, within bounds. Pure."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook

from market.bulk.columns import Cell
from market.bulk.write_sheet import unguarded
from market.kernel.errors import Refused

MOST_BYTES = 4_000_000
MOST_ROWS = 5_000
MOST_COLUMNS = 60
MOST_CHARACTERS = 2_000
# What a workbook may unpack to: the sheet is read as a stream, the other parts are whole in memory.
MOST_SHEET_BYTES = 24_000_000
MOST_PART_BYTES = 4_000_000
MOST_PARTS = 200
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BROKEN = (
    KeyError, ValueError, TypeError, IndexError, AttributeError, OSError, EOFError, NotImplementedError,
    zipfile.BadZipFile, ParseError, DefusedXmlException, zipfile.LargeZipFile, RuntimeError, OverflowError,
)  # fmt: skip
Line = tuple[int, list[Cell]]


def read_table(data: bytes) -> list[Line]:
    """The rows of the first sheet that are not empty, each with its number in it.

    Raises Refused (field sheet): ``bulk.too_large``, ``bulk.too_many_rows``, ``bulk.old_excel``,
    ``bulk.unreadable``, ``bulk.empty``.
    """
    if len(data) > MOST_BYTES:
        raise Refused("bulk.too_large", field="sheet", most=MOST_BYTES // 1_000_000)
    if data.startswith(_OLE):
        raise Refused("bulk.old_excel", field="sheet")
    rows = _of_workbook(data) if data.startswith(_ZIP) else _of_text(data)
    try:
        found = list(_bounded(rows))
    except (csv.Error, *_BROKEN) as error:
        raise Refused("bulk.unreadable", field="sheet") from error
    if not found:
        raise Refused("bulk.empty", field="sheet")
    return found


def _bounded(rows: Iterable[Sequence[Cell]]) -> Iterator[Line]:
    kept = 0
    for number, row in enumerate(rows, 1):
        if not any(row):
            if number - kept > MOST_ROWS:  # a sheet whose last cell is a million rows below
                return
            continue
        kept += 1
        if kept > MOST_ROWS + 1:
            raise Refused("bulk.too_many_rows", field="sheet", most=MOST_ROWS)
        width = max(place for place, cell in enumerate(row[:MOST_COLUMNS], 1) if cell or place == 1)
        yield number, [_short(cell) for cell in row[:width]]


def _short(cell: Cell) -> Cell:
    return cell if isinstance(cell, dict) else unguarded(cell[:MOST_CHARACTERS].strip())


def _of_text(data: bytes) -> Iterator[list[Cell]]:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for row in reader:
        yield list(row)


def _decoded(data: bytes) -> str:
    """UTF-8 or GB18030, whichever it is; UTF-16 where a mark says so."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("bulk.unreadable", field="sheet")


def _of_workbook(data: bytes) -> Iterator[list[Cell]]:
    _check_parts(data)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a sheet may claim to be a million columns wide
        for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            yield [_cell(value) for value in row]
    finally:
        book.close()


def _check_parts(data: bytes) -> None:
    """Raises Refused for what would unpack to too much. No more is unpacked of a part than it claims."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except _BROKEN as error:
        raise Refused("bulk.unreadable", field="sheet") from error
    sheets = sum(part.file_size for part in parts if _is_sheet(part))
    others = sum(part.file_size for part in parts if not _is_sheet(part))
    if len(parts) > MOST_PARTS or sheets > MOST_SHEET_BYTES or others > MOST_PART_BYTES:
        raise Refused("bulk.too_large", field="sheet", most=MOST_BYTES // 1_000_000)


def _is_sheet(part: zipfile.ZipInfo) -> bool:
    return part.filename.startswith("xl/worksheets/")


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{Decimal(repr(round(value, 6))):f}".removesuffix(".0")
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return {"date": day.isoformat()}
    return str(value)
