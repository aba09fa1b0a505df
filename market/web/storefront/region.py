"""Which county's market the visitor is in: the one she picked, else the first that runs one."""

from collections.abc import Sequence

from flask import g, redirect, request, session
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.places import queries
from market.places.models import County
from market.web.redirects import safe_next
from market.web.storefront import bp


def visitor_county() -> County:
    """The visitor's county. Raises ServiceUnavailable while no county runs a market yet."""
    found = _county()
    if found is None:
        raise ServiceUnavailable
    return found


def _county() -> County | None:
    found = all_counties()
    return next(
        (county for county in found if county.code == session.get("county")), found[0] if found else None
    )


def all_counties() -> Sequence[County]:
    """The counties that run a market, read once a request."""
    if "counties" not in g:
        g.counties = queries.counties(db.session())
    found: Sequence[County] = g.counties
    return found


@bp.app_template_global()
def help_line() -> str:
    """The telephone number at the foot of every page; empty where no county runs a market."""
    found = _county()
    return found.phone if found else ""


@bp.post("/region")
def choose_region() -> Response:
    """Keep the county that the visitor picked."""
    code = request.form.get("county", "")
    if code in {county.code for county in all_counties()}:
        session["county"] = code
    return redirect(safe_next(request.form.get("next")), 303)
