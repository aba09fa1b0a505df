"""What a shop says of an item that it lists."""

from dataclasses import dataclass, field
from typing import Any

from market.catalog.models import InstallSkill


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


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item to list: on sale at once where `activate` says so."""

    category_code: str
    product: ProductDraft
    offer: OfferDraft
    activate: bool = True
