"""The old appliances that came in with the shop's sales, and what became of them."""

from flask import g, render_template

from market.kernel.db import db
from market.orders.trade_ins import trade_ins_of_shop
from market.recycling import custody
from market.web.custody_text import label
from market.web.recycling_text import TRADE_INS_AT_WORK, trade_in_pill
from market.web.shop import bp


@bp.get("/trade-ins")
def trade_ins() -> str:
    """By the code on the tag; nobody's name is here."""
    session = db.session()
    found = trade_ins_of_shop(session, g.shop.id)
    last = {old.id: custody.trail(session, old.id)[-1] for old, _, _ in found}
    return render_template(
        "shop/trade_ins.html",
        trade_ins=[
            (old, category, number, label(session, last[old.id], TRADE_INS_AT_WORK), last[old.id].happened_at)
            for old, category, number in found
        ],
        pill_kind=trade_in_pill,
        states=TRADE_INS_AT_WORK,
    )
