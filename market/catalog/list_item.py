"""List an item: its product, if nobody listed it before, the shop's offer and the label, in one go."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.declare_label import LabelDraft, declare
from market.catalog.drafts import ItemDraft, OfferDraft, ProductDraft
from market.catalog.list_items import list_items
from market.catalog.models import Listing


def list_item(
    session: Session,
    shop_id: uuid.UUID,
    category_code: str,
    product: ProductDraft,
    offer: OfferDraft,
    label: LabelDraft | None,
    account_id: uuid.UUID | None,
    now: datetime,
    *,
    activate: bool = True,
) -> Listing:
    """The shop's new listing. Raises what `list_items` and `declare` raise."""
    draft = ItemDraft(category_code, product, offer, activate)
    (listing,) = list_items(session, shop_id, [draft], account_id, now)
    if label is not None:
        declare(session, listing.product, label, now)
    return listing
