"""A copy of what the market keeps about a person (PIPL 45)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from market.kernel.together import Together
from market.privacy.data_map import HOLDINGS
from market.privacy.holding import Holding

Rows = list[dict[str, Any]]

# A row of one part is as wide as all parts of its statement, so neither one statement nor one for each table.
_TABLES_AT_ONCE = 19


def copy_of(session: Session, account_id: uuid.UUID, now: datetime) -> dict[str, Any]:
    """All rows that the data map says are the person's: ``{"made_at", "format", "holdings": {table: rows}}``.

    Moments are ISO 8601 in UTC, amounts integers in fen, and tables without a row of hers are left out.
    """
    found = {
        holding.name: [_copy(holding, row) for row in rows]
        for holdings, parts in _AT_ONCE
        for holding, rows in zip(holdings, parts.read(session, me=account_id), strict=True)
    }
    return {"made_at": now, "format": 1, "holdings": {name: rows for name, rows in found.items() if rows}}


def _copy(holding: Holding, row: Any) -> dict[str, Any]:
    values = row if len(holding.shown) > 1 else (row,)
    return {it.key: value for it, value in zip(holding.shown, values, strict=True)}


_HERS = [
    (it, select(*it.shown).where(it.whose).order_by(*inspect(it.model).primary_key))
    for it in HOLDINGS
    if it.whose is not None
]
_AT_ONCE = [
    ([holding for holding, _part in some], Together(*(part for _holding, part in some)))
    for some in (_HERS[n : n + _TABLES_AT_ONCE] for n in range(0, len(_HERS), _TABLES_AT_ONCE))
]
