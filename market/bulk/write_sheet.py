"""Rows as CSV or XLSX in which nothing is a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from market.bulk.columns import Column

Row = Sequence[str | int | float | None]
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "'")


def guarded(text: str) -> str:
    """`text` with an apostrophe before what a spreadsheet program would compute."""
    return f"'{text}" if text.startswith(_ACTIVE) else text


def unguarded(text: str) -> str:
    """What `guarded` made `text` of."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_ACTIVE) else text


def write_csv(head: Sequence[str], rows: Iterable[Row]) -> bytes:
    """UTF-8 with a mark: without it Excel takes Chinese for something else."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(head: Sequence[str], rows: Iterable[Row], columns: Sequence[Column] = ()) -> bytes:
    """A workbook of one sheet; with `columns` a second says what may stand in each, and cells offer it."""
    book = Workbook()
    sheet = book.active
    sheet.title = "商品"
    sheet.append(list(head))
    for row in rows:
        sheet.append([_safe(value) for value in row])
    for line in sheet.iter_rows():
        for cell in line:
            if cell.data_type == "f":
                cell.data_type = "s"
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E3EFE4")
    sheet.freeze_panes = "A2"
    rows_there = sheet.max_row > 1
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(12, 2 * len(column.title) + 2)
        if column.key in ("gtin", "own_number", "model"):
            for line_number in range(2, max(sheet.max_row, 2 if rows_there else 501) + 1):
                sheet[f"{letter}{line_number}"].number_format = "@"
        if column.options and len(",".join(column.options)) < 250 and column.key != "interop":
            offer = DataValidation(type="list", formula1=f'"{",".join(column.options)}"', allow_blank=True)
            offer.add(f"{letter}2:{letter}5001")
            sheet.add_data_validation(offer)
    if columns:
        _explain(book, columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explain(book: Workbook, columns: Sequence[Column]) -> None:
    sheet = book.create_sheet("填写说明")
    sheet.append(["列", "新商品要填", "可填的值", "说明"])
    for column in columns:
        needed = "要填" if column.needed else "可空"
        sheet.append([column.title, needed, "、".join(column.options), column.hint])
    for letter, width in zip("ABCD", (16, 12, 60, 40), strict=True):
        sheet.column_dimensions[letter].width = width


def _safe(value: str | float | None) -> str | int | float | None:
    return guarded(value) if isinstance(value, str) else value
