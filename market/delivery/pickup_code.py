"""The code that proves who may have the goods."""

import secrets


def new_pickup_code() -> str:
    """Six digits, easy to say over a counter."""
    return f"{secrets.randbelow(1_000_000):06}"
