"""The database: one declarative base, one Flask-SQLAlchemy handle, and the column types the house uses."""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Enum, MetaData, Text, TextClause, make_url, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached, mapped_column

from market.kernel.ids import new_id

Id = Annotated[uuid.UUID, mapped_column(UUID(as_uuid=True), primary_key=True, default=new_id)]


class Base(DeclarativeBase):
    """Every table's base. Amounts are BIGINT, text is unbounded, times carry a zone, JSON is JSONB."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        uuid.UUID: UUID(as_uuid=True),
        # Text with a CHECK rather than a PostgreSQL enum: a new state is then an ordinary migration.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


db = SQLAlchemy(metadata=Base.metadata)


def connect_args(url: str) -> dict[str, str]:
    """What each connection to the database at `url` starts with, besides what the address itself says.

    No JIT: PostgreSQL would compile a search for longer than it takes to answer it.
    """
    said = make_url(url).query.get("options", ())
    return {"options": " ".join((*([said] if isinstance(said, str) else said), "-c jit=off"))}


def insert_all(session: Session, things: Sequence[Base]) -> None:
    """Write new things, every column of theirs set, in one statement, and keep them. Parents come first.

    For where people queue behind one row: a unit of work sorts, cascades and asks for defaults, which costs
    more than the rows themselves (benchmarks/README.md, "Checkout beside pgbench").
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for thing in things:
        columns = thing.__table__.columns
        row = {key: value for key, value in vars(thing).items() if key in columns}
        rows.setdefault(thing.__tablename__, []).append(row)
    documents = {table: json.dumps(its, default=str) for table, its in rows.items()}
    session.connection().execute(_insert_into(tuple(rows)), documents)
    for thing in things:
        make_transient_to_detached(thing)
    session.add_all(things)


@cache
def _insert_into(tables: tuple[str, ...]) -> TextClause:
    """One statement that fills `tables` from a JSON document each."""
    parts = (
        f"{name}_rows AS (INSERT INTO {name}"  # noqa: S608 - names of our own tables
        f" SELECT * FROM jsonb_populate_recordset(NULL::{name}, CAST(:{name} AS jsonb)))"
        for name in tables
    )
    return text(f"WITH {', '.join(parts)} SELECT")
