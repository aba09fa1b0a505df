"""Which county's market the visitor is in: the one she picked, else the first that runs one."""

from collections.abc import Sequence

from flask import g, session
from werkzeug.exceptions import ServiceUnavailable

from market.kernel.db import db
from market.places import queries
from market.places.models import County


def visitor_county() -> County:
    """The visitor's county. Raises ServiceUnavailable while no county runs a market yet."""
    found = chosen_county()
    if found is None:
        raise ServiceUnavailable
    return found


def chosen_county() -> County | None:
    """The visitor's county, None while no county runs a market yet."""
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
