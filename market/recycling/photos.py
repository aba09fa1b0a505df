"""Photos of a thing: its owner's, and those taken at the recycler's."""

import hashlib
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.photo import small_jpeg
from market.recycling.models import RecyclingPhoto


def keep(
    session: Session, order_id: uuid.UUID, occasion: str, data: bytes, now: datetime, *, field: str = "photo"
) -> str:
    """Keep a photo with an order, made small and bare; its SHA-256 goes into the custody row.

    Raises Refused(``photo.unreadable``, at `field`).
    """
    jpeg, sha256 = bare(data, field)
    session.add(
        RecyclingPhoto(order_id=order_id, occasion=occasion, jpeg=jpeg, sha256=sha256, created_at=now)
    )
    session.flush()
    return sha256


def bare(data: bytes, field: str = "photo") -> tuple[bytes, str]:
    """A photo made small and without its metadata, and its SHA-256. Raises as `keep`."""
    jpeg = small_jpeg(data, field)
    return jpeg, hashlib.sha256(jpeg).hexdigest()
