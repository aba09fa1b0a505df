"""Where she starts from, for what is near."""

from market.kernel.db import db
from market.people.models import Address
from market.places import queries as places
from market.places.rules import Position
from market.web.county_choice import home_address, visitor_county


def here() -> tuple[str, Position, Address | None]:
    """The county, the place to start from, and the address it is of, where she has one."""
    own = home_address()
    if own is None:
        county = visitor_county()
        return county.code, county.hub, None
    rough = places.rough_position(*places.lineage_in_county(db.session(), own.village_code))
    return own.county_code, own.position or rough, own
