"""Pictures of goods, each at an address that says what it shows: browsers keep them for good."""

from flask import Response, abort

from market.catalog.pictures import picture_file
from market.kernel.db import db
from market.web.storefront import bp


@bp.get("/pictures/<sha256>/<int:width_px>.<kind>")
def picture(sha256: str, width_px: int, kind: str) -> Response:
    """One rendition."""
    data = picture_file(db.session(), sha256, width_px, kind) if width_px < 10_000 else None
    if data is None:
        abort(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Disposition": "inline"}
    return Response(data, mimetype=f"image/{kind}", headers=headers)
