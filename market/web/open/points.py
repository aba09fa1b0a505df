"""Where to bring old things: every point that is open or will be, what it takes and until when."""

import uuid

from flask import abort, make_response, render_template
from werkzeug.wrappers import Response

from market.collection import queries
from market.collection.models import CollectionPoint
from market.kernel import clock
from market.kernel.db import db
from market.web.collection_text import POINT_KINDS, bars, kind_names
from market.web.open import bp
from market.web.open.county import county_or_404


@bp.get("/<county_code>/points")
def collection_points(county_code: str) -> str:
    """The county's points."""
    session, county = db.session(), county_or_404(county_code)
    today, names = clock.local_date(clock.now()), kind_names(session)
    found = queries.public_points(session, county.code, today)
    return render_template(
        "open/points.html",
        county=county,
        points=[(point, bars(point, names)[0]) for point in found],
        names=names,
        kinds=POINT_KINDS,
        today=today,
    )


@bp.get("/points/<uuid:point_id>/photo")
def point_photo(point_id: uuid.UUID) -> Response:
    """What a point looks like."""
    found = db.session.get(CollectionPoint, point_id)
    if found is None or found.jpeg is None:
        abort(404)
    return make_response(found.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=3600"})
