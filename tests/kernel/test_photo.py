"""Uploaded photos are read by what they hold, and kept bare and small."""

import io

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD

from market.kernel.errors import Refused
from market.kernel.photo import MOST_KEPT_BYTES, place_of, small_jpeg


def test_a_photo_is_small_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0110] = "a phone"
    out = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    kept = small_jpeg(out.getvalue())
    assert len(kept) <= MOST_KEPT_BYTES
    assert not Image.open(io.BytesIO(kept)).getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_of_picture_become_a_jpeg(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, kind)
    assert Image.open(io.BytesIO(small_jpeg(out.getvalue()))).format == "JPEG"


def picture(kind: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("1", size).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"\xff\xd8\xff\xe0 cut",
        picture("GIF", (4, 4)),
        picture("PNG", (8000, 8000)),  # a few kilobytes that would fill the memory
    ],
)
def test_what_is_no_photo_is_refused_at_its_field(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        small_jpeg(data, "scan")
    assert (refused.value.code, refused.value.field) == ("photo.unreadable", "scan")


def test_a_photos_place_is_read_for_the_proof_and_leaves_the_picture():
    taken = Image.new("RGB", (40, 30))
    exif = Image.Exif()
    exif[IFD.GPSInfo] = {
        GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (32.0, 30.0, 51.12),
        GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (108.0, 31.0, 18.48),
    }  # fmt: skip
    data = io.BytesIO()
    taken.save(data, "JPEG", exif=exif)
    lat, lon = place_of(data.getvalue()) or (0, 0)
    assert (round(lat, 4), round(lon, 4)) == (32.5142, 108.5218)
    assert place_of(small_jpeg(data.getvalue(), "photo")) is None


def test_a_photo_without_a_place_or_no_photo_at_all_has_none():
    data = io.BytesIO()
    Image.new("RGB", (40, 30)).save(data, "JPEG")
    assert [place_of(it) for it in (data.getvalue(), b"", b"GIF89a")] == [None, None, None]
