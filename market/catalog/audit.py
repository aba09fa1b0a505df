"""The green zone's members, badges and running costs, recomputed from the papers."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, selectinload

from market.catalog.evidence import ProductRecall, ZoneMembership
from market.catalog.models import Listing, Product
from market.catalog.pictures import WIDTHS_PX, PictureFile
from market.catalog.zone_rule import verdict
from market.kernel.clock import local_date


def breaks(session: Session, now: datetime) -> Iterator[str]:
    """Sentences, one for each product that is in the zone against the rule, or out of it against the rule.

    A stay that is past its last day counts as left, as it does on every page: that the worker has yet to
    close it is the outbox's affair.
    """
    today = local_date(now)
    open_stays = select(ZoneMembership).where(ZoneMembership.until.is_(None))
    stays = {stay.product_id: stay for stay in session.scalars(open_stays)}
    recalled = set(session.scalars(select(ProductRecall.product_id).where(ProductRecall.lifted_at.is_(None))))
    papers = selectinload(Product.labels), selectinload(Product.certificates)
    for product in session.scalars(select(Product).options(*papers).order_by(Product.id)):
        found, stay = verdict(product.labels, product.certificates, product.id in recalled, today), None
        if (open_one := stays.get(product.id)) and (open_one.last_day is None or open_one.last_day >= today):
            stay = open_one
        if found.reason is None and stay is None:
            yield f"product {product.id} belongs in the zone and is not there"
        elif found.reason is not None and stay is not None:
            yield f"product {product.id} is in the zone, but {found.reason.value}"
        elif stay is not None and stay.last_day != found.last_day:
            yield f"product {product.id} stays until {stay.last_day}, by the rule until {found.last_day}"


def lost_pictures(session: Session) -> Iterator[str]:
    """Sentences, one for each photo of a listing that is not kept in every width and format."""
    shown = func.jsonb_array_elements_text(Listing.photos).table_valued("value").alias("shown")
    kept = select(func.count()).where(PictureFile.sha256 == shown.c.value).correlate(shown).scalar_subquery()
    whole = 2 * len(WIDTHS_PX)
    rows = session.execute(
        select(Listing.id, shown.c.value).select_from(Listing).join(shown, true()).where(kept < whole)
    )
    for listing_id, sha256 in rows:
        yield f"photo {sha256[:12]} of listing {listing_id} is not kept in every width"
