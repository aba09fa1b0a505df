"""Sending old things in by post, from the first question to the points."""

from flask import Blueprint

bp = Blueprint("recycle", __name__, url_prefix="/recycle")

from market.web.recycle import (  # noqa: E402 - the views need the blueprint
    bring,
    choose,
    follow,
    order,
    quote,
    start,
)

__all__ = ["bp", "bring", "choose", "follow", "order", "quote", "start"]
