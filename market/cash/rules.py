"""One-time codes, and when one still opens its hand-in."""

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta

CODE_LIFE = timedelta(minutes=30)
MOST_WRONG_TRIES = 5
_CODES = 1_000_000


def new_code() -> str:
    """Six digits that nobody can guess in five tries."""
    return f"{secrets.randbelow(_CODES):06d}"


def code_hash(hand_in_id: uuid.UUID, code: str) -> str:
    """What is kept of `code`: of no use for any other hand-in."""
    return hmac.new(hand_in_id.bytes, code.encode(), hashlib.sha256).hexdigest()


def code_fits(hand_in_id: uuid.UUID, kept_hash: str, typed: str) -> bool:
    """Whether `typed` is the code, told in the same time for every wrong one."""
    return hmac.compare_digest(kept_hash, code_hash(hand_in_id, typed.strip()))


def is_spent(expires_at: datetime, wrong_tries: int, now: datetime) -> bool:
    """Whether a code opens nothing any more: too old, or tried wrongly too often."""
    return now >= expires_at or wrong_tries >= MOST_WRONG_TRIES
