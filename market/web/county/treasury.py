"""The treasury: batches to ask for, files to take along, and the answers read back."""

import uuid

from flask import Response as FlaskResponse
from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.subsidies import review_queries, treasury
from market.subsidies.treasury_rules import as_xlsx
from market.web import claims as words
from market.web.county import bp
from market.web.once import once
from market.web.refusals import show
from market.web.settlement_views import XLSX

Page = str | tuple[str, int] | Response


class AnswersForm(FlaskForm):
    """The treasury's table of results."""

    file = FileField(
        lazy_gettext("财政的结果表（CSV）"),
        [FileRequired(lazy_gettext("请选财政给的结果表"))],
        description=lazy_gettext("列名：申报号、结果（已付或不付）、金额（元）、付款流水号、原因"),
        render_kw={"accept": ".csv,text/csv"},
    )


@bp.get("/treasury", endpoint="treasury")
def desk() -> str:
    """What is ready, what was asked for, what was answered, and what goes back."""
    return _page(AnswersForm(formdata=None))


@bp.post("/treasury/batches")
@once("county.treasury_batch")
def make_treasury_batch() -> Response:
    """Everything that is approved, and what shops have paid back, into one batch."""
    made = treasury.make_batch(db.session(), g.county_code, current_user.id, clock.now())
    if made is None:
        flash(_("没有可以申报的：要先审核通过"), "bad")
        return redirect(url_for("county.treasury"), 303)
    flash(_("申报批次 %(number)s 已做好，请下载交给财政", number=made.number))
    return redirect(url_for("county.treasury_batch", batch_id=made.id), 303)


@bp.get("/treasury/batches/<uuid:batch_id>")
def treasury_batch(batch_id: uuid.UUID) -> str:
    """One batch, line by line, with what the treasury has answered."""
    found = review_queries.batch(db.session(), g.county_code, batch_id) or abort(404)
    return render_template("county/treasury_batch.html", batch=found)


@bp.get("/treasury/batches/<uuid:batch_id>.csv", defaults={"kind": "csv"})
@bp.get("/treasury/batches/<uuid:batch_id>.xlsx", defaults={"kind": "xlsx"})
def treasury_file(batch_id: uuid.UUID, kind: str) -> FlaskResponse:
    """What the treasury is given: the CSV byte for byte, or the same lines as a workbook."""
    found = review_queries.batch(db.session(), g.county_code, batch_id) or abort(404)
    if kind == "csv":
        content, mimetype = found.content, "text/csv"
    else:
        content, mimetype = as_xlsx([treasury.row_of(line) for line in found.lines]), XLSX
    name = f"subsidy-{found.county_code}-{found.number}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return FlaskResponse(content, mimetype=mimetype, headers=headers)


@bp.post("/treasury/imports")
@once("county.treasury_upload")
def upload_answers() -> Page:
    """Keep the file, and show what would become of each row."""
    form = AnswersForm()
    if form.validate_on_submit():
        content = form.file.data.read()
        try:
            kept = treasury.upload(db.session(), g.county_code, current_user.id, content, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            return redirect(url_for("county.treasury_answers", import_id=kept.id), 303)
    return _page(form), 422


@bp.get("/treasury/imports/<uuid:import_id>")
def treasury_answers(import_id: uuid.UUID) -> str:
    """Every row of the file: right, known already, or what is wrong with it."""
    found = review_queries.import_of(db.session(), g.county_code, import_id) or abort(404)
    rows = treasury.preview(db.session(), found)
    ready = sum(1 for row in rows if row.problem is None and not row.is_known)
    return render_template(
        "county/treasury_import.html", file=found, rows=rows, ready=ready, problems=words.PROBLEMS
    )


@bp.post("/treasury/imports/<uuid:import_id>/apply")
@once("county.treasury_apply")
def apply_answers(import_id: uuid.UUID) -> Response:
    """Take the right rows; those taken before stay as they are."""
    before = review_queries.import_of(db.session(), g.county_code, import_id) or abort(404)
    rows_before = before.applied_rows or 0
    file = treasury.apply(db.session(), g.county_code, import_id, clock.now())
    flash(_("已入账 %(n)s 行", n=(file.applied_rows or 0) - rows_before))
    return redirect(url_for("county.treasury_answers", import_id=import_id), 303)


def _page(form: AnswersForm) -> str:
    session = db.session()
    return render_template(
        "county/treasury.html",
        ready=review_queries.ready_fen(session, g.county_code),
        batches=review_queries.batches(session, g.county_code),
        imports=review_queries.imports(session, g.county_code),
        clawbacks=review_queries.open_clawbacks(session, g.county_code),
        form=form,
    )
