"""Change a plan: choose where to, see what it costs and breaks, save it; lock; plan the rest again."""

import uuid

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, Optional

from market.delivery.draft import Change, MoveRun, MoveStop, TakeOut, vehicle_of
from market.delivery.edit_plan import (
    Desk,
    Preview,
    change_plan,
    lay_out,
    lock_run,
    lock_stop,
    plan_again,
    preview,
)
from market.delivery.models import Run
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people.models import ViewerRole, ViewPurpose
from market.web.county import bp
from market.web.county.batches import own_batch
from market.web.county.words import broken_text
from market.web.once import once
from market.web.readings import note_orders_read
from market.web.refusals import show

OUT = "out"
_NUMBER = {"inputmode": "numeric", "min": "1"}
Page = str | tuple[str, int]


class _GetForm(FlaskForm):
    """Asked for by address: it changes nothing, so it needs no token."""

    class Meta:
        csrf = False


class MoveStopForm(_GetForm):
    """Where a stop goes."""

    vehicle = SelectField(lazy_gettext("放到哪辆车"))
    trip = IntegerField(
        lazy_gettext("第几趟"), [InputRequired(lazy_gettext("请填趟次，如 1"))], render_kw=_NUMBER
    )
    position = IntegerField(
        lazy_gettext("这一趟的第几站"), [InputRequired(lazy_gettext("请填次序，如 1"))], render_kw=_NUMBER
    )

    def change(self, stop_id: str) -> Change:
        """What was asked for."""
        if self.vehicle.data == OUT:
            return TakeOut(stop_id)
        return MoveStop(stop_id, self.vehicle.data, self.trip.data, self.position.data)


class MoveRunForm(_GetForm):
    """Which vehicle drives a run."""

    vehicle = SelectField(lazy_gettext("换哪辆车跑"))


@bp.get("/batches/<uuid:batch_id>/move")
def move(batch_id: uuid.UUID) -> Page:
    """Where to with a stop (``stop``) or a run (``run``), and what that would do."""
    own_batch(batch_id)
    return _page(lay_out(db.session(), g.county_code, batch_id, clock.now()), request.args)


@bp.post("/batches/<uuid:batch_id>/move")
@once("county.change_plan")
def save_move(batch_id: uuid.UUID) -> Page | Response:
    """Save what was seen. What can no longer be done is shown anew."""
    own_batch(batch_id)
    session, now = db.session(), clock.now()
    desk = lay_out(session, g.county_code, batch_id, now)
    form = _form(desk, request.form)
    if not form.validate():
        return _page(desk, request.form)
    try:
        number = request.form.get("plan", 0, int)
        change_plan(session, g.county_code, batch_id, number, _change(desk, request.form, form), now)
    except Refused as refused:
        session.rollback()
        return _page(lay_out(session, g.county_code, batch_id, now), request.form, refused)
    flash(_("改好了"))
    return redirect(url_for("county.batch", batch_id=batch_id), 303)


@bp.post("/batches/<uuid:batch_id>/lock")
@once("county.lock_plan")
def lock(batch_id: uuid.UUID) -> Response:
    """Keep a run or a stop where it is when the rest is planned again, or no longer."""
    own_batch(batch_id)
    is_locked = request.form.get("locked") == "1"
    if run_id := request.form.get("run", type=uuid.UUID):
        lock_run(db.session(), g.county_code, run_id, is_locked)
    elif stop_id := request.form.get("stop", type=uuid.UUID):
        lock_stop(db.session(), g.county_code, stop_id, is_locked)
    else:
        abort(404)
    flash(_("锁住了，重新排车时不动它") if is_locked else _("解锁了"))
    return redirect(url_for("county.batch", batch_id=batch_id), 303)


@bp.post("/batches/<uuid:batch_id>/plan-again")
@once("county.plan_again")
def plan_rest_again(batch_id: uuid.UUID) -> Response:
    """Plan all that is not locked once more."""
    number = request.form.get("plan", 0, int)
    plan_again(db.session(), g.county_code, batch_id, number, clock.now())
    return redirect(url_for("county.batch", batch_id=batch_id), 303)


def _page(desk: Desk, asked: MultiDict[str, str], refused: Refused | None = None) -> Page:
    form, then = _form(desk, asked), None
    is_asked = "vehicle" in asked
    if not is_asked:
        form = type(form)(formdata=None, data=_where_it_is(desk, asked))
        _choose(desk, form, asked)
    elif form.validate():
        try:
            then = preview(db.session(), desk, _change(desk, asked, form))
        except Refused as why:
            refused = refused or why
    if refused:
        show(form, refused)
    page = render_template(
        "county/move.html",
        batch=desk.batch,
        form=form,
        asked=asked,
        stop=desk.rows.get(asked.get("stop", "")),
        jobs=desk.jobs.get(asked.get("stop", "")),
        run=_run(desk, asked) if "run" in asked else None,
        preview=then,
        plates={str(vehicle.id): vehicle.plate for vehicle in desk.vehicles},
        where=lambda stop_id: desk.jobs[stop_id][0].address_text,
        broken=_sentences(desk, then) if then else [],
        out=OUT,
    )
    answer = (page, 422) if form.errors else page
    numbers = {job.order_number for jobs in desk.jobs.values() for job in jobs}
    note_orders_read(numbers, ViewerRole.county, ViewPurpose.delivery)
    return answer


def _form(desk: Desk, asked: MultiDict[str, str]) -> MoveStopForm | MoveRunForm:
    form = MoveRunForm(asked) if "run" in asked else MoveStopForm(asked)
    _choose(desk, form, asked)
    if isinstance(form, MoveStopForm) and form.vehicle.data == OUT:
        form.trip.validators = form.position.validators = [Optional()]
    return form


def _choose(desk: Desk, form: MoveStopForm | MoveRunForm, asked: MultiDict[str, str]) -> None:
    """The vehicles there are; of a run, all but its own. A stop may also stay at the hub."""
    if "run" not in asked and asked.get("stop") not in desk.jobs:
        abort(404)
    own = _run(desk, asked).vehicle_id if "run" in asked else None
    couriers = {run.vehicle_id: run.courier.name for run in desk.batch.runs if run.courier}
    form.vehicle.choices = [
        (str(vehicle.id), " · ".join(filter(None, (vehicle.plate, couriers.get(vehicle.id)))))
        for vehicle in desk.vehicles
        if vehicle.id != own
    ]
    if isinstance(form, MoveStopForm) and asked.get("stop") in desk.rows:
        form.vehicle.choices.append((OUT, _("不送，留在中心等下一批")))


def _change(desk: Desk, asked: MultiDict[str, str], form: MoveStopForm | MoveRunForm) -> Change:
    if isinstance(form, MoveRunForm):
        return MoveRun(str(_run(desk, asked).vehicle_id), form.vehicle.data)
    return form.change(asked["stop"])


def _where_it_is(desk: Desk, asked: MultiDict[str, str]) -> dict[str, object]:
    stop_id = asked.get("stop", "")
    vehicle = vehicle_of(desk.draft, stop_id)
    if vehicle is None:
        return {"trip": 1, "position": 1}
    trips = desk.draft[vehicle]
    trip, at = next((trip, at) for trip, ids in enumerate(trips, 1) for at, it in enumerate(ids, 1)
                    if it == stop_id)  # fmt: skip
    return {"vehicle": vehicle, "trip": trip, "position": at}


def _run(desk: Desk, asked: MultiDict[str, str]) -> Run:
    found = (run for run in desk.batch.runs if str(run.id) == asked.get("run"))
    return next(found, None) or abort(404)


def _sentences(desk: Desk, then: Preview) -> list[tuple[str, str]]:
    """By plate, each rule that would be broken."""
    plates = {str(vehicle.id): vehicle.plate for vehicle in desk.vehicles}
    return [
        (
            plates[it.vehicle_id],
            broken_text(it, desk.jobs[it.stop_id][0].address_text if it.stop_id else ""),
        )
        for it in then.broken
    ]
