"""A listing's pictures and their order; the first is its cover."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.edit_listing import own_listing
from market.catalog.models import Listing
from market.catalog.pictures import keep_picture
from market.kernel.errors import Refused

MOST_PHOTOS = 6


def add_photos(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, photos: Sequence[bytes], now: datetime
) -> Listing:
    """Put photos behind those that are there; one that is there already stays where it is.

    Raises NotFound; Refused (field photos): ``photo.unreadable``, ``catalog.photos_most``.
    """
    listing = own_listing(session, shop_id, listing_id)
    if len(photos) > MOST_PHOTOS:
        raise Refused("catalog.photos_most", field="photos", most=MOST_PHOTOS)
    kept = [keep_picture(session, data, "photos", now) for data in photos]
    order = list(dict.fromkeys([*listing.photos, *kept]))
    if len(order) > MOST_PHOTOS:
        raise Refused("catalog.photos_most", field="photos", most=MOST_PHOTOS)
    return _set(session, listing, order, now)


def move_photo(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, sha256: str, place: int, now: datetime
) -> Listing:
    """Put a photo at `place`, counted from 0. Raises NotFound; Refused(``catalog.photos_changed``)."""
    listing = own_listing(session, shop_id, listing_id)
    others = _without(listing, sha256)
    return _set(session, listing, [*others[:place], sha256, *others[place:]], now)


def remove_photo(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, sha256: str, now: datetime
) -> Listing:
    """Take a photo away; the picture itself stays for who shows it too. Raises as `move_photo`."""
    listing = own_listing(session, shop_id, listing_id)
    return _set(session, listing, _without(listing, sha256), now)


def _without(listing: Listing, sha256: str) -> list[str]:
    if sha256 not in listing.photos:
        raise Refused("catalog.photos_changed")
    return [photo for photo in listing.photos if photo != sha256]


def _set(session: Session, listing: Listing, order: list[str], now: datetime) -> Listing:
    listing.photos, listing.updated_at = order, now
    session.flush()
    return listing
