"""An uploaded photo, decoded and written anew: small, and without where and with what it was taken.

Where it was taken is read before, for the proof alone: the picture itself no longer says it.
"""

import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageOps
from PIL.ExifTags import GPS, IFD

from market.kernel.errors import Refused

MOST_UPLOAD_BYTES = 12_000_000
MOST_KEPT_BYTES = 200_000
SIDES_PX = (1280, 960, 720, 480)
# How large a picture may be for its decoder to stay below 200 MB: a baseline JPEG is decoded at the size it
# is wanted in, a progressive one keeps all its coefficients, a PNG and a WebP are whole in memory, twice
# and more.
MOST_PIXELS = {"JPEG": 50_000_000, "PROGRESSIVE": 24_000_000, "PNG": 16_000_000, "WEBP": 9_000_000}
_FORMATS = ("JPEG", "PNG", "WEBP")
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, OverflowError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Renditions:
    """A picture in several widths: `files` by width and format (``webp``, ``avif``), named by the largest."""

    sha256: str
    width_px: int
    height_px: int
    files: Mapping[tuple[int, str], bytes]


def small_jpeg(data: bytes, field: str = "photo") -> bytes:
    """`data` (JPEG, PNG or WebP) as a JPEG of at most 200 kB without metadata.

    Raises Refused(``photo.unreadable``) at `field`.
    """
    image = _decoded(data, field, SIDES_PX[0])
    for side_px in SIDES_PX:
        image.thumbnail((side_px, side_px))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=72, optimize=True)
        if out.tell() <= MOST_KEPT_BYTES:
            break
    return out.getvalue()


def renditions(data: bytes, widths_px: Sequence[int], field: str = "photo") -> Renditions:
    """`data` (JPEG, PNG or WebP) as WebP and AVIF, as wide as each of `widths_px` or as it is, the least.

    Raises Refused(``photo.unreadable``) at `field`.
    """
    image = _decoded(data, field, max(widths_px))
    files: dict[tuple[int, str], bytes] = {}
    for width_px in sorted(widths_px, reverse=True):
        image.thumbnail((width_px, width_px))
        if not files:
            largest = image.size
        files[width_px, "webp"] = _saved(image, "WEBP", quality=78, method=4)
        files[width_px, "avif"] = _saved(image, "AVIF", quality=60, speed=8)
    sha256 = hashlib.sha256(files[max(widths_px), "webp"]).hexdigest()
    return Renditions(sha256, *largest, files)


def place_of(data: bytes) -> tuple[float, float] | None:
    """Where the phone says that the photo was taken (WGS-84 latitude, longitude); None where it does not."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            gps = image.getexif().get_ifd(IFD.GPSInfo)
            lat = _degrees(gps[GPS.GPSLatitude], gps.get(GPS.GPSLatitudeRef) == "S")
            lon = _degrees(gps[GPS.GPSLongitude], gps.get(GPS.GPSLongitudeRef) == "W")
    except (KeyError, TypeError, ZeroDivisionError, *_BROKEN):
        return None
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _degrees(parts: tuple[float, float, float], is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        raise ValueError("no place")
    return -found if is_negative else found


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _decoded(data: bytes, field: str, side_px: int) -> Image.Image:
    """The picture upright and no larger than `side_px` either way, its pixels only."""
    if not 0 < len(data) <= MOST_UPLOAD_BYTES:
        raise Refused("photo.unreadable", field=field)
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > _most_pixels(image):
                raise Refused("photo.unreadable", field=field)
            image.thumbnail((side_px, side_px))  # a JPEG is asked for a smaller decoding first
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except _BROKEN as error:
        raise Refused("photo.unreadable", field=field) from error
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    return bare


def _most_pixels(image: Image.Image) -> int:
    progressive = "progressive" in image.info or "progression" in image.info
    kind = "PROGRESSIVE" if progressive else str(image.format)
    return MOST_PIXELS.get(kind, MOST_PIXELS["JPEG"])  # phones also write MPO, JPEGs one behind the other
