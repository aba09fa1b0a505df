"""Identifiers: UUIDv7 (RFC 9562 §5.7), made here because PostgreSQL before 18 has no ``uuidv7()``."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A fresh UUIDv7: sorts by the time it was made, so indexes grow at one end."""
    return uuid7()


def parse_id(text: str) -> uuid.UUID | None:
    """The id that `text` spells, or None where it spells none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
