"""The open door: public registers, where the money went, and the rules everyone is held to. Reads only."""

from flask import Blueprint

bp = Blueprint("open", __name__, url_prefix="/open")

from market.web.open import figures, producers, registers, rules  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "figures", "producers", "registers", "rules"]
