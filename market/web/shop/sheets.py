"""The shop's list as a sheet: out, in, what each row would do, and what is left to mend."""

import uuid
from collections import Counter
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from market.bulk.apply import begin
from market.bulk.export import CSV, XLSX, export_listings, rest_of, sheet_columns, template
from market.bulk.models import ImportState, SheetImport
from market.bulk.queries import import_of
from market.bulk.read_in import preview, read_in
from market.bulk.read_sheet import MOST_BYTES, MOST_ROWS
from market.bulk.rules import Outcome
from market.catalog.models import Category
from market.catalog.queries import categories
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.web.messages import sentence
from market.web.once import once
from market.web.refusals import show
from market.web.shop import bp

Page = str | Response | tuple[str, int]
_PAGE = 30
OUTCOMES = {
    Outcome.wrong: (lazy_gettext("有错"), "bad"),
    Outcome.new: (lazy_gettext("新商品"), "good"),
    Outcome.change: (lazy_gettext("有改动"), "wait"),
    Outcome.same: (lazy_gettext("一样"), "off"),
}
_MIMETYPES = {CSV: "text/csv", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class SheetForm(FlaskForm):
    sheet = FileField(
        lazy_gettext("商品表（.xlsx 或 CSV）"),
        [FileRequired(lazy_gettext("请选一个文件"))],
        render_kw={"accept": ".xlsx,.csv,text/csv"},
    )


@bp.get("/listings/sheet")
def sheet() -> str:
    """Get an empty sheet or the whole list, or send one in."""
    return _send_page(SheetForm(formdata=None))


@bp.post("/listings/sheet")
@once("shop.read_sheet")
def read_sheet() -> Page:
    """Read a sheet; nothing of the shop's changes."""
    form = SheetForm()
    if form.validate_on_submit():
        try:
            data = form.sheet.data.read(MOST_BYTES + 1)
            found = read_in(db.session(), g.shop.id, data, current_user.id, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            return redirect(url_for(".sheet_import", import_id=found.id), 303)
    return _send_page(form), 422


@bp.get("/listings/sheet/<uuid:import_id>")
def sheet_import(import_id: uuid.UUID) -> str:
    """What each row would do, or what became of them."""
    found = own_import(import_id)
    if found.state is not ImportState.read:
        return render_template("shop/sheet_applied.html", sheet=found, outcomes=OUTCOMES)
    judged = preview(db.session(), found, clock.now())
    counts = Counter(one.verdict.outcome for one in judged)
    first = next((kind for kind in OUTCOMES if counts[kind]), Outcome.same)
    wanted = Outcome(shown) if (shown := request.args.get("show")) in set(Outcome) else first
    rows = [number for number, one in enumerate(judged) if one.verdict.outcome is wanted]
    start = int(typed) if (typed := request.args.get("from", "")).isdecimal() and len(typed) < 6 else 0
    return render_template(
        "shop/sheet_preview.html",
        sheet=found,
        rows=[(found.lines[n], found.rows[n], judged[n]) for n in rows[start : start + _PAGE]],
        counts=counts,
        ready=counts[Outcome.new] + counts[Outcome.change],
        shown=wanted,
        next_from=start + _PAGE if len(rows) > start + _PAGE else None,
        outcomes=OUTCOMES,
        columns={column.key: column for column in sheet_columns(db.session())},
        sentence=sentence,
    )


@bp.post("/listings/sheet/<uuid:import_id>/apply")
@once("shop.apply_sheet")
def apply_sheet(import_id: uuid.UUID) -> Response:
    """Apply what is right."""
    begin(db.session(), g.shop.id, import_id, clock.now())
    return redirect(url_for(".sheet_import", import_id=import_id), 303)


@bp.get("/listings/sheet/<uuid:import_id>/rest.<kind>")
def sheet_rest(import_id: uuid.UUID, kind: str) -> Response:
    """What was wrong, with why in its last column."""
    found = own_import(import_id)
    data = rest_of(db.session(), found, _known(kind), _say)
    return _file(data, f"rest-{found.created_at:%Y%m%d}", kind)


@bp.get("/listings/sheet/export.<kind>")
def sheet_export(kind: str) -> Response:
    """Everything the shop lists."""
    data = export_listings(db.session(), g.shop.id, _known(kind))
    return _file(data, f"listings-{clock.local_date(clock.now()):%Y%m%d}", kind)


@bp.get("/listings/sheet/template.<kind>")
def sheet_template(kind: str) -> Response:
    """An empty sheet, of one category where one is named."""
    code = request.args.get("category")
    category = db.session.get(Category, code) or abort(404) if code else None
    return _file(template(db.session(), category, _known(kind)), f"template-{code or 'all'}", kind)


def own_import(import_id: uuid.UUID) -> SheetImport:
    """The shop's own sheet. Raises NotFound."""
    found = import_of(db.session(), g.shop.id, import_id)
    if found is None:
        raise NotFound
    return found


def _say(code: str, values: dict[str, Any]) -> str:
    return sentence(Refused(code, **values))


def _known(kind: str) -> str:
    return kind if kind in _MIMETYPES else abort(404)


def _file(data: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return FlaskResponse(data, mimetype=_MIMETYPES[kind], headers=headers)


def _send_page(form: SheetForm) -> str:
    return render_template(
        "shop/sheet.html",
        form=form,
        categories=categories(db.session()),
        most_mb=MOST_BYTES // 1_000_000,
        most_rows=MOST_ROWS,
    )
