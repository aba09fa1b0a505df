"""What waits at the recycler, the most urgent first, and a box for the code on a parcel."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from market.credit import queries as credit
from market.credit.models import SubjectKind
from market.kernel import clock
from market.kernel.db import db
from market.recycling import queries
from market.recycling.custody_queries import held_by
from market.recycling.held import party_of
from market.recycling.mass_balance import balance_of
from market.recycling.models import RecyclerKind, RecyclingOrder
from market.recycling.rules import assess_by
from market.recycling.states import AT_RECYCLER, AWAITING_ANSWER, GOING_HOME, ON_ITS_WAY
from market.recycling.states import RecyclingState as S
from market.web.recycler import bp
from market.web.recycling_text import AT_RECYCLER as WORDS
from market.web.recycling_text import TRADE_INS_AT_WORK, pill_kind

SECTIONS: tuple[tuple[LazyString, frozenset[S]], ...] = (
    (lazy_gettext("待验机"), AT_RECYCLER),
    (lazy_gettext("要寄回"), GOING_HOME | {S.return_refused}),
    (lazy_gettext("待擦除、定级和处理"), frozenset({S.paid, S.wiped, S.graded, S.hazard_hold})),
    (lazy_gettext("等客户答复"), AWAITING_ANSWER),
    (lazy_gettext("还在路上"), ON_ITS_WAY),
)
DONE = frozenset({S.resold, S.dismantled, S.return_shipping, S.returned})
TRADE_INS_SHOWN = timedelta(days=7)


@bp.get("", strict_slashes=False)
def home() -> str | Response:
    """The day's work; `code` jumps to the parcel that carries it."""
    session, now = db.session(), clock.now()
    takes_in = g.recycler.kind is RecyclerKind.collector
    if code := request.args.get("code", "").strip():
        found = queries.order_with_code(session, g.recycler.id, code)
        if found:
            return redirect(url_for("recycler.parcel", order_id=found.id), 303)
        flash(gettext("没有编号 %(code)s 的包裹，请核对", code=code), "warn")
    return render_template(
        "recycler/home.html",
        sections=[(title, queries.inbox(session, g.recycler.id, states)) for title, states in SECTIONS],
        trade_ins=queries.trade_ins_for(session, g.recycler, now - TRADE_INS_SHOWN) if takes_in else [],
        rating=credit.rating(session, SubjectKind.recycler, g.recycler.id),
        states=WORDS,
        trade_in_states=TRADE_INS_AT_WORK,
        pill_kind=pill_kind,
        due=_due,
        now=now,
    )


@bp.get("/stock")
def stock() -> str:
    """Everything that is here, and whether it adds up with what came and went."""
    session = db.session()
    held = held_by(session, party_of(g.recycler))
    return render_template(
        "recycler/stock.html",
        held=held,
        own=queries.pages_for(session, g.recycler, [it.device.id for it in held]),
        balance=balance_of(session, g.recycler.id),
        states=WORDS | TRADE_INS_AT_WORK,
    )


@bp.get("/done")
def done() -> str:
    """What has left again."""
    orders: Sequence[RecyclingOrder] = queries.inbox(db.session(), g.recycler.id, DONE)
    return render_template("recycler/done.html", orders=orders, states=WORDS, pill_kind=pill_kind)


def _due(order: RecyclingOrder) -> datetime | None:
    """When the recycler must have assessed a parcel that it has received."""
    return assess_by(order.received_at) if order.state is S.received and order.received_at else None
