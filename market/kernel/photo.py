"""An uploaded photo, decoded and written anew: small, and without where and with what it was taken.

Where it was taken is read before, for the proof alone: the picture itself no longer says it.
"""

import io
import math

from PIL import Image, ImageOps
from PIL.ExifTags import GPS, IFD

from market.kernel.errors import Refused

MOST_UPLOAD_BYTES = 12_000_000
MOST_PIXELS = 50_000_000
MOST_KEPT_BYTES = 200_000
SIDES_PX = (1280, 960, 720, 480)


def small_jpeg(data: bytes, field: str = "photo") -> bytes:
    """`data` (JPEG, PNG or WebP) as a JPEG of at most 200 kB without metadata.

    Raises Refused(``photo.unreadable``) at `field`.
    """
    image = _decoded(data, field)
    for side_px in SIDES_PX:
        image.thumbnail((side_px, side_px))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=72, optimize=True)
        if out.tell() <= MOST_KEPT_BYTES:
            break
    return out.getvalue()


def place_of(data: bytes) -> tuple[float, float] | None:
    """Where the phone says that the photo was taken (WGS-84 latitude, longitude); None where it does not."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            gps = image.getexif().get_ifd(IFD.GPSInfo)
            lat = _degrees(gps[GPS.GPSLatitude], gps.get(GPS.GPSLatitudeRef) == "S")
            lon = _degrees(gps[GPS.GPSLongitude], gps.get(GPS.GPSLongitudeRef) == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OSError, SyntaxError):
        return None
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _degrees(parts: tuple[float, float, float], is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        raise ValueError("no place")
    return -found if is_negative else found


def _decoded(data: bytes, field: str) -> Image.Image:
    """The picture upright, its pixels only."""
    if not 0 < len(data) <= MOST_UPLOAD_BYTES:
        raise Refused("photo.unreadable", field=field)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused("photo.unreadable", field=field)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("photo.unreadable", field=field) from error
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    return bare
