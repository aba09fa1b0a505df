"""Photos from a recycler's phone: decoded, shrunk and written anew, so that nothing else comes along."""

import hashlib
import io
import uuid
from datetime import datetime

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.recycling.models import RecyclingPhoto

LONGEST_SIDE_PX = 1280
MOST_PIXELS = 50_000_000
MOST_BYTES = 12_000_000
QUALITY = 78


def reencode(data: bytes) -> bytes:
    """`data` as a bare JPEG of at most 1280 px. Raises Refused(``recycling.photo_unreadable``)."""
    if not 0 < len(data) <= MOST_BYTES:
        raise Refused("recycling.photo_unreadable", field="photo")
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused("recycling.photo_unreadable", field="photo")
            image.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("recycling.photo_unreadable", field="photo") from error
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def keep(session: Session, order_id: uuid.UUID, occasion: str, data: bytes, now: datetime) -> str:
    """Keep a photo with an order; its SHA-256 goes into the custody row. Raises as `reencode`."""
    jpeg = reencode(data)
    sha256 = hashlib.sha256(jpeg).hexdigest()
    session.add(
        RecyclingPhoto(order_id=order_id, occasion=occasion, jpeg=jpeg, sha256=sha256, created_at=now)
    )
    session.flush()
    return sha256
