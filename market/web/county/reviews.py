"""Reviews at the county: what counts less and why, and unlawful words covered by two people. No delete."""

import uuid

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from market.credit import review_queries
from market.credit.mask_review import decide_mask, lift_mask, propose_mask, read_original
from market.credit.review_models import NOTE_CHARS, MaskReason
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.credit_text import MASK_REASONS, SIGNALS
from market.web.once import once
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response


class MaskForm(FlaskForm):
    """Why words may not stay readable."""

    reason = RadioField(
        lazy_gettext("为什么要遮住"),
        [DataRequired(lazy_gettext("请选一个"))],
        choices=[(kind.value, words) for kind, words in MASK_REASONS.items()],
    )
    note = TextAreaField(
        lazy_gettext("说明"),
        [Length(max=NOTE_CHARS, message=lazy_gettext("最多写 %(max)d 个字"))],
        description=lazy_gettext("哪一句、违反什么，给复核的同事看。说店铺不好不是理由"),
        render_kw={"maxlength": NOTE_CHARS, "rows": 3},
    )


@bp.get("/reviews")
def reviews() -> str:
    """What waits for a second person, what counts less, what is covered, and the newest."""
    session, of_county = db.session(), review_queries.of_county(g.county_code)
    return render_template(
        "county/reviews.html",
        masks=review_queries.with_mask(session, of_county),
        weighed=review_queries.weighed_down(session, of_county),
        newest=review_queries.listed(session, of_county, review_queries.Order.newest)[: review_queries.PAGE],
        **_words(),
    )


@bp.get("/reviews/<uuid:review_id>")
def review(review_id: uuid.UUID) -> Page:
    """One review as it was written. That somebody read it is noted, and shown to its author."""
    page = _page(review_id, MaskForm(formdata=None))
    db.session.commit()
    return page


@bp.get("/reviews/<uuid:review_id>/photos/<uuid:photo_id>")
def original_photo(review_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """A photo of it, covered or not."""
    read_original(db.session(), g.county_code, current_user.id, review_id, clock.now())
    if photo_id not in review_queries.one(db.session(), review_id).photo_ids:
        abort(404)
    db.session.commit()
    jpeg = review_queries.photo(db.session(), photo_id, masked_too=True) or abort(404)
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@bp.post("/reviews/<uuid:review_id>/propose")
@once("county.propose_mask")
def propose(review_id: uuid.UUID) -> Page:
    """Ask a colleague to let its words be covered."""
    form = MaskForm()

    def act() -> None:
        reason, note = MaskReason(form.reason.data), form.note.data or ""
        propose_mask(db.session(), g.county_code, current_user.id, review_id, reason, note, clock.now())

    if attempt(form, act):
        flash(_("已提出，要另一位同事来定"))
        return redirect(url_for("county.reviews"), 303)
    return _page(review_id, form), 422


@bp.post("/reviews/<uuid:review_id>/decide")
@once("county.decide_mask")
def decide(review_id: uuid.UUID) -> Page:
    """Cover its words, or leave them."""
    form, masks = FlaskForm(), request.form.get("is_masked") == "1"

    def act() -> None:
        decide_mask(db.session(), g.county_code, current_user.id, review_id, masks, clock.now())

    return _done(review_id, form, attempt(form, act), _("文字已遮住") if masks else _("没有遮"))


@bp.post("/reviews/<uuid:review_id>/lift")
@once("county.lift_mask")
def lift(review_id: uuid.UUID) -> Page:
    """Let its words be read again."""
    form = FlaskForm()

    def act() -> None:
        lift_mask(db.session(), g.county_code, current_user.id, review_id, clock.now())

    return _done(review_id, form, attempt(form, act), _("文字又看得到了"))


def _done(review_id: uuid.UUID, form: FlaskForm, is_done: bool, said: str) -> Page:
    if not is_done:
        return _page(review_id, MaskForm(formdata=None), form), 422
    flash(said)
    return redirect(url_for("county.review", review_id=review_id), 303)


def _page(review_id: uuid.UUID, form: MaskForm, refused: FlaskForm | None = None) -> str:
    read_original(db.session(), g.county_code, current_user.id, review_id, clock.now())
    it = review_queries.one(db.session(), review_id)
    return render_template("county/review.html", it=it, form=form, refused=refused, **_words())


def _words() -> dict[str, object]:
    return {"signal_words": SIGNALS, "mask_words": MASK_REASONS}
