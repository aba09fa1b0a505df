"""Recalls: declare, look into, confirm, publish by another, tell, remedy, report by the law's days, close."""

import uuid
from collections.abc import Callable

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from market.catalog.queries import product_in_county, products_in_county, recalls_in_county
from market.catalog.recall import lift_recall
from market.catalog.recalled import scopes_of
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.places.working_days import unknown_years
from market.recalls import claim, close, deadlines, declare, duties, publish, queries
from market.recalls.models import Recall
from market.recalls.states import BEFORE, IN_WORKING_DAYS, RUNNING
from market.web.county import bp
from market.web.county.recall_forms import DeclareForm, NoteForm, PaidInForm
from market.web.messages import sentence
from market.web.once import once
from market.web.recall_text import BEARERS, DUTIES, RECALL_STATES, REMEDIES, UNIT_STATES, noted, scope_words
from market.web.refusals import show
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response
_WORD_CHARS = 60
_MOVES = {
    "investigate": declare.investigate,
    "confirm": declare.confirm,
    "dismiss": declare.dismiss,
    "close": close.close,
}


@bp.get("/recalls")
def recalls() -> str:
    """The county's recalls with how far they are, and a way to find what should be one."""
    session = db.session()
    words = "".join(char for char in request.args.get("q", "") if char.isprintable())[:_WORD_CHARS]
    found = queries.recalls_in_county(session, g.county_code)
    old = [
        (row, product)
        for row, product in recalls_in_county(session, g.county_code)
        if row.lifted_at is None and not scopes_of(session, product.id)
    ]
    return render_template(
        "county/recalls.html",
        recalls=found,
        tallies=close.tallies(session, [row.id for row in found]),
        found=products_in_county(session, g.county_code, words),
        words=words,
        old=old,
        late=[row.id for row in found if _late(row)],
        states=RECALL_STATES,
        scope_words=scope_words,
    )


@bp.get("/recalls/declare/<uuid:product_id>")
def declare_recall_form(product_id: uuid.UUID) -> str:
    """What is dangerous about a product."""
    return _declare_page(product_id, DeclareForm(formdata=None))


@bp.post("/recalls/declare/<uuid:product_id>")
@once("county.declare_recall")
def declare_recall(product_id: uuid.UUID) -> Page:
    """Note the news of a danger."""
    form = DeclareForm()
    if form.validate_on_submit():
        try:
            what = form.declaration()
            made = declare.declare(
                db.session(), g.county_code, product_id, what, current_user.id, clock.now()
            )
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已登记，请在 2 个工作日内报告市场监管部门"))
            return redirect(url_for("county.recall", recall_id=made.id), 303)
    return _declare_page(product_id, form), 422


@bp.get("/recalls/<uuid:recall_id>")
def recall(recall_id: uuid.UUID) -> str:
    """One recall: what it hits, what the law wants, who has to look, and each piece."""
    return _page(recall_id, {})


@bp.post("/recalls/<uuid:recall_id>/<move>")
@once("county.move_recall")
def move_recall(recall_id: uuid.UUID, move: str) -> Page:
    """Look into it, confirm it, dismiss it, or close it."""
    act, form = _MOVES.get(move) or abort(404), NoteForm()
    return _try(
        recall_id,
        {move: form},
        lambda: act(
            db.session(), g.county_code, recall_id, form.note.data or "", current_user.id, clock.now()
        ),
    )


@bp.post("/recalls/<uuid:recall_id>/publish")
@once("county.publish_recall")
def publish_recall(recall_id: uuid.UUID) -> Response:
    """Stop sale everywhere; whoever confirmed it cannot."""
    try:
        publish.publish(db.session(), g.county_code, recall_id, current_user.id, clock.now())
        flash(_("已发布，全部停售，正在通知买家和店铺"))
    except Refused as refused:
        db.session.rollback()
        flash(sentence(refused), "bad")
    return redirect(url_for("county.recall", recall_id=recall_id), 303)


@bp.post("/recalls/<uuid:recall_id>/duties/<uuid:duty_id>")
@once("county.file_recall_duty")
def file_recall_duty(recall_id: uuid.UUID, duty_id: uuid.UUID) -> Page:
    """The report was sent in."""
    form = NoteForm()
    return _try(
        recall_id,
        {str(duty_id): form},
        lambda: duties.file_duty(
            db.session(), g.county_code, duty_id, form.note.data or "", current_user.id, clock.now()
        ),
    )


@bp.post("/recalls/<uuid:recall_id>/paid-in")
@once("county.recall_paid_in")
def recall_paid_in(recall_id: uuid.UUID) -> Page:
    """The maker's money is in the bank."""
    form = PaidInForm()

    def act() -> None:
        said = form.amount.data, form.bank_reference.data or ""
        claim.pay_in(db.session(), g.county_code, recall_id, *said, current_user.id, clock.now())

    return _try(recall_id, {"paid-in": form}, act)


@bp.post("/recalls/products/<uuid:product_id>/lift")
@once("county.lift_recall")
def lift_old_recall(product_id: uuid.UUID) -> Response:
    """A recall from before there were pieces and duties is over."""
    reason = request.form.get("reason", "")
    lift_recall(db.session(), g.county_code, product_id, reason, current_user.id, clock.now())
    flash(_("召回已了结"))
    return redirect(url_for("county.recalls"), 303)


def _try(recall_id: uuid.UUID, tried: dict[str, FlaskForm], act: Callable[[], object]) -> Page:
    """Do it and come back, or show the page with what was typed and why not."""
    [form] = tried.values()
    if form.validate_on_submit():
        try:
            act()
            flash(_("已登记"))
            return redirect(url_for("county.recall", recall_id=recall_id), 303)
        except Refused as refused:
            db.session.rollback()
            show(form, refused)
    return _page(recall_id, tried), 422


def _page(recall_id: uuid.UUID, tried: dict[str, FlaskForm]) -> str:
    session = db.session()
    found = queries.recall_in_county(session, g.county_code, recall_id)
    own = found.county_code == g.county_code

    def form_of(name: uuid.UUID | str) -> FlaskForm:
        return told_apart(tried.get(str(name)) or NoteForm(formdata=None), name)

    return render_template(
        "county/recall.html",
        recall=found,
        own=own,
        scope=scope_words(found),
        state=RECALL_STATES[found.state],
        before=found.state in BEFORE,
        running=found.state in RUNNING,
        preview=publish.preview(session, g.county_code, recall_id) if own and found.state in BEFORE else None,
        tally=close.tallies(session, [found.id])[found.id],
        duties=duties.duties_of(session, found.id),
        duty_words=DUTIES,
        unknown_years=_unknown_years(found),
        claim=claim.claim_of(session, found.id),
        basis=claim.basis_of(session, found.id),
        payments=claim.payments_of(session, found.id),
        paid_form=tried.get("paid-in") or PaidInForm(formdata=None),
        remedies=REMEDIES,
        bearers=BEARERS,
        checks=queries.checks_of(session, found.id),
        shops=queries.shop_names(session, found.id),
        units=queries.units_in_county(session, found.id, g.county_code),
        unit_states=UNIT_STATES,
        steps=[
            (RECALL_STATES[step.state][0], step.at, noted(step.note))
            for step in queries.steps_of(session, found.id)
        ],
        keep_until=deadlines.keep_until(found.closed_at) if found.closed_at else None,
        form_of=form_of,
        now=clock.now(),
        mine=found.confirmed_by == current_user.id,
    )


def _declare_page(product_id: uuid.UUID, form: DeclareForm) -> str:
    product = product_in_county(db.session(), g.county_code, product_id) or abort(404)
    return render_template("county/declare_recall.html", form=form, product=product)


def _late(found: Recall) -> bool:
    now = clock.now()
    return any(
        duty.filed_at is None and duty.is_late(now) for duty in duties.duties_of(db.session(), found.id)
    )


def _unknown_years(found: Recall) -> list[int]:
    """The years whose holidays its deadlines in working days do not know."""
    due = [duty.due_at for duty in duties.duties_of(db.session(), found.id) if duty.kind in IN_WORKING_DAYS]
    last = max(due, default=found.opened_at)
    return unknown_years(clock.local_date(found.opened_at), clock.local_date(last))
