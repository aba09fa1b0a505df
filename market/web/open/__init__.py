"""The open door: public registers, where the money went, and the rules everyone is held to.

Reads, and reports that need no name.
"""

from flask import Blueprint

bp = Blueprint("open", __name__, url_prefix="/open")

from market.web.open import (  # noqa: E402 - the views need the blueprint
    figures,
    oversight,
    points,
    privacy,
    producers,
    ratings,
    recalls,
    registers,
    rules,
)

__all__ = [
    "bp",
    "figures",
    "oversight",
    "points",
    "privacy",
    "producers",
    "ratings",
    "recalls",
    "registers",
    "rules",
]
