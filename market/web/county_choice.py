"""Which county's market the visitor is in: the one she picked, else where she lives, else the first."""

from collections.abc import Sequence

from flask import g, session
from flask_login import current_user
from werkzeug.exceptions import ServiceUnavailable

from market.kernel.db import db
from market.people.models import Address
from market.people.queries import addresses
from market.places import queries
from market.places.models import County
from market.web.kept import holding


def visitor_county() -> County:
    """The visitor's county. Raises ServiceUnavailable while no county runs a market yet."""
    found = chosen_county()
    if found is None:
        raise ServiceUnavailable
    return found


def chosen_county() -> County | None:
    """The visitor's county, None while no county runs a market yet."""
    found = {county.code: county for county in all_counties()}
    for code in (session.get("county"), _home_code()):
        if code in found:
            return found[code]
    return next(iter(found.values()), None)


def visitor_region() -> str:
    """The code of the visitor's own village or township if the county she looks at has it; else its own."""
    county, home = visitor_county().code, home_address()
    return (home.village_code or home.township_code) if home and home.county_code == county else county


def _home_code() -> str | None:
    home = home_address()
    return home.county_code if home else None


def home_address() -> Address | None:
    """The visitor's own newest address, read once a request; None for strangers."""
    if not current_user.is_authenticated:
        return None
    if "home" not in g:
        mine = addresses(db.session(), current_user.id)
        g.home = mine[0] if mine else None
    found: Address | None = g.home
    return found


def remember_counties(counties: Sequence[County]) -> None:
    """Spare `all_counties` its read where another has brought them along: all of them, by code."""
    g.counties = counties


def all_counties() -> Sequence[County]:
    """The counties that run a market, read once a request; whoever is signed in has brought them along."""
    if "counties" not in g and not (current_user.is_authenticated and "counties" in g):
        g.counties = holding("counties", queries.counties)
    found: Sequence[County] = g.counties
    return found
