"""Fill categories and standards from the data files beside this module."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Category, Standard

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one data file."""
    found: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def load_catalog(session: Session) -> None:
    """Put every category and standard in its table; one that is there follows the file."""
    for sort, row in enumerate(rows("categories")):
        _put(session, Category, "code", row | {"sort": sort})
    for row in rows("standards"):
        _put(session, Standard, "number", row)


def _put(session: Session, model: type[Category | Standard], key: str, row: dict[str, Any]) -> None:
    session.execute(insert(model).values(**row).on_conflict_do_update(index_elements=[key], set_=row))
