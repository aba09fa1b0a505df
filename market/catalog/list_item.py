"""List an item: its product, if nobody listed it before, the shop's offer and the label, in one go."""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.change_price import check_prices, record_price
from market.catalog.declare_label import LabelDraft, declare
from market.catalog.models import Category, InstallSkill, Listing, ListingState, Product
from market.catalog.recalled import is_whole
from market.catalog.running_cost import yearly_energy_kwh
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.shops.checklist import check_permits


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A model of a brand. Sizes are of the package; `specs` are shown as they are, by name.

    `interop` are systems that the seller claims it works with (`rules.INTEROP`).
    """

    brand: str
    model: str
    name_zh: str
    net_weight_grams: int
    packed_length_mm: int
    packed_width_mm: int
    packed_height_mm: int
    upright: bool
    name_en: str | None = None
    gtin: str | None = None
    specs: dict[str, Any] = field(default_factory=dict)
    interop: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """A shop's terms for it. Installing takes `install_seconds` of somebody with `install_skill`.

    `variant` is the color or size where one model has several, `own_number` what the shop calls it.
    """

    list_price_fen: int
    price_fen: int
    people_required: int
    install_skill: InstallSkill
    install_seconds: int
    variant: str = ""
    own_number: str | None = None
    low_at: int = 2


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
    """The shop's new listing. A model somebody listed before keeps the measures and the barcode it has.

    A barcode that the model does not have is kept as this variant's own. Raises NotFound for an unknown
    category; Refused: ``catalog.price_*``; ``shops.permit_needed``,
    ``catalog.other_category``, ``catalog.already_listed``,
    ``catalog.recalled`` (field model); ``catalog.gtin_taken`` (field gtin); ``catalog.own_number_taken``
    (field own_number); and what `declare` refuses.
    """
    category = session.get(Category, category_code)
    if category is None:
        raise NotFound
    check_permits(session, shop_id, category_code)
    check_prices(offer.list_price_fen, offer.price_fen, [])
    model = _product(session, category, product, now)
    if is_whole(session, model.id):
        raise Refused("catalog.recalled", field="model")
    gtin = own_gtin(session, model, product.gtin)
    _check_free(session, shop_id, offer.own_number, gtin)
    listing = _offer(session, shop_id, model.id, offer, gtin, activate, now)
    record_price(session, listing, account_id, now)
    if label is not None:
        declare(session, model, label, now)
    return listing


def _product(session: Session, category: Category, draft: ProductDraft, now: datetime) -> Product:
    """The product of that brand and model; one INSERT decides who is first when two list it at once."""
    product = Product(id=new_id(), category_code=category.code, created_at=now, **asdict(draft))
    product.index_for_search(category)
    product.badges = []
    product.yearly_kwh = yearly_energy_kwh(category.code, draft.specs, {})
    values = {c.key: getattr(product, c.key) for c in Product.__table__.columns}
    session.execute(insert(Product).values(**values).on_conflict_do_nothing())
    found = session.scalar(select(Product).where(Product.brand == draft.brand, Product.model == draft.model))
    if found is None:
        raise Refused("catalog.gtin_taken", field="gtin")
    if found.category_code != category.code:
        raise Refused("catalog.other_category", field="model")
    return found


def own_gtin(session: Session, product: Product, gtin: str | None) -> str | None:
    """`gtin` as a variant's own: None where it is the product's. Raises Refused(``catalog.gtin_taken``)."""
    if gtin is None or gtin == product.gtin:
        return None
    if session.scalar(select(Product.id).where(Product.gtin == gtin)):
        raise Refused("catalog.gtin_taken", field="gtin")
    return gtin


def _check_free(session: Session, shop_id: uuid.UUID, own_number: str | None, gtin: str | None) -> None:
    """Raises Refused where another listing of the shop has the number or the barcode."""
    own = select(Listing.id).where(Listing.shop_id == shop_id)
    if own_number and session.scalar(own.where(Listing.own_number == own_number)):
        raise Refused("catalog.own_number_taken", field="own_number")
    if gtin and session.scalar(own.where(Listing.gtin == gtin)):
        raise Refused("catalog.gtin_taken", field="gtin")


def _offer(
    session: Session,
    shop_id: uuid.UUID,
    product_id: uuid.UUID,
    draft: OfferDraft,
    gtin: str | None,
    activate: bool,
    now: datetime,
) -> Listing:
    listing = session.scalars(
        insert(Listing)
        .values(
            id=new_id(),
            shop_id=shop_id,
            product_id=product_id,
            gtin=gtin,
            state=ListingState.active if activate else ListingState.draft,
            created_at=now,
            updated_at=now,
            **asdict(draft),
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "product_id", "variant"])
        .returning(Listing)
    ).one_or_none()
    if listing is None:
        raise Refused("catalog.already_listed", field="model")
    return listing
