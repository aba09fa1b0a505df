"""What the visitor's county pays out of now, read together with the counties, once a request."""

from flask import g

from market.kernel import clock
from market.places.models import County
from market.subsidies import queries
from market.subsidies.rules import Offer
from market.web.county_choice import remember_counties, visitor_county
from market.web.kept import holding


def county_and_running(code: str | None = None) -> tuple[County, queries.Running]:
    """The county of that code, else the visitor's, with its programmes and their pots.

    Raises ServiceUnavailable while no county runs a market yet.
    """
    if "running" not in g:
        g.running = holding("running", lambda session: queries.running_by_county(session, clock.now()))
        remember_counties([county for county, _running in g.running])
    wanted = code or visitor_county().code
    every: list[tuple[County, queries.Running]] = g.running
    return next(it for it in every if it[0].code == wanted)


def county_and_offers() -> tuple[County, list[Offer]]:
    """The visitor's county and what it pays out of, as the rules take it."""
    here, running = county_and_running()
    return here, queries.offers_of(running)
