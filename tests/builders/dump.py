"""All that a database says, for looking whether a name is still in it."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from market.kernel.db import Base


def dump(session: Session) -> dict[str, list[str]]:
    """Every table's rows as JSON text, in one order."""
    session.flush()
    found = {}
    for name in sorted(Base.metadata.tables):
        rows = session.execute(text(f"SELECT to_jsonb(t)::text FROM {name} t"))
        found[name] = sorted(row for (row,) in rows)
    return found


def where_it_says(session: Session, *words: str) -> set[str]:
    """The tables in which any of `words` is written."""
    return {
        name for name, rows in dump(session).items() if any(word in row for row in rows for word in words)
    }
