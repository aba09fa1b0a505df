"""When a shop's money is its own, which week it belongs to, and the bank's file. Pure."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market.kernel.clock import at, local_date
from market.kernel.money import format_yuan
from market.points.rules import RETURN_WINDOW_DAYS

HEADER = ("序号", "收款人", "开户行", "账号", "金额（元）", "用途")
TOTAL = "合计"
STATEMENT_DAYS = 15


@dataclass(frozen=True, slots=True)
class Transfer:
    """One line of a bank file."""

    holder: str
    bank: str
    number: str
    amount_fen: int
    purpose: str


def available_at(delivered_at: datetime, hold_days: int = 0) -> datetime:
    """When a sale can no longer be returned without reason (Consumer Rights Law art. 25).

    `hold_days` more are a shop's deposit, by its rating.
    """
    return delivered_at + timedelta(days=RETURN_WINDOW_DAYS + hold_days)


def week_of(moment: datetime) -> date:
    """The Monday of the week, in China, that `moment` lies in."""
    day = local_date(moment)
    return day - timedelta(days=day.weekday())


def last_week(now: datetime) -> date:
    """The Monday of the last week that is over at `now`."""
    return week_of(now) - timedelta(days=7)


def week_end(week: date) -> datetime:
    """The midnight that ends the week which begins on the Monday `week`."""
    return at(week + timedelta(days=7), datetime.min.time())


def last_month(now: datetime) -> date:
    """The first day of the last month that is over at `now`."""
    return (local_date(now).replace(day=1) - timedelta(days=1)).replace(day=1)


def month_end(month: date) -> datetime:
    """The midnight that ends the month which begins on `month`."""
    return at(_next_month(month), datetime.min.time())


def due_on(month: date) -> date:
    """The day until which a recycler pays its statement of `month`; the market's own terms."""
    return _next_month(month) + timedelta(days=STATEMENT_DAYS - 1)


def _next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def bank_file(transfers: Sequence[Transfer]) -> bytes:
    """A CSV that the bank and a spreadsheet read: UTF-8 with its mark, a line each, count and sum last.

    The same transfers give the same bytes.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(HEADER)
    for number, it in enumerate(transfers, start=1):
        # A leading tab keeps a spreadsheet from rounding an account number of 19 digits.
        rows.writerow((number, it.holder, it.bank, f"\t{it.number}", _plain(it.amount_fen), it.purpose))
    rows.writerow((TOTAL, len(transfers), "", "", _plain(sum(it.amount_fen for it in transfers)), ""))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _plain(fen: int) -> str:
    return format_yuan(fen).replace(",", "")
