"""Phone numbers and passwords."""

import hashlib
import re
import unicodedata
from itertools import pairwise

_MAINLAND_MOBILE = re.compile(r"1[3-9]\d{9}")
_COUNTRY_PREFIX = re.compile(r"^(\+|00)?86(?=1[3-9]\d{9}$)")
_SEPARATORS = re.compile(r"[\s\-‐-―()·.]+")

PASSWORD_MIN_CHARS = 8
PASSWORD_MAX_CHARS = 128
_PASSWORD_MIN_DISTINCT = 4


def normalize_phone(text: str) -> str | None:
    """The eleven digits of the mainland mobile number that `text` spells, or None where it spells none.

    Takes what people type: spaces, dashes, full-width digits, and the prefixes ``+86``, ``0086``, ``86``.
    """
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not bare.isascii():
        return None
    bare = _COUNTRY_PREFIX.sub("", bare)
    return bare if _MAINLAND_MOBILE.fullmatch(bare) else None


def mask_phone(phone: str) -> str:
    """``13800138000`` as ``138****8000``; a landline keeps its last two digits only."""
    if _MAINLAND_MOBILE.fullmatch(phone):
        return f"{phone[:3]}****{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:]


def password_flaw(password: str, phone: str) -> str | None:
    """The refusal code of what makes `password` too easy to guess, or None where it will do."""
    if len(password) < PASSWORD_MIN_CHARS:
        return "people.password_short"
    if len(password) > PASSWORD_MAX_CHARS:
        return "people.password_long"
    if len(set(password)) < _PASSWORD_MIN_DISTINCT or password in phone or phone in password:
        return "people.password_easy"
    if _is_run(password):
        return "people.password_easy"
    return None


def _is_run(password: str) -> bool:
    """Whether every character follows its neighbour by the same step, as in ``12345678`` or ``hgfedcba``."""
    steps = {ord(b) - ord(a) for a, b in pairwise(password)}
    return steps in ({1}, {-1})


def token_hash(token: str) -> str:
    """What a session's token is stored as. The token is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
