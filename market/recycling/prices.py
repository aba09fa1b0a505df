"""Price tables: published by version, read as they stood."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.kernel.errors import Refused
from market.recycling.models import PriceTableRow
from market.recycling.rules import PriceTable, read_table


@dataclass(frozen=True, slots=True)
class InForce:
    """A table with the version it is and whether anyone vouches for it."""

    id: str
    verified: bool
    table: PriceTable


def shipped() -> list[dict[str, Any]]:
    """The tables that this release ships: demo values, unverified."""
    text = files("market.recycling").joinpath("data/prices.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def publish(session: Session, data: dict[str, Any]) -> None:
    """Publish one version; a version that stands is left as it is, for offers hang on it.

    Raises KeyError, TypeError or ValueError where the prices cannot be read.
    """
    read_table(data["prices"])
    session.execute(
        insert(PriceTableRow)
        .values(
            id=data["id"],
            category_code=data["category_code"],
            prices=data["prices"],
            valid_from=datetime.fromisoformat(data["valid_from"]),
            valid_to=datetime.fromisoformat(data["valid_to"]) if data["valid_to"] else None,
            source=data["source"],
            verified=data["verified"],
        )
        .on_conflict_do_nothing()
    )


def in_force(session: Session, category_code: str, now: datetime) -> InForce:
    """The table for `category_code` at `now`. Raises Refused(``recycling.category_not_taken``)."""
    row = session.scalar(
        select(PriceTableRow)
        .where(
            PriceTableRow.category_code == category_code,
            PriceTableRow.valid_from <= now,
            or_(PriceTableRow.valid_to.is_(None), PriceTableRow.valid_to > now),
        )
        .order_by(PriceTableRow.valid_from.desc())
        .limit(1)
    )
    if row is None:
        raise Refused("recycling.category_not_taken", field="category_code")
    return of_row(row)


def version(session: Session, price_table_id: str) -> InForce:
    """The version an offer was made from."""
    return of_row(session.get_one(PriceTableRow, price_table_id))


def of_row(row: PriceTableRow) -> InForce:
    """The version that a row holds."""
    return InForce(row.id, row.verified, read_table(row.prices))


def priced_categories(session: Session) -> Sequence[Category]:
    """Everything that is taken, by whichever way."""
    return _categories(session, true())


def trade_in_categories(session: Session) -> Sequence[Category]:
    """What a courier takes along when something new is delivered."""
    return _categories(session, Category.accepts_trade_in)


def _categories(session: Session, accepted: Any) -> Sequence[Category]:
    return session.scalars(PRICED.where(accepted)).all()


PRICED = (
    select(Category).where(Category.code.in_(select(PriceTableRow.category_code))).order_by(Category.sort)
)
"""What `priced_categories` asks, for `kernel.together`."""
