"""Change what a shop says of an item, put it on sale or take it off."""

import uuid
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.list_item import ProductDraft
from market.catalog.models import LISTING_STATES, InstallSkill, Listing, ListingState, Product
from market.catalog.queries import listing_of
from market.catalog.recalled import is_whole
from market.kernel.errors import NotFound, Refused


def edit_listing(
    session: Session,
    shop_id: uuid.UUID,
    listing_id: uuid.UUID,
    product: ProductDraft,
    people_required: int,
    install_skill: InstallSkill,
    install_seconds: int,
    now: datetime,
) -> Listing:
    """Change the item's description, measures and handling; brand and model stay what they are.

    Raises NotFound where it is another shop's; Refused: ``catalog.shared_product`` where another shop sells
    the same model, ``catalog.gtin_taken`` (field gtin).
    """
    listing = own_listing(session, shop_id, listing_id)
    _edit_product(session, listing, product)
    listing.people_required = people_required
    listing.install_skill = install_skill
    listing.install_seconds = install_seconds
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


def _edit_product(session: Session, listing: Listing, draft: ProductDraft) -> None:
    product = listing.product
    typed = asdict(draft) | {"brand": product.brand, "model": product.model}
    changes = {name: value for name, value in typed.items() if getattr(product, name) != value}
    if not changes:
        return
    if _sold_elsewhere(session, listing):
        raise Refused("catalog.shared_product")
    if changes.get("gtin") and session.scalar(select(Product.id).where(Product.gtin == changes["gtin"])):
        raise Refused("catalog.gtin_taken", field="gtin")
    for name, value in changes.items():
        setattr(product, name, value)
    product.index_for_search(product.category)
    product.measure_running_cost()


def _sold_elsewhere(session: Session, listing: Listing) -> bool:
    others = select(Listing.id).where(
        Listing.product_id == listing.product_id, Listing.shop_id != listing.shop_id
    )
    return session.scalar(others.limit(1)) is not None
