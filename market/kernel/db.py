"""The database: one declarative base, one Flask-SQLAlchemy handle, and the column types the house uses."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Enum, MetaData, Text, insert
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


def insert_all(session: Session, things: Sequence[Base]) -> None:
    """Write new things, every key of theirs set, with one statement for each run of one table; keep them.

    For where people queue behind one row: a unit of work sorts, cascades and asks for defaults, which costs
    more than the rows themselves (benchmarks/README.md, "Checkout beside pgbench").
    """
    connection = session.connection()
    for kind, alike in groupby(things, type):
        columns = kind.__table__.columns
        rows = [{key: value for key, value in vars(thing).items() if key in columns} for thing in alike]
        connection.execute(insert(kind.__table__), rows)
    for thing in things:
        make_transient_to_detached(thing)
    session.add_all(things)
