"""Let the visitor pick a county, and show its telephone number."""

from flask import redirect, request, session
from werkzeug.wrappers import Response

from market.web.county_choice import all_counties, chosen_county
from market.web.redirects import safe_next
from market.web.storefront import bp


@bp.app_template_global()
def help_line() -> str:
    """The telephone number at the foot of every page; empty where no county runs a market."""
    found = chosen_county()
    return found.phone if found else ""


@bp.post("/region")
def choose_region() -> Response:
    """Keep the county that the visitor picked."""
    code = request.form.get("county", "")
    if code in {county.code for county in all_counties()}:
        session["county"] = code
    return redirect(safe_next(request.form.get("next")), 303)
