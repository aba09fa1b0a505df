"""What an order keeps of a listing: a snapshot that no later change of the catalog touches."""

from typing import Any

from market.catalog.models import LabelRecord, Listing, MadeToOrder, Product
from market.catalog.rules import LabelState


def snapshot(listing: Listing, shop_name: str) -> dict[str, Any]:
    """What an order line keeps of `listing`: names, proof, prices and measures as they are now."""
    return (
        {
            "listing_id": str(listing.id),
            "shop_id": str(listing.shop_id),
            "shop_name": shop_name,
            "list_price_fen": listing.list_price_fen,
            "price_fen": listing.price_fen,
            "people_required": listing.people_required,
            "install_skill": listing.install_skill.value,
            "install_seconds": listing.install_seconds,
            "made_to_order": listing.made_to_order is MadeToOrder.approved,
            "variant": listing.variant,
        }
        | _product_snapshot(listing.product)
        | _of_variant(listing)
    )


def _of_variant(listing: Listing) -> dict[str, Any]:
    """What of a variant is not its model's."""
    title = f"{listing.product.name_zh} {listing.variant}".strip()
    return {"title": title, "gtin": listing.barcode}


def _product_snapshot(product: Product) -> dict[str, Any]:
    return {
        "product_id": str(product.id),
        "title": product.name_zh,
        "brand": product.brand,
        "model": product.model,
        "category_code": product.category_code,
        "name_zh": product.name_zh,
        "name_en": product.name_en,
        "gtin": product.gtin,
        "specs": product.specs,
        "net_weight_grams": product.net_weight_grams,
        "packed_weight_grams": product.packed_weight_grams,
        "packed_volume_cm3": product.packed_volume_cm3,
        "longest_side_mm": product.longest_side_mm,
        "upright": product.upright,
        "labels": [_label_snapshot(label) for label in product.labels if label.state is LabelState.verified],
    }


def _label_snapshot(label: LabelRecord) -> dict[str, Any]:
    return {
        "kind": label.kind.value,
        "grade": label.grade,
        "standard_number": label.standard_number,
        "record_number": label.record_number,
        "expires_on": label.expires_on.isoformat() if label.expires_on else None,
    }
