"""The file for the treasury and the file of its answers. Pure."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import TYPE_STRING

from market.kernel.money import format_yuan, parse_yuan

HEADER = (
    "申报号", "补贴计划", "店铺", "订单", "商品", "品牌型号", "商品条码", "序列号", "申领人", "发票号",
    "申报补贴（元）", "退回财政（元）",
)  # fmt: skip
TOTAL = "合计"
RESULT_HEADER = ("申报号", "结果", "金额（元）", "付款流水号", "原因")
PAID, REJECTED = "已付", "不付"
# A spreadsheet takes a cell that begins with one of these for a formula, also after spaces.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a batch: what is asked for, or with `is_clawback` what goes back, in fen."""

    number: str
    document: dict[str, Any]
    amount_fen: int
    is_clawback: bool


class Problem(StrEnum):
    """What is wrong with a row of answers; the door has the sentence for each."""

    number_unknown = "number_unknown"
    number_twice = "number_twice"
    result_unknown = "result_unknown"
    amount_unreadable = "amount_unreadable"
    amount_differs = "amount_differs"
    reference_missing = "reference_missing"
    reason_missing = "reason_missing"
    clawback_not_rejected = "clawback_not_rejected"
    answered_differently = "answered_differently"
    columns = "columns"


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the treasury's answers, as it is written; `line` counts from 1 with the header."""

    line: int
    number: str
    is_paid: bool | None
    amount_fen: int | None
    bank_reference: str
    reason: str
    problem: Problem | None = None


def harmless(text: str) -> str:
    """`text` as a cell that no spreadsheet runs as a formula."""
    bare = text.lstrip(" \u3000")
    return f"'{text}" if text.startswith(_FORMULA) or bare.startswith(_FORMULA) else text


def cells(row: Row) -> tuple[str, ...]:
    """What stands in a line of the file, in the order of the header."""
    it = row.document
    asked, back = (0, row.amount_fen) if row.is_clawback else (row.amount_fen, 0)
    return (
        row.number,
        it["programme"],
        it["shop"],
        it["order"],
        it["title"],
        f"{it['brand']} {it['model']}",
        it["gtin"] or "",
        "、".join(it["serials"]),
        it["claimant"],
        it["invoice"] or "",
        plain_yuan(asked),
        plain_yuan(back),
    )


def totals(rows: Sequence[Row]) -> tuple[int, int]:
    """(asked for, going back) in fen."""
    back = sum(row.amount_fen for row in rows if row.is_clawback)
    return sum(row.amount_fen for row in rows) - back, back


def as_csv(rows: Sequence[Row]) -> bytes:
    """UTF-8 with its mark, a line each, count and sums last. The same rows give the same bytes."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    for line in _lines(rows):
        lines.writerow([harmless(cell) for cell in line])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_xlsx(rows: Sequence[Row]) -> bytes:
    """The same lines as a workbook in which every cell is text."""
    book = Workbook(write_only=False)
    page = book.active
    assert page is not None  # noqa: S101 - a new workbook has its first page
    for number, line in enumerate(_lines(rows), start=1):
        for column, text in enumerate(line, start=1):
            cell = page.cell(number, column)
            # XML has no control characters; what is no letter is shown as a space.
            cell.value = "".join(letter if letter.isprintable() else " " for letter in text)
            cell.data_type, cell.number_format = TYPE_STRING, "@"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def plain_yuan(fen: int) -> str:
    """Yuan with two decimals, without commas."""
    return format_yuan(fen).replace(",", "")


def read_answers(content: bytes) -> list[Answer]:
    """The rows of a file of answers, each with what is wrong in itself. Raises ValueError where it is no such
    file: neither UTF-8 nor GB 18030, another header, or too many rows.
    """
    try:
        # No more than is needed to see that there are too many: a row of nothing costs two bytes to send.
        rows = list(islice(csv.reader(io.StringIO(_text(content), newline="")), MOST_ROWS + 1))
    except csv.Error as error:
        raise ValueError("shape") from error
    if not rows or tuple(cell.strip() for cell in rows[0][: len(RESULT_HEADER)]) != RESULT_HEADER:
        raise ValueError("header")
    if len(rows) > MOST_ROWS:
        raise ValueError("rows")
    return list(_answers(rows))


def _answers(rows: Sequence[Sequence[str]]) -> Iterator[Answer]:
    seen: set[str] = set()
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row) or row[0].strip() == TOTAL:
            continue
        answer = _answer(line, [cell.strip().lstrip("'") for cell in row])
        if answer.number in seen:
            answer = Answer(line, answer.number, None, None, "", "", Problem.number_twice)
        seen.add(answer.number)
        yield answer


def _answer(line: int, row: Sequence[str]) -> Answer:
    if len(row) < len(RESULT_HEADER):
        return Answer(line, row[0], None, None, "", "", Problem.columns)
    number, result, amount, reference, reason = row[: len(RESULT_HEADER)]
    is_paid = {PAID: True, REJECTED: False}.get(result)
    amount_fen = parse_yuan(amount)
    problem = None
    if is_paid is None:
        problem = Problem.result_unknown
    elif amount_fen is None:
        problem = Problem.amount_unreadable
    elif is_paid and not reference:
        problem = Problem.reference_missing
    elif not is_paid and not reason:
        problem = Problem.reason_missing
    return Answer(line, number, is_paid, amount_fen, reference, reason, problem)


def _lines(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    yield HEADER
    yield from (cells(row) for row in rows)
    asked, back = totals(rows)
    empty = ("",) * (len(HEADER) - 4)
    yield (TOTAL, str(len(rows)), *empty, plain_yuan(asked), plain_yuan(back))


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("encoding")
