"""三包 terms: published by version, read as they stood when the thing was sold."""

import json
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.aftersales.models import WarrantyTerms
from market.aftersales.rules import Terms, read_terms

_TIMES = ("valid_from", "valid_to", "observed_at")


def shipped() -> list[dict[str, Any]]:
    """The terms that this release ships, unverified (facts §6.4)."""
    text = files("market.aftersales").joinpath("data/warranty.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def publish(session: Session, data: dict[str, Any]) -> None:
    """Publish one version; one that stands is left as it is, for decisions hang on it.

    Raises KeyError, TypeError or ValueError where the terms cannot be read.
    """
    read_terms(data)
    times = {name: datetime.fromisoformat(data[name]) if data[name] else None for name in _TIMES}
    session.execute(insert(WarrantyTerms).values(**{**data, **times}).on_conflict_do_nothing())


def in_force(session: Session, category_code: str, sold_at: datetime) -> WarrantyTerms | None:
    """What governs a thing of `category_code` sold at `sold_at`; None where nothing is known of it."""
    return session.scalar(
        select(WarrantyTerms)
        .where(
            WarrantyTerms.category_code == category_code,
            WarrantyTerms.valid_from <= sold_at,
            or_(WarrantyTerms.valid_to.is_(None), WarrantyTerms.valid_to > sold_at),
        )
        .order_by(WarrantyTerms.valid_from.desc())
        .limit(1)
    )


TERMS_OF_CATEGORY = (
    select(WarrantyTerms)
    .where(WarrantyTerms.category_code == bindparam("category_code"))
    .order_by(WarrantyTerms.valid_from.desc())
)
"""Every version for a category, the latest first, for `kernel.together`: see `of_day`."""


def of_day(versions: Iterable[WarrantyTerms], sold_at: datetime) -> WarrantyTerms | None:
    """As `in_force`, of those versions."""
    return next(
        (it for it in versions if it.valid_from <= sold_at and (not it.valid_to or it.valid_to > sold_at)),
        None,
    )


def read(row: WarrantyTerms | None) -> Terms | None:
    """The rule that a row says."""
    if row is None:
        return None
    names = ("whole_months", "main_part_months", "main_parts")
    return read_terms({name: getattr(row, name) for name in names})
