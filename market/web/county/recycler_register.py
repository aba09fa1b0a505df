"""The register of recyclers: who is licensed for what and until when, and what the county did about it."""

import uuid

from flask import abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from market.collection.kinds import kinds
from market.collection.queries import transfers_to
from market.kernel import clock
from market.kernel.db import db
from market.oversight import queries as oversight
from market.oversight.rules import thresholds
from market.recycling import queries, register
from market.recycling.models import Recycler, RecyclerDocument
from market.recycling.register import Entry
from market.recycling.states import ON_ITS_WAY
from market.recycling.suspend import reopen, suspend
from market.web.collection_text import TRANSFER_STATES, kind_names
from market.web.county import bp
from market.web.day_field import DayField
from market.web.once import once
from market.web.oversight_text import ACTS, FIGURES, INSPECTION_STATES, RECYCLER_STATES
from market.web.refusals import attempt

Page = str | tuple[str, int] | Response
_required = DataRequired(lazy_gettext("请填写这一项"))
_DAY = [InputRequired(lazy_gettext("请填日期，例如 2026-12-31"))]


class EntryForm(FlaskForm):
    """An entry of the register."""

    name = StringField(lazy_gettext("企业名称"), [_required, Length(max=60)], render_kw={"maxlength": 60})
    licence_number = StringField(
        lazy_gettext("许可证或备案号"), [_required], render_kw={"maxlength": 40, "autocomplete": "off"}
    )
    scope = SelectMultipleField(lazy_gettext("可以收哪些"))
    address = StringField(lazy_gettext("地址"), [_required, Length(max=120)], render_kw={"maxlength": 120})
    phone = StringField(lazy_gettext("电话"), [_required, Length(max=20)], render_kw={"type": "tel"})

    def entry(self) -> Entry:
        """What was typed."""
        texts = (self.name, self.licence_number, self.address, self.phone)
        name, licence, address, phone = (str(field.data or "").strip() for field in texts)
        return Entry(name, licence, tuple(self.scope.data or ()), address, phone)


class DatesForm(FlaskForm):
    """From when to when a licence holds."""

    valid_from = DayField(lazy_gettext("从哪天起有效"), _DAY)
    valid_to = DayField(lazy_gettext("有效到哪天"), _DAY)


class NewForm(EntryForm, DatesForm):
    """An entry with its licence's dates."""


class SuspendForm(FlaskForm):
    """Why a recycler is stopped."""

    reason = TextAreaField(
        lazy_gettext("暂停的理由"),
        [Length(max=300)],
        description=lazy_gettext("马上停派新单，还没收到的单子转给别家，并告诉客户"),
        render_kw={"maxlength": 300, "rows": 2},
    )


class DocumentForm(FlaskForm):
    """A photo of a paper."""

    title = StringField(lazy_gettext("是什么材料"), [_required], render_kw={"maxlength": 40})
    photo = FileField(
        lazy_gettext("材料照片"),
        [FileRequired(lazy_gettext("请拍一张照片"))],
        render_kw={"accept": "image/*"},
    )


@bp.get("/recyclers")
def recycler_register() -> str:
    """Everybody in the register, and whose figures warn."""
    session, now = db.session(), clock.now()
    found = queries.register(session, g.county_code)
    return render_template(
        "county/recyclers.html",
        recyclers=[(it, oversight.alerts_of(session, it.id, now)) for it in found],
        states=RECYCLER_STATES,
    )


@bp.get("/recyclers/new")
def new_recycler() -> str:
    """The form of a new entry."""
    return _form(_with_scope(NewForm(formdata=None)), None)


@bp.post("/recyclers/new")
@once("county.add_recycler")
def add_recycler() -> Page:
    """Enter a recycler."""
    form = _with_scope(NewForm())

    def act() -> None:
        dates = form.valid_from.data, form.valid_to.data
        register.add_recycler(db.session(), g.county_code, current_user.id, form.entry(), *dates, clock.now())

    if attempt(form, act):
        flash(_("已登记"))
        return redirect(url_for("county.recycler_register"), 303)
    return _form(form, None), 422


@bp.get("/recyclers/<uuid:recycler_id>")
def recycler(recycler_id: uuid.UUID) -> str:
    """One entry with its papers, its figures and its history."""
    return _page(_own(recycler_id))


@bp.get("/recyclers/<uuid:recycler_id>/edit")
def edit_entry(recycler_id: uuid.UUID) -> str:
    """The form of an entry."""
    found = _own(recycler_id)
    return _form(_with_scope(EntryForm(formdata=None, obj=found)), found)


@bp.post("/recyclers/<uuid:recycler_id>/edit")
@once("county.edit_recycler")
def edit_recycler(recycler_id: uuid.UUID) -> Page:
    """Correct an entry."""
    found, form = _own(recycler_id), _with_scope(EntryForm())

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, recycler_id
        register.edit_recycler(*own, form.entry(), clock.now())

    if attempt(form, act):
        return _done(recycler_id, _("已改好"))
    return _form(form, found), 422


@bp.post("/recyclers/<uuid:recycler_id>/renew")
@once("county.renew_licence")
def renew_licence(recycler_id: uuid.UUID) -> Page:
    """New dates."""
    found, form = _own(recycler_id), DatesForm()

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, recycler_id
        register.renew_licence(*own, form.valid_from.data, form.valid_to.data, clock.now())

    if attempt(form, act):
        return _done(recycler_id, _("已记下新的有效期"))
    return _page(found, dates_form=form), 422


@bp.post("/recyclers/<uuid:recycler_id>/suspend")
@once("county.suspend_recycler")
def suspend_recycler(recycler_id: uuid.UUID) -> Page:
    """Stop it, at once."""
    found, form, moved = _own(recycler_id), SuspendForm(), []

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, recycler_id
        moved.append(suspend(*own, form.reason.data or "", clock.now()))

    if attempt(form, act):
        return _done(recycler_id, _("已暂停，%(n)s 件转给了别家或在等", n=moved[0]))
    return _page(found, suspend_form=form), 422


@bp.post("/recyclers/<uuid:recycler_id>/reopen")
@once("county.reopen_recycler")
def reopen_recycler(recycler_id: uuid.UUID) -> Response:
    """Let it work again."""
    reopen(db.session(), g.county_code, current_user.id, recycler_id, clock.now())
    return _done(recycler_id, _("已恢复，可以接新单"))


@bp.post("/recyclers/<uuid:recycler_id>/documents")
@once("county.keep_document")
def keep_document(recycler_id: uuid.UUID) -> Page:
    """Keep a paper."""
    found, form = _own(recycler_id), DocumentForm()

    def act() -> None:
        own = db.session(), g.county_code, current_user.id, recycler_id
        register.keep_document(*own, form.title.data or "", form.photo.data.read(), clock.now())

    if attempt(form, act):
        return _done(recycler_id, _("材料已收好"))
    return _page(found, document_form=form), 422


@bp.get("/recyclers/<uuid:recycler_id>/documents/<uuid:document_id>")
def recycler_document(recycler_id: uuid.UUID, document_id: uuid.UUID) -> Response:
    """The photo of a paper."""
    paper = db.session.get(RecyclerDocument, document_id)
    if paper is None or paper.recycler_id != _own(recycler_id).id:
        abort(404)
    return make_response(paper.jpeg, {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"})


def _own(recycler_id: uuid.UUID) -> Recycler:
    return queries.in_register(db.session(), g.county_code, recycler_id)


def _with_scope(form: EntryForm) -> EntryForm:
    names = kind_names(db.session())
    form.scope.choices = [(code, names.get(code, code)) for code in kinds(db.session())]
    return form


def _form(form: EntryForm, found: Recycler | None) -> str:
    return render_template("county/recycler_form.html", form=form, recycler=found)


def _done(recycler_id: uuid.UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("county.recycler", recycler_id=recycler_id), 303)


def _page(
    found: Recycler,
    suspend_form: SuspendForm | None = None,
    dates_form: DatesForm | None = None,
    document_form: DocumentForm | None = None,
) -> str:
    session, now = db.session(), clock.now()
    return render_template(
        "county/recycler.html",
        recycler=found,
        on_the_way=len(queries.inbox(session, found.id, ON_ITS_WAY)),
        alerts=oversight.alerts_of(session, found.id, now),
        limits=thresholds(),
        documents=queries.documents(session, found.id),
        changes=queries.register_changes(session, found.id),
        visits=oversight.published(session, found.id),
        transfers=transfers_to(session, found.id),
        suspend_form=suspend_form or SuspendForm(formdata=None),
        dates_form=dates_form or DatesForm(formdata=None, obj=found),
        document_form=document_form or DocumentForm(formdata=None),
        names=kind_names(session),
        states=RECYCLER_STATES,
        acts=ACTS,
        figures=FIGURES,
        visit_states=INSPECTION_STATES,
        transfer_states=TRANSFER_STATES,
    )
