"""What closes and opens sealed columns in the doors: keys derived from SECRET_KEY and its fallbacks."""

from flask import current_app

from market.kernel.seal import Seal


def seal_for(purpose: str) -> Seal:
    """The seal of one purpose (a room's SEAL_PURPOSE)."""
    return Seal(current_app.extensions["settings"].secret_keys, purpose)
