"""A run on paper: loading list, stop sheet, labels."""

import uuid

from flask import Response, abort, make_response

from market.web import run_sheets
from market.web.county import bp
from market.web.county.batches import own_batch

_SHEETS = {"loading": run_sheets.loading_list, "stops": run_sheets.stop_sheet, "labels": run_sheets.labels}


@bp.get("/batches/<uuid:batch_id>/runs/<uuid:run_id>/<sheet>.pdf")
def run_sheet(batch_id: uuid.UUID, run_id: uuid.UUID, sheet: str) -> Response:
    """One of a run's papers as PDF."""
    run = next((run for run in own_batch(batch_id).runs if run.id == run_id), None) or abort(404)
    make = _SHEETS.get(sheet) or abort(404)
    answer = make_response(make(run))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{sheet}-{run.batch.day}.pdf"'
    return answer
