"""The courier's cash: what she holds, for which orders, and the code that hands it in."""

from flask import flash, g, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from market.cash.hand_in import begin_hand_in
from market.cash.queries import courier_cash_held, held_collections, last_hand_in
from market.cash.rules import is_spent
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.web.courier import bp
from market.web.messages import sentence
from market.web.once import once

CODE = "hand_in_code"


@bp.get("/cash")
def cash() -> Response:
    """Cash held against the limit, and the open hand-in; its code is shown this once."""
    own, now = db.session(), clock.now()
    hand_in = last_hand_in(own, g.courier.id)
    hand_in_id, code = session.pop(CODE, (None, None))
    page = render_template(
        "courier/cash.html",
        held_fen=courier_cash_held(own, g.courier.id),
        collections=held_collections(own, g.courier.id),
        hand_in=hand_in,
        code=code if hand_in and hand_in_id == str(hand_in.id) else None,
        spent=hand_in is not None and is_spent(hand_in.expires_at, hand_in.wrong_tries, now),
    )
    return Response(page, mimetype="text/html", headers={"Cache-Control": "private, no-store"})


@bp.post("/cash/hand-in")
@once("courier.hand_in")
def hand_in() -> Response | tuple[str, int]:
    """Open a hand-in of all she holds. Only her own cookie carries the code to the next page."""
    try:
        opened, code = begin_hand_in(db.session(), g.courier, clock.now())
    except Refused as refused:
        flash(sentence(refused))
    else:
        session[CODE] = (str(opened.id), code)
    return redirect(url_for("courier.cash"), 303)
