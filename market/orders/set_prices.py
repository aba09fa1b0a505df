"""What the sets in a cart take off its lines."""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.scenes.queries import terms_of
from market.scenes.rules import Priced, promotions


def sets_off(
    session: Session, set_ids: Sequence[uuid.UUID], rows: Sequence[tuple[Listing, int]]
) -> dict[uuid.UUID, int]:
    """What the cart's sets take off its lines, in fen by listing. What is not for sale belongs to no set."""
    if not set_ids:
        return {}
    lines = {it.id: Priced(pieces, it.price_fen) for it, pieces in rows if it.is_for_sale}
    return promotions(lines, terms_of(session, set_ids))
