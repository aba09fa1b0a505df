"""A copy of what the market keeps about a person (PIPL 45)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from market.privacy.data_map import HOLDINGS
from market.privacy.holding import Holding

Rows = list[dict[str, Any]]


def copy_of(session: Session, account_id: uuid.UUID, now: datetime) -> dict[str, Any]:
    """All rows that the data map says are the person's: ``{"made_at", "format", "holdings": {table: rows}}``.

    Moments are ISO 8601 in UTC, amounts integers in fen, and tables without a row of hers are left out.
    """
    found = {holding.name: _rows(session, holding, account_id) for holding in HOLDINGS}
    return {"made_at": now, "format": 1, "holdings": {name: rows for name, rows in found.items() if rows}}


def _rows(session: Session, holding: Holding, account_id: uuid.UUID) -> Rows:
    if holding.whose is None:
        return []
    keys = inspect(holding.model).primary_key
    found = select(*holding.shown).where(holding.whose).order_by(*keys)
    return [dict(row._mapping) for row in session.execute(found, {"me": account_id})]
