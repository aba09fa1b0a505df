"""Chains of rows by hash: a row that was changed, left out or put in later shows."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

GENESIS = "0" * 64


def chain_hash(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a row that follows the row hashed `previous`; SHA-256 over canonical JSON."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def first_break(rows: Iterable[tuple[Mapping[str, Any], str]]) -> int | None:
    """The place of the first (row, hash) that does not follow from those before it; None where all do."""
    previous = GENESIS
    for place, (row, stored) in enumerate(rows):
        if chain_hash(previous, row) != stored:
            return place
        previous = stored
    return None
