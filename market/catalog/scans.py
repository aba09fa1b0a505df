"""Photos of labels and certificates, as evidence."""

import hashlib
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.evidence import Scan
from market.kernel.ids import new_id
from market.kernel.photo import small_jpeg


def keep_scan(session: Session, product_id: uuid.UUID, data: bytes, now: datetime) -> uuid.UUID:
    """Keep a photo for a product, made small and bare; its id.

    Raises Refused(``photo.unreadable``, field scan).
    """
    jpeg = small_jpeg(data, "scan")
    scan = Scan(
        id=new_id(),
        product_id=product_id,
        jpeg=jpeg,
        sha256=hashlib.sha256(jpeg).hexdigest(),
        created_at=now,
    )
    session.add(scan)
    session.flush()
    return scan.id
