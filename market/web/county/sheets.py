"""A run on paper: loading list, stop sheet, labels."""

import uuid

from flask import Response, abort, make_response

from market.delivery.batch_roads import planned_by_roads
from market.kernel.db import db
from market.web import run_sheets
from market.web.county import bp
from market.web.county.batches import own_batch

_SHEETS = {"loading": run_sheets.loading_list, "labels": run_sheets.labels}


@bp.get("/batches/<uuid:batch_id>/runs/<uuid:run_id>/<sheet>.pdf")
def run_sheet(batch_id: uuid.UUID, run_id: uuid.UUID, sheet: str) -> Response:
    """One of a run's papers as PDF."""
    run = next((run for run in own_batch(batch_id).runs if run.id == run_id), None) or abort(404)
    if sheet == "stops":
        pdf = run_sheets.stop_sheet(run, by_roads=bool(planned_by_roads(db.session(), {batch_id})))
    else:
        pdf = (_SHEETS.get(sheet) or abort(404))(run)
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{sheet}-{run.batch.day}.pdf"'
    return answer
