"""One recalled piece with its buyer, and the list of people to call."""

import uuid
from collections.abc import Callable

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.notices.calls import ENOUGH_ATTEMPTS, attempts_of
from market.notices.models import CallState
from market.payments.queries import refund_asked
from market.people.models import Account, ViewerRole, ViewPurpose
from market.recalls import queries, remedy
from market.recalls.models import RecallUnit
from market.recalls.states import RUNNING, UNIT_STATES, Remedy, UnitState
from market.web.county import bp
from market.web.county.recall_forms import CallForm, ChooseForm, CompleteForm, NoteForm, PlateForm
from market.web.once import once
from market.web.readings import note_reading
from market.web.recall_text import CALL_REASONS, REMEDIES, scope_words
from market.web.recall_text import UNIT_STATES as WORDS
from market.web.refunds import STATES
from market.web.refusals import show
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response
_FORMS: dict[str, type[FlaskForm]] = {
    "choose": ChooseForm,
    "complete": CompleteForm,
    "plate": PlateForm,
    "unreachable": NoteForm,
}


@bp.get("/recalls/units/<uuid:unit_id>")
def recall_unit(unit_id: uuid.UUID) -> str:
    """What happened to the piece, and what can be done now."""
    return _page(unit_id, {})


@bp.post("/recalls/units/<uuid:unit_id>/<move>")
@once("county.recall_unit")
def move_recall_unit(unit_id: uuid.UUID, move: str) -> Page:
    """Choose for the buyer, complete a remedy, read its plate, or give up looking."""
    form = (_FORMS.get(move) or abort(404))()
    if form.validate_on_submit():
        try:
            _move(unit_id, move, form)
            flash(_("已登记"))
            return redirect(url_for("county.recall_unit", unit_id=unit_id), 303)
        except Refused as refused:
            db.session.rollback()
            show(form, refused)
    return _page(unit_id, {move: form}), 422


@bp.get("/recalls/<uuid:recall_id>/calls")
def recall_calls(recall_id: uuid.UUID) -> str:
    """Whom to call, with what to say; made for paper too."""
    return _calls_page(recall_id, {})


@bp.post("/recalls/<uuid:recall_id>/calls/<uuid:call_id>")
@once("county.recall_call")
def note_recall_call(recall_id: uuid.UUID, call_id: uuid.UUID) -> Page:
    """Somebody dialed."""
    form = CallForm()
    if form.validate_on_submit():
        try:
            reached, note = form.reached.data == "yes", form.note.data or ""
            remedy.called(db.session(), g.county_code, call_id, reached, note, current_user.id, clock.now())
            flash(_("已登记"))
            return redirect(url_for("county.recall_calls", recall_id=recall_id), 303)
        except Refused as refused:
            db.session.rollback()
            show(form, refused)
    return _calls_page(recall_id, {call_id: form}), 422


def _move(unit_id: uuid.UUID, move: str, form: FlaskForm) -> None:
    session, county, by, now = db.session(), g.county_code, current_user.id, clock.now()
    acts: dict[str, Callable[[], object]] = {
        "choose": lambda: remedy.choose_for(session, county, unit_id, Remedy(form.remedy.data), by, now),
        "complete": lambda: remedy.complete(
            session, county, unit_id, form.cost.data or 0, form.note.data or "", by, now
        ),
        "plate": lambda: remedy.not_affected(session, county, unit_id, form.serial.data or "", by, now),
        "unreachable": lambda: remedy.mark_unreachable(
            session, county, unit_id, form.note.data or "", by, now
        ),
    }
    acts[move]()


def _page(unit_id: uuid.UUID, tried: dict[str, FlaskForm]) -> str:
    session = db.session()
    unit = remedy.unit_of(session, g.county_code, unit_id)
    buyer = session.get_one(Account, unit.account_id)
    note_reading(buyer.id, ViewerRole.county, ViewPurpose.order, unit.recall.code)
    moves = UNIT_STATES[unit.state]

    def form_of(name: str) -> FlaskForm:
        return told_apart(tried.get(name) or _FORMS[name](formdata=None), name)

    return render_template(
        "county/recall_unit.html",
        unit=unit,
        recall=unit.recall,
        buyer=buyer,
        scope=scope_words(unit.recall),
        state=WORDS[unit.state],
        remedies=REMEDIES,
        refund=refund_asked(session, unit.refund_key),
        refund_states=STATES,
        may_choose=UnitState.chosen in moves and unit.recall.state in RUNNING,
        may_complete=UnitState.remedied in moves,
        may_clear=UnitState.not_affected in moves,
        may_give_up=UnitState.unreachable in moves,
        enough=ENOUGH_ATTEMPTS,
        form_of=form_of,
    )


def _calls_page(recall_id: uuid.UUID, tried: dict[uuid.UUID, FlaskForm]) -> str:
    session = db.session()
    found = queries.recall_in_county(session, g.county_code, recall_id)
    calls = queries.calls_in_county(session, found, g.county_code)
    people = {call.id: session.get_one(Account, call.account_id) for call in calls}
    for buyer in people.values():
        note_reading(buyer.id, ViewerRole.county, ViewPurpose.order, found.code)
    return render_template(
        "county/recall_calls.html",
        recall=found,
        scope=scope_words(found),
        waiting=[call for call in calls if call.state is CallState.waiting],
        reached=[call for call in calls if call.state is CallState.reached],
        people=people,
        attempts=attempts_of(session, [call.id for call in calls]),
        reasons=CALL_REASONS,
        units=_units(found.id),
        form_of=lambda call: told_apart(tried.get(call.id) or CallForm(formdata=None), call.id),
    )


def _units(recall_id: uuid.UUID) -> dict[uuid.UUID, list[RecallUnit]]:
    found: dict[uuid.UUID, list[RecallUnit]] = {}
    for unit in queries.units_in_county(db.session(), recall_id, g.county_code):
        if unit.account_id is not None:
            found.setdefault(unit.account_id, []).append(unit)
    return found
