"""A shop's list as a sheet: what it has, what an empty one looks like, and what is left to mend of one."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from market.bulk.columns import Cell, Column, columns
from market.bulk.models import SheetImport
from market.bulk.write_sheet import Row, write_csv, write_xlsx
from market.catalog.models import Category, Listing
from market.catalog.queries import categories
from market.kernel.errors import NotFound

CSV, XLSX = "csv", "xlsx"
ERRORS = "错误"


def sheet_columns(session: Session) -> tuple[Column, ...]:
    """The columns, with the categories of today."""
    return columns({category.name_zh: category.code for category in categories(session)})


def export_listings(session: Session, shop_id: uuid.UUID, kind: str) -> bytes:
    """Everything the shop lists, in the order in which it was listed."""
    own = select(Listing).where(Listing.shop_id == shop_id).options(joinedload(Listing.product))
    listings = session.scalars(own.order_by(Listing.id)).all()
    heads = sheet_columns(session)
    return _write(kind, heads, [[column.write(listing) for column in heads] for listing in listings])


def template(session: Session, category: Category | None, kind: str) -> bytes:
    """An empty sheet; of one category, its column offers that one alone and defaults are said beside it."""
    heads = sheet_columns(session)
    if category is not None:
        heads = columns({category.name_zh: category.code})
    return _write(kind, heads, [])


def rest_of(
    session: Session, sheet: SheetImport, kind: str, say: Callable[[str, dict[str, Any]], str]
) -> bytes:
    """The rows of an applied sheet that were wrong, as they were, with what `say` says of each flaw behind.

    Raises NotFound where there are none.
    """
    if not sheet.flaws:
        raise NotFound
    heads = sheet_columns(session)
    titles = {column.key: column.title for column in heads}
    rows: list[Row] = []
    for number, flaws in sorted(sheet.flaws.items(), key=lambda item: int(item[0])):
        row = sheet.rows[int(number)]
        told = [
            f"{titles[key]}：{say(*flaw)}" if key in titles else say(*flaw) for key, flaw in flaws.items()
        ]
        rows.append([*(_text(row.get(column.key, "")) for column in heads), "；".join(told)])
    return _write(kind, heads, rows, ERRORS)


def _text(cell: Cell) -> str:
    return cell["date"] if isinstance(cell, Mapping) else cell


def _write(kind: str, heads: Sequence[Column], rows: Sequence[Row], *more: str) -> bytes:
    titles = [*(column.title for column in heads), *more]
    return write_csv(titles, rows) if kind == CSV else write_xlsx(titles, rows, heads)
