"""Things for sale, for tests."""

import io
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from itertools import count
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from market.catalog.declare_label import LabelDraft, declare
from market.catalog.drafts import OfferDraft, ProductDraft
from market.catalog.list_item import list_item
from market.catalog.load import load_catalog
from market.catalog.models import Category, InstallSkill, LabelRecord, Listing
from market.catalog.rules import LabelKind
from market.catalog.verify_label import verify_label
from market.inventory.receive import receive
from market.shops.models import Shop
from tests.builders.people import an_account

_numbers = count(1)


def categories(session: Session) -> None:
    """Every category and standard, as they are shipped."""
    if session.get(Category, "fridge") is None:
        load_catalog(session)


def a_product_draft(**changes: Any) -> ProductDraft:
    """A washer of a brand that does not exist; each call another model."""
    draft = ProductDraft(
        brand="禾润",
        model=f"HR-{next(_numbers):04d}",
        name_zh="禾润 10 公斤滚筒洗衣机",
        net_weight_grams=68_000,
        packed_length_mm=660,
        packed_width_mm=650,
        packed_height_mm=900,
        upright=True,
    )
    return replace(draft, **changes)


def an_offer_draft(**changes: Any) -> OfferDraft:
    """2,599 yuan, filed at 2,799; carried by two."""
    draft = OfferDraft(
        list_price_fen=279_900,
        price_fen=259_900,
        people_required=2,
        install_skill=InstallSkill.general,
        install_seconds=1800,
    )
    return replace(draft, **changes)


@cache
def a_scan() -> bytes:
    """A photo of something."""
    out = io.BytesIO()
    Image.new("RGB", (48, 64), "white").save(out, "PNG")
    return out.getvalue()


def a_label_draft(**changes: Any) -> LabelDraft:
    """A grade 1 label of a washer, with a scan and a record number of its own."""
    draft = LabelDraft(
        kind=LabelKind.energy,
        grade=1,
        standard_number="GB 12021.4-2013",
        record_number=f"20250310-440300-{next(_numbers):017d}",
        issued_on=date(2025, 3, 10),
        expires_on=date(2030, 3, 9),
        scan=a_scan(),
    )
    return replace(draft, **changes)


def a_listing(
    session: Session,
    shop: Shop,
    now: datetime,
    *,
    category: str = "washer",
    stock: int = 10,
    product: ProductDraft | None = None,
    offer: OfferDraft | None = None,
) -> Listing:
    """Something the shop has on sale, with `stock` pieces of it."""
    categories(session)
    listing = list_item(
        session, shop.id, category, product or a_product_draft(), offer or an_offer_draft(), None, None, now
    )
    if stock:
        receive(session, listing.id, stock, "期初", now)
    return listing


def a_verified_label(session: Session, listing: Listing, now: datetime, **changes: Any) -> LabelRecord:
    """A label of what `listing` sells that an operator of its county has verified."""
    label = declare(session, listing.product, a_label_draft(**changes), now)
    operator = an_account(session, now, name="县里的人")
    return verify_label(session, listing.shop.county_code, label.id, operator.id, now)
