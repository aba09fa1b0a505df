"""Follow a return or a repair, and do the one thing that can be done now."""

import uuid

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.aftersales import queries
from market.aftersales.answer_quote import accept_quote, decline_quote
from market.aftersales.answer_return import dispute_return
from market.aftersales.models import Repair, ReturnRequest
from market.aftersales.request_repair import withdraw_repair
from market.aftersales.request_return import withdraw
from market.aftersales.seen import Seen, seen_repair, seen_return
from market.aftersales.states import ReturnState
from market.catalog.models import Listing
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders.cart import Owner, put
from market.payments.models import Refund
from market.web.aftersales_text import (
    FAULTS,
    GROUNDS,
    LEGS,
    OUTCOMES,
    REMEDIES,
    WAYS,
    pill_kind,
    state_word,
    trail_of,
    warranty_sentence,
)
from market.web.guards import signed_in
from market.web.once import once
from market.web.refunds import STATES
from market.web.refusals import show
from market.web.storefront import bp
from market.web.storefront.aftersales_forms import DisputeForm

Page = str | tuple[str, int] | Response


@bp.get("/returns/<uuid:return_id>")
@signed_in
def return_(return_id: uuid.UUID) -> str:
    """Where it is, until when, and what she can do."""
    return _return_page(return_id, DisputeForm(formdata=None))


@bp.get("/returns/<uuid:return_id>/photos/<uuid:photo_id>")
@signed_in
def return_photo(return_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of her return."""
    case = queries.own_return(db.session(), current_user.id, return_id)
    return _photo(case.reference, photo_id)


@bp.post("/returns/<uuid:return_id>/withdraw")
@signed_in
@once("return.withdraw")
def withdraw_return(return_id: uuid.UUID) -> Response:
    """She keeps it."""
    withdraw(db.session(), current_user.id, return_id, clock.now())
    flash(_("已撤回，货留在您家"))
    return redirect(url_for("storefront.return_", return_id=return_id), 303)


@bp.post("/returns/<uuid:return_id>/dispute")
@signed_in
@once("return.dispute")
def dispute(return_id: uuid.UUID) -> Page:
    """The shop is wrong: let the county decide."""
    form = DisputeForm()
    queries.own_return(db.session(), current_user.id, return_id)
    if form.validate_on_submit():
        try:
            dispute_return(db.session(), current_user.id, return_id, form.words.data or "", clock.now())
            flash(_("已转给县服务中心，会有人来处理"))
            return redirect(url_for("storefront.return_", return_id=return_id), 303)
        except Refused as refused:
            show(form, refused)
    return _return_page(return_id, form), 422


@bp.post("/returns/<uuid:return_id>/order-other")
@signed_in
@once("return.order_other")
def order_other(return_id: uuid.UUID) -> Response:
    """Her money is on its way back; what she wants instead is a purchase of its own."""
    case = queries.own_return(db.session(), current_user.id, return_id)
    if case.other_listing_id is None or case.state is not ReturnState.refunded:
        raise Refused("state.illegal_move")
    pieces = case.received_quantity or 1
    put(db.session(), Owner(account_id=current_user.id), case.other_listing_id, pieces, clock.now())
    flash(_("已放进购物车，请看清价格再下单"))
    return redirect(url_for("storefront.cart"), 303)


@bp.get("/repairs/<uuid:repair_id>")
@signed_in
def repair(repair_id: uuid.UUID) -> str:
    """Where it is, what the warranty says, and what she can do."""
    session = db.session()
    case, seen = seen_repair(session, current_user.id, repair_id)
    found = queries.warranty_of(session, case.line, case.part, case.created_at)
    return render_template(
        "storefront/aftersales/repair.html",
        warranty=warranty_sentence(found),
        faults=FAULTS,
        outcomes=OUTCOMES,
        **_about(case, seen),
    )


@bp.get("/repairs/<uuid:repair_id>/photos/<uuid:photo_id>")
@signed_in
def repair_photo(repair_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of her repair."""
    case = queries.own_repair(db.session(), current_user.id, repair_id)
    return _photo(case.reference, photo_id)


@bp.post("/repairs/<uuid:repair_id>/<answer>")
@signed_in
@once("repair.answer")
def answer_repair(repair_id: uuid.UUID, answer: str) -> Response:
    """Take the quote, decline it, or keep the thing as it is."""
    queries.own_repair(db.session(), current_user.id, repair_id)
    acts = {
        "accept": (accept_quote, _("好的，马上修")),
        "decline": (decline_quote, _("好的，不修，原样送回，不收钱")),
        "withdraw": (withdraw_repair, _("已撤回，东西留在您家")),
    }
    if answer not in acts:
        raise Refused("state.illegal_move")
    act, said = acts[answer]
    act(db.session(), current_user.id, repair_id, clock.now())
    flash(said)
    return redirect(url_for("storefront.repair", repair_id=repair_id), 303)


def _return_page(return_id: uuid.UUID, form: DisputeForm) -> str:
    session = db.session()
    case, seen = seen_return(session, current_user.id, return_id)
    other = session.get(Listing, case.other_listing_id) if case.other_listing_id else None
    was_fen = (case.line.list_fen - case.line.shop_promotion_fen) // case.line.quantity
    return render_template(
        "storefront/aftersales/return.html",
        form=form,
        shop=seen.shop,
        grounds=GROUNDS,
        remedies=REMEDIES,
        refund=session.get(Refund, case.refund_id) if case.refund_id else None,
        refund_states=STATES,
        other=other,
        more_fen=other.price_fen - was_fen if other else 0,
        **_about(case, seen),
    )


def _about(case: ReturnRequest | Repair, seen: Seen) -> dict[str, object]:
    """What the pages of both kinds of case show."""
    return {
        "case": case,
        "state_word": state_word(case),
        "pill_kind": pill_kind(case),
        "steps": trail_of(case, seen.steps),
        "photos": seen.photos,
        "costs": [(LEGS[leg], cost) for leg, cost in seen.costs],
        "ways": WAYS,
    }


def _photo(reference: str, photo_id: uuid.UUID) -> Response:
    jpeg = queries.photo(db.session(), reference, photo_id).jpeg
    return make_response(jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400"})
