"""Where she starts from, for what is near."""

from flask_login import current_user

from market.kernel.db import db
from market.people.models import Address
from market.people.queries import addresses
from market.places import queries as places
from market.places.rules import Position
from market.web.county_choice import visitor_county


def here() -> tuple[str, Position, Address | None]:
    """The county, the place to start from, and the address it is of, where she has one."""
    own = next(iter(addresses(db.session(), current_user.id)), None)
    if own is None:
        county = visitor_county()
        return county.code, county.hub, None
    rough = places.rough_position(*places.lineage_in_county(db.session(), own.village_code))
    return own.county_code, own.position or rough, own
