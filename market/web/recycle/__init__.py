"""Sending old things in by post, from the first question to the points."""

from flask import Blueprint

bp = Blueprint("recycle", __name__, url_prefix="/recycle")

from market.web.recycle import bring, follow, quote, start  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "bring", "follow", "quote", "start"]
from market.web.recycle import choose, order  # noqa: E402 - the views need the blueprint

__all__ = ["bp", "choose", "follow", "order", "quote", "start"]
