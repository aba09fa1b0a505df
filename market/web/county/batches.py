"""Batches: close, watch the planning, read the runs, release."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from flask import Response as FlaskResponse
from flask import abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.delivery.batch_roads import off_road_jobs, roads_of
from market.delivery.close_batch import close_next_wave
from market.delivery.edit_plan import left_out_stops
from market.delivery.live import seen
from market.delivery.models import Batch, BatchState, Job, JobState
from market.delivery.plan_batch import release_batch
from market.delivery.queries import (
    batch_of,
    batches,
    fleet,
    jobs,
    next_day,
    orders_in_batch,
    progress,
    totals,
)
from market.delivery.rest_of_day import plan_rest, rest
from market.delivery.rules import delivery_day
from market.delivery.waiting import Why, why_waiting
from market.kernel import clock
from market.kernel.db import db
from market.people.models import ViewerRole, ViewPurpose
from market.places.models import County
from market.places.queries import stations, townships
from market.web.county import bp
from market.web.county.board import arrived, falling, incidents, run_boards
from market.web.county.map import View, draw
from market.web.county.shares import panel, shares_percent
from market.web.county.words import REASONS, fix_text, why_text
from market.web.once import once
from market.web.readings import note_orders_read

MOST_JOBS = 30  # of each reason, unless all are asked for
MOST_STOPS = 60  # on one page; of a larger batch the stops show run by run


@bp.get("/batches")
def batch_list() -> str:
    """What waits for the next batch and why, against the fleet; and the batches of the last days."""
    session = db.session()
    county, now = session.get_one(County, g.county_code), clock.now()
    day = next_day(county, now)
    is_put_off = day > delivery_day(county.cutoff, now)
    ready = jobs(session, g.county_code, [JobState.ready])
    waiting = jobs(session, g.county_code, [JobState.waiting])
    page = render_template(
        "county/batches.html",
        county=county,
        day=day,
        filled=totals(session, g.county_code, JobState.ready),
        missing=totals(session, g.county_code, JobState.waiting)[0],
        vehicles=[vehicle for vehicle, _courier in fleet(session, g.county_code) if vehicle.active],
        reasons=_by_reason([*ready, *waiting], day, is_put_off),
        most=None if request.args.get("all") else MOST_JOBS,
        batches=batches(session, g.county_code),
        why_text=why_text,
        fix_text=fix_text,
    )
    numbers = {job.order_number for job in (*ready, *waiting)}
    note_orders_read(numbers, ViewerRole.county, ViewPurpose.delivery)
    return page


@bp.post("/batches/close")
@once("county.close_batch")
def close() -> Response:
    """Close what is ready now, without waiting for the cut-off."""
    session, now = db.session(), clock.now()
    county = session.get_one(County, g.county_code)
    batch = close_next_wave(session, g.county_code, next_day(county, now), now)
    return redirect(url_for("county.batch", batch_id=batch.id), 303)


@bp.get("/batches/<uuid:batch_id>")
def batch(batch_id: uuid.UUID) -> str:
    """One batch: how far its planning is; or its runs on the map, their loads, and what was left out.

    Once released: planned against actual, late stops, and what went wrong.
    """
    session, now, found = db.session(), clock.now(), own_batch(batch_id)
    told, roads = progress(session, batch_id), roads_of(session, batch_id)
    boards = run_boards(session, found, now)
    stops = sum(board.stops for board in boards)
    roads = roads_of(session, batch_id)
    on_road = found.state in (BatchState.released, BatchState.done)
    page = render_template(
        "county/batch.html",
        batch=found,
        roads=roads,
        off_road=off_road_jobs(session, roads) if roads else (),
        progress=told,
        shares=panel(session, found),
        shares_percent=shares_percent(session, found),
        falling=falling(told.steps) if told else "",
        boards=boards,
        stops=stops,
        opened=None if stops <= MOST_STOPS else request.args.get("run", ""),
        late=sum(board.late for board in boards),
        arrived=arrived(session, found) if on_road else {},
        incidents=incidents(session, found) if on_road else [],
        rest=rest(session, batch_id) if on_road else [],
        is_today=found.day == clock.local_date(now),
        left_out=_left_out(found),
        most=None if request.args.get("all") else MOST_JOBS,
        idle=_idle(found),
        reasons=REASONS,
        why_text=why_text,
        fix_text=fix_text,
        view=_view(),
    )
    note_orders_read(orders_in_batch(session, batch_id), ViewerRole.county, ViewPurpose.delivery)
    return page


@bp.get("/batches/<uuid:batch_id>/map.svg")
def batch_map(batch_id: uuid.UUID) -> FlaskResponse:
    """The batch's map, or the part that `zoom`, `x` and `y` ask for; where `small`, its signs are larger."""
    session, now, found, view = db.session(), clock.now(), own_batch(batch_id), _view()
    towns = [(town.position, town.name) for town in townships(session, g.county_code) if town.position]
    sketch = draw(
        session.get_one(County, g.county_code).hub,
        towns,
        [station.position for station in stations(session, g.county_code)],
        [(run, seen(run, now)) for run in found.runs],
        view,
    )
    count = sum(len(line.stops) for line in sketch.lines)
    drawn = render_template(
        "county/map.svg",
        sketch=sketch,
        view=view,
        stops=count,
        crowded=count > MOST_STOPS,
        small="small" in request.args,
    )
    answer = make_response(drawn)
    answer.mimetype = "image/svg+xml"
    return answer


@bp.post("/batches/<uuid:batch_id>/release")
@once("county.release_batch")
def release(batch_id: uuid.UUID) -> Response:
    """Hand the runs to their couriers: those that the operator has seen."""
    number = request.form.get("plan", type=int)
    release_batch(db.session(), g.county_code, batch_id, clock.now(), number)
    flash(_("已下发，送货员的手机上能看到了"))
    return redirect(url_for("county.batch", batch_id=batch_id), 303)


@bp.post("/batches/<uuid:batch_id>/rest")
@once("county.plan_rest")
def plan_the_rest(batch_id: uuid.UUID) -> Response:
    """After a breakdown: plan what is left of the day as an extra wave."""
    wave = plan_rest(db.session(), g.county_code, batch_id, clock.now())
    return redirect(url_for("county.batch", batch_id=wave.id), 303)


def own_batch(batch_id: uuid.UUID) -> Batch:
    """The county's batch; another's is not found."""
    return batch_of(db.session(), g.county_code, batch_id) or abort(404)


def _left_out(batch: Batch) -> list[tuple[str, list[Job], Why]]:
    """What the plan left out, by address: its jobs, and why."""
    by_stop = left_out_stops(db.session(), batch)
    return [(it, here, why) for it, here in by_stop.items() if (why := why_waiting(here[0], batch.day))]


def _idle(batch: Batch) -> list[tuple[str, str]]:
    """The id and plate of each vehicle that has no run."""
    used = {run.vehicle_id for run in batch.runs}
    rows = fleet(db.session(), g.county_code)
    free = [vehicle for vehicle, _courier in rows if vehicle.active and vehicle.id not in used]
    return [(str(vehicle.id), vehicle.plate) for vehicle in free]


def _by_reason(
    waiting: Iterable[Job], day: date, is_put_off: bool
) -> list[tuple[Why, list[tuple[Job, Why]]]]:
    """The jobs by what they wait for, in the order of the first of each."""
    groups: dict[str, list[tuple[Job, Why]]] = defaultdict(list)
    for job in waiting:
        if why := why_waiting(job, day, is_put_off):
            groups[why.code].append((job, why))
    return [(group[0][1], group) for group in groups.values()]


def _view() -> View:
    """The part of the map that the address asks for; the whole where it asks for nothing sensible."""

    def number(name: str, otherwise: float) -> float:
        return request.args.get(name, otherwise, float)

    return View(number("zoom", 1.0), number("x", 0.5), number("y", 0.5))
