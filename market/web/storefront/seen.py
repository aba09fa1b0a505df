"""Whether a look at a listing counts: the shop's own people are no visitors."""

import uuid

from flask import current_app, g, request
from flask_login import current_user

from market.catalog.models import Listing
from market.kernel.db import db
from market.web.seen import is_person, look


def count_view(listing_id: uuid.UUID) -> None:
    """One more look at the page, now and whenever a kept copy of it is handed out."""
    g.looked_at = listing_id
    if is_person(request.environ) and not _is_own(listing_id):
        look(current_app._get_current_object(), listing_id)  # type: ignore[attr-defined]


def _is_own(listing_id: uuid.UUID) -> bool:
    if not current_user.is_authenticated:
        return False
    listing = db.session.get(Listing, listing_id)
    return listing is not None and listing.shop_id == g.own_shop_id
