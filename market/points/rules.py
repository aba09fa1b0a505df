"""What is earned, what may be spent, and when it lapses. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from market.kernel.clock import at, local_date
from market.kernel.money import share

FEN_PER_POINT = 1
RETURN_WINDOW_DAYS = 7  # Consumer Rights Law art. 25
LIFE_DAYS = 365
SPEND_CAP = Decimal("0.30")  # of the goods' price
LEAST_MONEY_FEN = 100  # at least one yuan is paid in money
FEN_PER_EARNED_POINT = 100
REMINDER_DAYS = (30, 7)  # before a lot lapses (facts §4.1)
GRADE_MULTIPLIER = {1: Decimal("2"), 2: Decimal("1.5")}


@dataclass(frozen=True, slots=True)
class Earning:
    """Own money paid for one order line (no subsidy, points, trade-in or delivery), and its best grade."""

    paid_fen: int
    grade: int | None


def points_for(earnings: Iterable[Earning]) -> int:
    """Points for `earnings`: one a yuan, twice that for grade 1, half as much again for grade 2."""
    return sum(
        share(earning.paid_fen, GRADE_MULTIPLIER.get(earning.grade or 0, Decimal(1))) // FEN_PER_EARNED_POINT
        for earning in earnings
    )


def spendable(available: int, goods_fen: int) -> int:
    """The most points that may go into goods of `goods_fen`: 30 %, and one yuan stays to be paid in money."""
    cap = min(share(goods_fen, SPEND_CAP), goods_fen - LEAST_MONEY_FEN)
    return max(0, min(available, cap // FEN_PER_POINT))


def vests_at(delivered_at: datetime, signed_off_at: datetime | None = None) -> datetime:
    """When points earned by a delivery become spendable: the return window after it, and once installed."""
    return max(delivered_at + timedelta(days=RETURN_WINDOW_DAYS), signed_off_at or delivered_at)


def taken_back(points: int, refunded_fen: int, paid_fen: int) -> int:
    """How many of `points` earned on `paid_fen` are to be gone once `refunded_fen` of it has been refunded.

    Rounded down, so that a part never takes more than its share, and the whole takes them all.
    """
    return points * min(refunded_fen, paid_fen) // paid_fen if paid_fen else points


def expires_at(granted_at: datetime) -> datetime:
    """Midnight in China after `LIFE_DAYS` full days."""
    return at(local_date(granted_at) + timedelta(days=LIFE_DAYS + 1), datetime.min.time())
