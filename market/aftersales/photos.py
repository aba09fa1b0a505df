"""Photos of a case."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales.models import Actor, AftersalesPhoto
from market.kernel.ids import new_id
from market.kernel.photo import small_jpeg

MOST_PHOTOS = 3


def keep(session: Session, reference: str, by: Actor, photos: Iterable[bytes], now: datetime) -> None:
    """Keep up to three photos with a case, made small and bare. Raises Refused(``photo.unreadable``,
    field photos)."""
    for data in list(photos)[:MOST_PHOTOS]:
        jpeg = small_jpeg(data, "photos")
        digest = hashlib.sha256(jpeg).hexdigest()
        session.add(
            AftersalesPhoto(id=new_id(), reference=reference, by=by, jpeg=jpeg, sha256=digest, created_at=now)
        )
    session.flush()
