"""The day's sheet: the courier's runs, stop by stop."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.delivery.batch_roads import planned_by_roads
from market.delivery.drive import start_run
from market.delivery.models import Run, StopState
from market.delivery.queries import sheet
from market.kernel import clock
from market.kernel.db import db
from market.ledger.queries import balance
from market.ledger.rules import courier_cash
from market.web.courier import bp
from market.web.once import once


@bp.get("/")
def home() -> str:
    """Every stop of today in order, the next one first to the thumb."""
    runs = sheet(db.session(), g.courier.id)
    return render_template(
        "courier/home.html",
        runs=runs,
        next_stops={run.id: next_stop(run) for run in runs},
        by_roads=planned_by_roads(db.session(), {run.batch_id for run in runs}),
        cash_fen=balance(db.session(), courier_cash(g.courier.id)),
    )


@bp.post("/runs/<uuid:run_id>/start")
@once("courier.start")
def start(run_id: uuid.UUID) -> Response:
    """Leave the hub."""
    start_run(db.session(), g.courier, run_id, clock.now())
    flash(_("已出发，路上小心"))
    return redirect(url_for("courier.home"), 303)


def next_stop(run: Run) -> uuid.UUID | None:
    """The first stop of `run` that is still to be done."""
    return next((stop.id for stop in run.stops if stop.state is StopState.pending), None)
