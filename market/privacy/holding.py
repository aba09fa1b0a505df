"""What one table keeps about a person, and when it has to go."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import UUID, BindParameter, ColumnElement, and_, bindparam
from sqlalchemy.orm import InstrumentedAttribute

from market.kernel.db import Base

ME: BindParameter[uuid.UUID] = bindparam("me", type_=UUID(as_uuid=True))
"""Whose data it is: the account's id."""


class Basis(StrEnum):
    """On which ground data is kept: the Personal Information Protection Law (PIPL), article 13, and the laws
    that ask for it."""

    contract = "contract"  # PIPL 13 (2): what was ordered has to be brought
    consent = "consent"  # PIPL 13 (1)
    trade = "trade"  # E-Commerce Law 31: goods and trade data, three years from the end of the deal
    tax = "tax"  # Rules for the Tax Collection Law 29: books and vouchers, ten years
    subsidy = "subsidy"  # once for one person: the programme's own rule, and its audit
    reviews = "reviews"  # E-Commerce Law 39: a review must not be deleted
    safety = "safety"  # who has a thing that is called back has to be found
    record = "record"  # PIPL 69: who handles data has to show that he did so rightly


@dataclass(frozen=True, slots=True)
class Holding:
    """What `model`'s rows say about a person.

    `whose` finds a person's rows (`ME`), `shown` is what she gets a copy of, `since` the column from which
    `days` count (None: as long as the account). What goes is the row, or with `blanks` only what they
    overwrite; `at_erasure` tells whether it goes as soon as the account ends. `over` restricts what may go by
    age to what is over.
    """

    model: type[Base]
    whose: ColumnElement[bool] | None
    shown: tuple[InstrumentedAttribute[Any], ...]
    basis: Basis
    days: int | None = None
    since: InstrumentedAttribute[Any] | None = None
    blanks: Mapping[str, Any] = field(default_factory=dict)
    at_erasure: bool = False
    over: ColumnElement[bool] | None = None

    @property
    def name(self) -> str:
        """The table's name, which is also what the holding goes by."""
        return str(self.model.__tablename__)

    def due(self, now: datetime) -> ColumnElement[bool] | None:
        """The rows whose time is up; None where they stay as long as the account."""
        if self.since is None or self.days is None:
            return None
        old = self.since < now - timedelta(days=self.days)
        return and_(old, self.over) if self.over is not None else old
