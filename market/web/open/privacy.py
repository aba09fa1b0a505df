"""What is kept about people, why, and how long: the data map itself, in words (PIPL 17)."""

from flask import render_template

from market.privacy.data_map import HOLDINGS
from market.web import privacy_text
from market.web.open import bp


@bp.get("/privacy")
def privacy() -> str:
    """The notice: one line for each kind of data."""
    return render_template("open/privacy.html", holdings=[privacy_text.explained(it) for it in HOLDINGS])
