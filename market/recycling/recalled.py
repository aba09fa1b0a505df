"""Whether a serial number belongs to something that is called back (facts §6.6)."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from market.catalog.evidence import ProductRecall
from market.inventory.models import SerialNumber


def is_recalled(session: Session, serial: str) -> bool:
    """Whether the market sold a piece with this serial number of a product whose recall is open."""
    return bool(
        session.scalar(
            select(
                exists()
                .where(SerialNumber.serial == serial.strip(), ProductRecall.lifted_at.is_(None))
                .where(ProductRecall.product_id == SerialNumber.product_id)
            )
        )
    )
