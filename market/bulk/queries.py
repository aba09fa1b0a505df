"""Reads of sheets."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from market.bulk.models import SheetImport


def import_of(session: Session, shop_id: uuid.UUID, import_id: uuid.UUID) -> SheetImport | None:
    """One sheet of the shop's own, with its rows."""
    whole = (undefer(SheetImport.rows), undefer(SheetImport.lines), undefer(SheetImport.flaws))
    return session.scalar(
        select(SheetImport).where(SheetImport.id == import_id, SheetImport.shop_id == shop_id).options(*whole)
    )
