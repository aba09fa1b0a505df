"""A QR code drawn in a page: on white in dark mode too, and never a Micro QR, which cameras do not read."""

import segno
from markupsafe import Markup

_BORDER = 2


def qr(text: str, scale: int = 6) -> Markup:
    """The QR code of `text`, which the market itself made. A style may make it smaller without cutting it."""
    code = segno.make(text, error="m", micro=False)
    width, height = code.symbol_size(scale, _BORDER)
    drawn = code.svg_inline(scale=scale, border=_BORDER, light="#fff", omitsize=True)  # a viewBox instead
    sized = drawn.replace("<svg", f'<svg width="{width}" height="{height}"', 1)
    return Markup(sized)  # noqa: S704 - segno draws only paths
