"""The design holds its promises: legible colors in both modes, a picture for everything, little to send."""

import re
from pathlib import Path
from zlib import compressobj

import pytest
from flask.testing import FlaskClient

import market
from market.catalog.load import rows
from market.catalog.models import Listing

STATIC = Path(market.__file__).parents[1] / "static"
CSS = (STATIC / "app.css").read_text(encoding="utf-8")
FIRST_FLIGHT_BYTES = 14 * 1024

_PAIRS = [
    (front, back)
    for back in ("paper", "card", "wash")
    for front in ("ink", "ink-soft", "leaf", "leaf-deep", "clay")
] + [
    ("on-leaf", "leaf"),
    ("on-leaf", "leaf-deep"),
    ("on-hero", "hero"),
    ("on-straw", "straw"),
    ("bad", "card"),
    ("bad", "paper"),
    ("bad", "bad-wash"),
    ("ink", "line"),
]


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css))


LIGHT = tokens(CSS.partition("/* ground */")[0])
DARK = LIGHT | tokens(CSS.partition("prefers-color-scheme: dark")[2].partition("@media print")[0])


def luminance(color: str) -> float:
    """Relative luminance by WCAG 2.2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def gzipped(data: bytes) -> int:
    packer = compressobj(6, wbits=31)
    return len(packer.compress(data) + packer.flush())


def test_contrast_is_what_the_facts_computed() -> None:
    assert round(contrast("#ffffff", "#2e7d32"), 2) == 5.13
    assert round(contrast("#ffffff", "#4caf50"), 2) == 2.78


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), _PAIRS)
def test_text_stands_out_from_its_ground(mode: dict[str, str], front: str, back: str) -> None:
    assert contrast(mode[front], mode[back]) >= 4.5


def test_the_edge_of_a_control_stands_out() -> None:
    assert contrast(LIGHT["edge"], LIGHT["card"]) >= 3
    assert contrast(DARK["edge"], DARK["card"]) >= 3


def test_energy_grades_are_legible() -> None:
    for front, back in re.findall(r"\.grade[^{]*\{[^}]*?color: (#\w+);[^}]*?background: (#\w+)", CSS):
        front = "#" + "".join(char * 2 for char in front[1:]) if len(front) == 4 else front
        assert contrast(front, back) >= 4.5


def test_body_text_is_18_px_and_controls_44() -> None:
    assert "html { font-size: 18px" in CSS
    assert int(re.search(r"--target: (\d+)px", CSS)[1]) >= 44  # type: ignore[index]


def test_every_category_has_a_small_picture_of_its_own() -> None:
    pictures = [STATIC / "illustrations" / f"{row['code']}.svg" for row in rows("categories")]
    drawn = {picture.read_bytes() for picture in pictures}
    assert len(drawn) == len(pictures)
    assert max(map(len, drawn)) < 2_500


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert not re.search(r"https?://|@import|@font-face", CSS)


@pytest.mark.parametrize("path", ["/", "/zone", "/category/washer", "/cart", "/listing/{id}"])
def test_a_first_visit_fits_in_the_first_flight(client: FlaskClient, washer: Listing, path: str) -> None:
    page = client.get(path.format(id=washer.id))
    assert page.status_code == 200
    assert gzipped(page.data) + gzipped(CSS.encode()) <= FIRST_FLIGHT_BYTES
