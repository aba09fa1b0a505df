"""The work list of claims: evidence, flags and trail of each, and what three people decide on it."""

import uuid

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.delivery.queries import proof_of
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders.queries import of_line
from market.people.models import ViewerRole, ViewPurpose
from market.subsidies import evidence, give_up, review, review_queries
from market.subsidies.fraud_rules import Severity
from market.subsidies.models import Claim, ClaimState
from market.web import claims as words
from market.web.county import bp
from market.web.once import once
from market.web.readings import note_reading
from market.web.refusals import show

Page = str | tuple[str, int] | Response
TABS = {
    "review": (ClaimState.under_review,),
    "evidence": (ClaimState.delivered, ClaimState.installed),
    "approved": (ClaimState.approved, ClaimState.refund_pending),
    "rejected": (ClaimState.rejected,),
    "back": (ClaimState.clawback_due,),
    "ended": (ClaimState.paid_out, ClaimState.clawback_done, ClaimState.withdrawn, ClaimState.returned),
}
TAB_NAMES = {
    "review": lazy_gettext("等审核"),
    "evidence": lazy_gettext("缺材料"),
    "approved": lazy_gettext("已批准"),
    "rejected": lazy_gettext("没通过"),
    "back": lazy_gettext("要退回"),
    "ended": lazy_gettext("已了结"),
}
_REASON = [
    DataRequired(lazy_gettext("请写明理由，以后查得到")),
    Length(max=review.REASON_LENGTH, message=lazy_gettext("请写 300 个字以内")),
]


class DecideForm(FlaskForm):
    """What a person decides on a claim, and why."""

    decision = RadioField(lazy_gettext("怎么决定"), [DataRequired(lazy_gettext("请选怎么决定"))])
    reason = TextAreaField(lazy_gettext("理由"), _REASON, render_kw={"rows": 2})

    def of(self, claim: Claim) -> "DecideForm":
        """The form with what may be decided here by this person."""
        if claim.state is ClaimState.rejected:
            self.decision.choices = [("close", _("没有再申诉，结案，由店家承担"))]
        elif g.is_auditor:
            self.decision.choices = [("audit", _("审计通过")), ("reject", _("不通过"))]
        else:
            self.decision.choices = [("approve", _("同意")), ("reject", _("不同意"))]
        return self


class LiftForm(FlaskForm):
    """Why a flag stands no longer."""

    reason = TextAreaField(lazy_gettext("查清了什么"), _REASON, render_kw={"rows": 2})


@bp.get("/claims")
def claims() -> str:
    """The claims of one tab, the hardest flagged first."""
    tab, chosen = request.args.get("tab", "review"), request.args.get("severity", "")
    severity = Severity(chosen) if chosen in set(Severity) else None
    found = review_queries.county_claims(db.session(), g.county_code, TABS.get(tab) or abort(404), severity)
    return render_template(
        "county/claims.html", found=found, tab=tab, tabs=TAB_NAMES, severity=severity, words=words
    )


@bp.get("/claims/<uuid:claim_id>")
def claim(claim_id: uuid.UUID) -> str:
    """One claim: what proves it, what is missing, what looks wrong, and who decided what."""
    found = _own(claim_id)
    role = ViewerRole.auditor if g.is_auditor else ViewerRole.county
    number = (found.about or {})["order_number"]
    note_reading(found.account_id, role, ViewPurpose.subsidy, number)
    return _page(found, DecideForm(formdata=None).of(found))


@bp.get("/claims/<uuid:claim_id>/photo")
def claim_photo(claim_id: uuid.UUID) -> Response:
    """The photo that the courier left at the door."""
    part = of_line(db.session(), _own(claim_id).reference)
    proof = proof_of(db.session(), part.reference) if part else None
    if proof is None or proof.photo is None:
        abort(404)
    return Response(proof.photo, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@bp.post("/claims/<uuid:claim_id>/decide")
@once("county.decide_claim")
def decide_claim(claim_id: uuid.UUID) -> Page:
    """The auditor, or one of two operators."""
    found = _own(claim_id)
    form = DecideForm().of(found)
    if form.validate_on_submit():
        try:
            _decide(form.decision.data, claim_id, form.reason.data or "")
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已记下"))
            return redirect(url_for("county.claims"), 303)
    return _page(found, form), 422


@bp.post("/claims/flags/<uuid:flag_id>/lift")
@once("county.lift_flag")
def lift_flag(flag_id: uuid.UUID) -> Page:
    """The auditor has looked into it."""
    form = LiftForm()
    flag = review_queries.county_flag(db.session(), g.county_code, flag_id) or abort(404)
    if form.validate_on_submit():
        try:
            review.lift(
                db.session(), g.county_code, current_user.id, flag_id, form.reason.data or "", clock.now()
            )
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("疑点已解除"))
            return redirect(url_for("county.claim", claim_id=flag.claim_id), 303)
    found = _own(flag.claim_id)
    return _page(found, DecideForm(formdata=None).of(found), {flag_id: form}), 422


def _decide(decision: str, claim_id: uuid.UUID, reason: str) -> None:
    acts = {
        "audit": review.pass_audit,
        "approve": review.approve,
        "reject": review.reject,
        "close": give_up.close,
    }
    acts[decision](db.session(), g.county_code, current_user.id, claim_id, reason, clock.now())


def _own(claim_id: uuid.UUID) -> Claim:
    return review_queries.county_claim(db.session(), g.county_code, claim_id) or abort(404)


def _page(found: Claim, form: DecideForm, lifting: dict[uuid.UUID, LiftForm] | None = None) -> str:
    session = db.session()
    may_decide = found.state is ClaimState.under_review or (
        found.state is ClaimState.rejected and not g.is_auditor
    )
    return render_template(
        "county/claim.html",
        claim=found,
        there=evidence.of_claim(session, found.id),
        missing=evidence.missing(session, found),
        flags=review_queries.flags(session, found.id),
        trail=review_queries.trail(session, found.id),
        form=form if may_decide else None,
        lift_form=lambda flag_id: (lifting or {}).get(flag_id) or LiftForm(formdata=None),
        words=words,
    )
