"""Batches: close, watch the planning, read the runs, release."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.delivery.cash_limit import cash_over_limit_fen
from market.delivery.close_batch import close_next_wave
from market.delivery.models import Batch, BatchState, JobState
from market.delivery.plan_batch import release_batch
from market.delivery.queries import batch_of, batches, jobs, next_day, progress
from market.kernel import clock
from market.kernel.db import db
from market.places.models import County
from market.web.county import bp
from market.web.county.map import draw
from market.web.county.shares import panel, shares_percent
from market.web.county.words import REASONS
from market.web.once import once


@bp.get("/batches")
def batch_list() -> str:
    """What waits for the next batch, and the batches of the last days."""
    session = db.session()
    county = session.get_one(County, g.county_code)
    return render_template(
        "county/batches.html",
        county=county,
        day=next_day(county, clock.now()),
        ready=jobs(session, g.county_code, [JobState.ready]),
        waiting=jobs(session, g.county_code, [JobState.waiting]),
        batches=batches(session, g.county_code),
        reasons=REASONS,
    )


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
    """One batch: how far its planning is, or its runs with a sketch of them."""
    found = _own(batch_id)
    return render_template(
        "county/batch.html",
        batch=found,
        progress=progress(db.session(), batch_id),
        shares=panel(db.session(), found),
        shares_percent=shares_percent(db.session(), found),
        left_out=[job for job in jobs(db.session(), g.county_code, [JobState.ready]) if job.reason],
        reasons=REASONS,
        over_limit={run.id: cash_over_limit_fen(db.session(), run) for run in found.runs}
        if found.state is BatchState.planned
        else {},
        sketch=draw(db.session().get_one(County, g.county_code).hub, found.runs),
    )


@bp.post("/batches/<uuid:batch_id>/release")
@once("county.release_batch")
def release(batch_id: uuid.UUID) -> Response:
    """Hand the runs to their couriers."""
    release_batch(db.session(), g.county_code, batch_id, clock.now())
    flash(_("已下发，送货员的手机上能看到了"))
    return redirect(url_for("county.batch", batch_id=batch_id), 303)


def _own(batch_id: uuid.UUID) -> Batch:
    return batch_of(db.session(), g.county_code, batch_id) or abort(404)
