"""The courier's cash: what she holds, for which orders, and the code that hands it in."""

from flask import flash, g, redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.cash.hand_in import begin_hand_in
from market.cash.queries import courier_cash_held, held_collections, last_hand_in
from market.cash.rules import is_spent
from market.delivery.sync import settle_all
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
    """Open a hand-in of all she holds. Only her own cookie carries the code to the next page.

    What she might still correct is booked first, so that its cash is counted too.
    """
    if settled := settle_all(db.session(), g.courier, clock.now()):
        flash(_("刚刚定下 %(n)s 站，现金正在入账，请过几秒再交款", n=settled))
        return redirect(url_for("courier.cash"), 303)
    try:
        opened, code = begin_hand_in(db.session(), g.courier, clock.now())
    except Refused as refused:
        flash(sentence(refused))
    else:
        session[CODE] = (str(opened.id), code)
    return redirect(url_for("courier.cash"), 303)
