"""The shop's claims: how far each is, what is missing, and what the shop can do about it."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people.models import ViewerRole, ViewPurpose
from market.subsidies import bring, evidence, give_up, review, review_queries
from market.subsidies.models import Claim, ClaimState
from market.web import claims as words
from market.web.once import keep_refused, once
from market.web.readings import note_reading
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.listings import Page
from market.web.shop.roles import may

_REASON = [
    DataRequired(lazy_gettext("请写明理由，以后查得到")),
    Length(max=review.REASON_LENGTH, message=lazy_gettext("请写 300 个字以内")),
]


class BringForm(FlaskForm):
    """A missing piece of evidence."""

    kind = SelectField(lazy_gettext("补哪一项"))
    text = TextAreaField(
        lazy_gettext("号码，或材料内容和原件在哪里"),
        [DataRequired(lazy_gettext("请填写这一项"))],
        description=lazy_gettext("序列号、条码、备案号照机身抄；多台用逗号分开"),
        render_kw={"rows": 2, "autocomplete": "off"},
    )


class AppealForm(FlaskForm):
    """Why a rejection is wrong."""

    reason = TextAreaField(lazy_gettext("为什么不服"), _REASON, render_kw={"rows": 2})


class WithdrawForm(FlaskForm):
    """Why the shop bears the subsidy itself."""

    reason = TextAreaField(lazy_gettext("为什么不再申报"), _REASON, render_kw={"rows": 2})


@bp.get("/claims")
def claims() -> str:
    """Every claim, what waits for the shop first."""
    session = db.session()
    found = [
        (claim, evidence.missing(session, claim) if claim.state in _LACKING else [])
        for claim in review_queries.shop_claims(session, g.shop.id)
    ]
    return render_template("shop/claims.html", found=found, words=words)


_LACKING = (ClaimState.delivered, ClaimState.installed)


@bp.get("/claims/<uuid:claim_id>")
def claim(claim_id: uuid.UUID) -> str:
    """One claim: what is there, what is missing and who brings it."""
    return _page(_own(claim_id))


@bp.post("/claims/<uuid:claim_id>/bring")
@once("shop.bring_evidence")
def bring_evidence(claim_id: uuid.UUID) -> Page:
    """Something the delivery did not leave."""
    found, form = _own(claim_id), BringForm()
    _choices(form, found)
    if form.validate_on_submit():
        kind, text = form.kind.data, form.text.data or ""
        try:
            bring.bring(db.session(), g.shop.id, claim_id, kind, text, current_user.id, clock.now())
        except Refused as refused:
            if refused.code == "subsidy.serial_claimed":
                keep_refused()  # the flag of a reused number stays
            show(form, refused)
        else:
            flash(_("已补上"))
            return redirect(url_for("shop.claim", claim_id=claim_id), 303)
    return _page(found, bring_form=form), 422


@bp.post("/claims/<uuid:claim_id>/appeal")
@once("shop.appeal_claim")
def appeal_claim(claim_id: uuid.UUID) -> Page:
    """Other people shall look again."""
    found, form = _own(claim_id), AppealForm()
    if form.validate_on_submit():
        try:
            note = form.reason.data or ""
            review.appeal(db.session(), g.shop.id, claim_id, note, current_user.id, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已申诉，会由别的人再审"))
            return redirect(url_for("shop.claim", claim_id=claim_id), 303)
    return _page(found, appeal_form=form), 422


@bp.post("/claims/<uuid:claim_id>/withdraw")
@once("shop.withdraw_claim")
def withdraw_claim(claim_id: uuid.UUID) -> Page:
    """The shop bears it."""
    found, form = _own(claim_id), WithdrawForm()
    if form.validate_on_submit():
        try:
            reason = form.reason.data or ""
            give_up.withdraw(db.session(), g.shop.id, claim_id, current_user.id, reason, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已撤回，补贴从下一张结算单里扣"))
            return redirect(url_for("shop.claim", claim_id=claim_id), 303)
    return _page(found, withdraw_form=form), 422


def _own(claim_id: uuid.UUID) -> Claim:
    return review_queries.shop_claim(db.session(), g.shop.id, claim_id) or abort(404)


def _choices(form: BringForm, found: Claim) -> list[str]:
    missing = evidence.missing(db.session(), found) if found.state in _LACKING else []
    form.kind.choices = [(it, words.kind(it)) for it in missing if it not in evidence.BY_ITSELF]
    return missing


def _page(
    found: Claim,
    bring_form: BringForm | None = None,
    appeal_form: AppealForm | None = None,
    withdraw_form: WithdrawForm | None = None,
) -> str:
    session = db.session()
    bring_form = bring_form or BringForm(formdata=None)
    missing = _choices(bring_form, found)
    open_states = (*_LACKING, ClaimState.under_review, ClaimState.rejected)
    can_withdraw = may(g.role, "withdraw_claim") and found.state in open_states
    page = render_template(
        "shop/claim.html",
        claim=found,
        there=evidence.of_claim(session, found.id),
        missing=missing,
        trail=review_queries.trail(session, found.id),
        bring_form=bring_form if bring_form.kind.choices else None,
        appeal_form=(appeal_form or AppealForm(formdata=None))
        if found.state is ClaimState.rejected
        else None,
        withdraw_form=(withdraw_form or WithdrawForm(formdata=None)) if can_withdraw else None,
        words=words,
    )
    note_reading(found.account_id, ViewerRole.shop, ViewPurpose.subsidy, found.reference)
    return page
