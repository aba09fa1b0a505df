"""Photos of labels and certificates of goods that do not exist: drawn, and saying that they are."""

import io
from functools import cache

import segno
from PIL import Image, ImageDraw, ImageFont

_COLORS = ("#14663c", "#3d7414", "#f2d13c", "#f0a04b", "#b3332b")
_WIDTH, _HEIGHT, _MARGIN = 520, 720, 24
_VIEW = 720


def draw_scan(title: str, lines: list[str], code: str, grade: int | None = None) -> bytes:
    """A PNG with a title, lines of text, a bar for each grade, and a QR code of `code`."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((6, 6, _WIDTH - 7, _HEIGHT - 7), outline="#1c2a22", width=3)
    pen.text((_MARGIN, _MARGIN), f"{title} - DEMO", "#1c2a22", _font(26))
    y = _MARGIN + 44
    for number, color in enumerate(_COLORS, 1) if grade else ():
        pen.rectangle((_MARGIN, y, _MARGIN + 90 + 34 * number, y + 26), fill=color)
        if number == grade:
            pen.text((_MARGIN + 300, y), f"<  {grade}", "#1c2a22", _font(26))
        y += 32
    for line in lines:
        y += 32
        pen.text((_MARGIN, y), line, "#1c2a22", _font(19))
    _draw_code(pen, code)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def draw_photo(width: int, height: int) -> bytes:
    """A PNG of an appliance that does not exist, as wide and high as `width` is to `height`."""
    image = Image.new("RGB", (_VIEW, _VIEW), "#efe9dc")
    pen = ImageDraw.Draw(image)
    floor = _VIEW * 3 // 4
    pen.rectangle((0, floor, _VIEW, _VIEW), fill="#c9b48f")
    scale = _VIEW * 0.62 / max(width, height)
    half, tall = int(width * scale / 2), int(height * scale)
    left, top, right, foot = _VIEW // 2 - half, floor + 40 - tall, _VIEW // 2 + half, floor + 40
    pen.ellipse((left - 30, foot - 22, right + 30, foot + 26), fill="#ac9873")
    pen.rounded_rectangle((left, top, right, foot), 22, "#fbfbf7", "#77807a", 4)
    pen.line((left + 24, top + tall // 4, right - 24, top + tall // 4), "#b9c2bb", 6)
    pen.ellipse((right - 62, top + tall // 8 - 10, right - 42, top + tall // 8 + 10), fill="#1b6a45")
    pen.text((_MARGIN, _VIEW - 2 * _MARGIN), "DEMO", "#5d4f33", _font(26))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _draw_code(pen: ImageDraw.ImageDraw, code: str) -> None:
    rows = tuple(segno.make(code, error="l", micro=False).matrix)
    size = 150 // len(rows)
    left, top = _WIDTH - _MARGIN - size * len(rows), _HEIGHT - _MARGIN - size * len(rows)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                at = (left + x * size, top + y * size)
                pen.rectangle((*at, at[0] + size - 1, at[1] + size - 1), fill="black")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
