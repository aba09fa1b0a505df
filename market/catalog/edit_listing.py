"""Change what a shop says of an item, put it on sale or take it off."""

import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.change_price import change_price, check_new_prices
from market.catalog.drafts import ProductDraft
from market.catalog.edit_models import ListingEdit
from market.catalog.edit_rule import waiting
from market.catalog.list_items import own_gtins
from market.catalog.models import LISTING_STATES, InstallSkill, Listing, ListingState, Product
from market.catalog.queries import listing_of
from market.catalog.recalled import is_whole
from market.catalog.review_edit import change_product, hold
from market.catalog.rules import LabelState
from market.catalog.zone_rule import CertificateState
from market.kernel.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class OwnDraft:
    """What is nobody's but the shop's: its number, the variant, and from how many pieces on they are few."""

    own_number: str | None
    variant: str
    low_at: int


def edit_listing(
    session: Session,
    shop_id: uuid.UUID,
    listing_id: uuid.UUID,
    product: ProductDraft,
    people_required: int,
    install_skill: InstallSkill,
    install_seconds: int,
    now: datetime,
    account_id: uuid.UUID | None = None,
) -> ListingEdit | None:
    """Change the item's description, measures and handling; what has to wait for an operator, or None.

    What `edit_rule.waiting` names is kept as it is until then. Raises NotFound where it is another shop's;
    Refused: ``catalog.gtin_taken`` (field gtin), ``catalog.model_taken`` (field model).
    """
    listing = own_listing(session, shop_id, listing_id)
    if listing.gtin is not None:
        product = _with_own_barcode(session, listing, product)
    changes = _changes(listing.product, product)
    held = waiting(changes, proven=_is_proven(listing.product), shared=_sold_elsewhere(session, listing))
    change_product(session, listing.product, {name: changes[name] for name in changes if name not in held})
    listing.people_required = people_required
    listing.install_skill = install_skill
    listing.install_seconds = install_seconds
    listing.updated_at = now
    session.flush()
    return hold(session, listing, {name: changes[name] for name in held}, account_id, now)


def file_price(
    session: Session,
    shop_id: uuid.UUID,
    listing_id: uuid.UUID,
    list_price_fen: int,
    price_fen: int,
    account_id: uuid.UUID | None,
    now: datetime,
) -> ListingEdit | None:
    """Ask for these prices: they stand at once, unless the filed one rises, which an operator looks at first.

    Raises as `change_price`.
    """
    listing = own_listing(session, shop_id, listing_id)
    typed = {"list_price_fen": list_price_fen, "price_fen": price_fen}
    changes = {
        name: (getattr(listing, name), fen) for name, fen in typed.items() if getattr(listing, name) != fen
    }
    if waiting(changes, proven=False, shared=False):
        check_new_prices(session, listing, list_price_fen, price_fen, now)
        return hold(session, listing, changes, account_id, now)
    change_price(session, shop_id, listing_id, list_price_fen, price_fen, account_id, now)
    return None


def edit_own(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, draft: OwnDraft, now: datetime
) -> Listing:
    """Change what is the shop's own affair.

    Raises NotFound; Refused: ``catalog.own_number_taken`` (field own_number), ``catalog.variant_taken``
    (field color).
    """
    listing = own_listing(session, shop_id, listing_id)
    others = select(Listing.id).where(Listing.shop_id == shop_id, Listing.id != listing_id)
    if draft.own_number and session.scalar(others.where(Listing.own_number == draft.own_number)):
        raise Refused("catalog.own_number_taken", field="own_number")
    same = others.where(Listing.product_id == listing.product_id, Listing.variant == draft.variant)
    if session.scalar(same):
        raise Refused("catalog.variant_taken", field="color")
    listing.own_number, listing.variant, listing.low_at = draft.own_number, draft.variant, draft.low_at
    listing.updated_at = now
    session.flush()
    return listing


def set_state(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, to: ListingState, now: datetime
) -> Listing:
    """Put a listing on sale or pause it; one that is so already stays so.

    Raises NotFound, Refused(``catalog.recalled``) while its product is called back.
    """
    listing = own_listing(session, shop_id, listing_id)
    if listing.state is ListingState.recalled or is_whole(session, listing.product_id):
        raise Refused("catalog.recalled")
    if listing.state is not to:
        LISTING_STATES.move(listing, to)
        listing.updated_at = now
        session.flush()
    return listing


def own_listing(session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID) -> Listing:
    """The shop's listing, locked. Raises NotFound."""
    listing = listing_of(session, shop_id, listing_id, lock=True)
    if listing is None:
        raise NotFound
    return listing


def _with_own_barcode(session: Session, listing: Listing, draft: ProductDraft) -> ProductDraft:
    """A variant that has a barcode of its own changes that one; its model's stays."""
    if draft.gtin != listing.gtin:
        (gtin,) = own_gtins(session, [(listing.product, draft.gtin)])
        others = select(Listing.id).where(Listing.shop_id == listing.shop_id, Listing.id != listing.id)
        if gtin and session.scalar(others.where(Listing.gtin == gtin)):
            raise Refused("catalog.gtin_taken", field="gtin")
        listing.gtin = gtin
    return replace(draft, gtin=listing.product.gtin)


def _changes(product: Product, draft: ProductDraft) -> dict[str, tuple[Any, Any]]:
    typed = asdict(draft)
    return {
        name: (getattr(product, name), new) for name, new in typed.items() if getattr(product, name) != new
    }


def _is_proven(product: Product) -> bool:
    return any(label.state is LabelState.verified for label in product.labels) or any(
        paper.state is CertificateState.valid for paper in product.certificates
    )


def _sold_elsewhere(session: Session, listing: Listing) -> bool:
    others = select(Listing.id).where(
        Listing.product_id == listing.product_id, Listing.shop_id != listing.shop_id
    )
    return session.scalar(others.limit(1)) is not None
