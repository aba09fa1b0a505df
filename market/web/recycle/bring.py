"""Bring it to a collection point: the nearest that takes it, and a code that keeps room there for a week."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.collection import bring, queries
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.web.collection_text import names_of
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.once import once
from market.web.recycle import bp
from market.web.recycle.here import here

SHOWN = 5


@bp.get("/bring")
@signed_in
def bring_it() -> str:
    """What is it, and where does it go from her address."""
    return _page(request.args.get("kind", ""))


@bp.post("/bring")
@signed_in
@once("recycling.bring")
def book_point() -> str | tuple[str, int] | Response:
    """Keep room at the nearest point."""
    kind, (county_code, near, _told) = request.form.get("kind", ""), here()
    try:
        item = bring.route(db.session(), county_code, current_user.id, kind, near, clock.now())
    except Refused as refused:
        return _page(kind, sentence(refused)), 422
    flash(_("留好了，送去时报编号 %(code)s", code=item.code))
    return redirect(url_for("recycle.bring_it"), 303)


def _page(kind: str, refusal: str = "") -> str:
    session, now = db.session(), clock.now()
    county_code, near, own = here()
    told = queries.bringing(session, current_user.id)
    known = told.kinds
    found = queries.nearest_open(session, county_code, kind, near, now)[:SHOWN] if kind in known else []
    return render_template(
        "recycle/bring.html",
        kind=kind if kind in known else "",
        kinds=known,
        names=names_of(told.categories),
        found=found,
        bookings=told.bookings,
        has_address=own is not None,
        refusal=refusal,
        county_code=county_code,
    )
