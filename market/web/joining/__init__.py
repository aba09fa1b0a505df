"""The way into the shop's door, for people who are not in yet: apply for a shop, or join one."""

from flask import Blueprint

bp = Blueprint("joining", __name__, url_prefix="/shop")

from market.web.joining import application, invitation  # noqa: E402 - the views need the blueprint

__all__ = ["application", "bp", "invitation"]
