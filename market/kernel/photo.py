"""An uploaded photo, decoded and written anew: small, and without where and with what it was taken."""

import io

from PIL import Image, ImageOps

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
