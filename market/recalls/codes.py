"""The code that a recall goes by in public."""

import secrets
from datetime import datetime

from market.kernel.clock import local_date

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that reads like another character


def new_code(now: datetime) -> str:
    """The day and four characters: ``ZH261126-7KQ4``."""
    return f"ZH{local_date(now):%y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(4))
