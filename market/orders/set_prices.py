"""What the sets in a cart take off its lines."""

import uuid
from collections.abc import Sequence

from market.catalog.models import Listing
from market.scenes.rules import Priced, Terms, promotions


def sets_off(terms: Sequence[Terms], rows: Sequence[tuple[Listing, int]]) -> dict[uuid.UUID, int]:
    """What the cart's sets take off its lines, in fen by listing. What is not for sale belongs to no set."""
    if not terms:
        return {}
    return promotions({it.id: Priced(pieces, it.price_fen) for it, pieces in rows if it.is_for_sale}, terms)
