"""The account: sign in and out, addresses, and what the market knows about a person."""

from flask import Blueprint

bp = Blueprint("account", __name__, url_prefix="/account")

from market.web.account import (  # noqa: E402 - the views need the blueprint
    addresses,
    appliances,
    credit,
    entry,
    home,
    own_data,
    privacy,
    second_factor,
)

__all__ = ["addresses", "appliances", "bp", "credit", "entry", "home", "own_data", "privacy", "second_factor"]
