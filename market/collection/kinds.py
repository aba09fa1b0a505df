"""The kinds of things a point may take: every priced category, and batteries, which never go by post."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.recycling.models import PriceTableRow
from market.recycling.prices import in_force
from market.recycling.rules import BATTERY, Typical

# Loose, swollen or leaking ones and power banks, in a sand-filled box of their own; an estimate.
_BATTERY = Typical(weight_grams=500, volume_cm3=1_000, longest_side_mm=200, people=1)

PRICED = select(PriceTableRow.category_code).distinct()
"""What `kinds` asks, for `kernel.together`."""


def kinds(session: Session) -> Sequence[str]:
    """The codes of all kinds, batteries last."""
    return kinds_of(session.scalars(PRICED))


def kinds_of(priced: Iterable[str]) -> Sequence[str]:
    """As `kinds`, of the rows of `PRICED`."""
    return [*sorted(priced), BATTERY]


def typical(session: Session, kind: str, now: datetime) -> Typical:
    """What such a thing usually weighs and takes. Raises Refused(``recycling.category_not_taken``)."""
    return _BATTERY if kind == BATTERY else in_force(session, kind, now).table.typical
