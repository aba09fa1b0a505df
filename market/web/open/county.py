"""The county a public page is about."""

from flask import abort

from market.kernel.db import db
from market.places import queries
from market.places.models import County


def county_or_404(code: str) -> County:
    """The county with that code; one that runs no market is not found."""
    found: County = queries.county(db.session(), code) or abort(404)
    return found
