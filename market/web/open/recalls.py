"""What is called back with how much of it is safe by now, and the life of a machine by its serial number."""

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from market.catalog.models import LabelRecord, Product
from market.catalog.rules import LabelState
from market.catalog.zone_rule import CertificateState
from market.insights.rules import Segment, bar
from market.kernel.clock import local_date
from market.kernel.db import db
from market.kernel.together import Together
from market.places.queries import COUNTIES
from market.recalls import queries
from market.recalls.close import SOLD_UNITS, Tally, tallied
from market.recalls.machine import Machine, machine
from market.recalls.models import Recall, RecallUnit
from market.recalls.states import PUBLISHED
from market.web.county_choice import remember_counties
from market.web.label_text import SCHEMES
from market.web.limits import limiter
from market.web.open import bp
from market.web.open.figures import CHART_WIDTH
from market.web.recall_text import RECALL_STATES, TRACE, details, scope_words

_LIMIT = "30 per minute"
_PUBLISHED = Together(
    queries.PUBLISHED_RECALLS,
    SOLD_UNITS.join(Recall, Recall.id == RecallUnit.recall_id).where(Recall.state.in_(PUBLISHED)),
    COUNTIES,
)


@bp.get("/recalls")
@limiter.limit(_LIMIT)
def recalls() -> str:
    """Every published recall with its closing rate."""
    rows = _published()
    return render_template(
        "open/recalls.html",
        rows=[(recall, tally, _bar(tally)) for recall, tally in rows],
        states=RECALL_STATES,
        scope_words=scope_words,
        width=CHART_WIDTH,
    )


@bp.get("/recalls.json")
@limiter.limit(_LIMIT)
def recalls_json() -> Response:
    """The same, for programs."""
    return jsonify([_recall_json(recall) | _tally_json(tally) for recall, tally in _published()])


@bp.get("/trace")
@limiter.limit(_LIMIT)
def trace() -> str | AnyResponse:
    """Where to type the number on the name plate."""
    serial = request.args.get("serial", "").strip()[:40]
    if serial:
        return redirect(url_for("open.trace_serial", serial=serial), 303)
    return render_template("open/trace.html", serial="", machine=None)


@bp.get("/trace/<serial>")
@limiter.limit(_LIMIT)
def trace_serial(serial: str) -> str | tuple[str, int]:
    """What is known of the machine; a number that nobody knows is said so, kindly."""
    found = machine(db.session(), serial)
    page = render_template(
        "open/trace.html",
        serial=serial[:40],
        machine=found,
        kinds=TRACE,
        details=details,
        papers=[(product, _labels(product), _certificates(product)) for product in found.products]
        if found
        else [],
        schemes=SCHEMES,
        scope_words=scope_words,
        states=RECALL_STATES,
    )
    return page if found else (page, 404)


@bp.get("/trace/<serial>.json")
@limiter.limit(_LIMIT)
def trace_json(serial: str) -> Response | tuple[Response, int]:
    """The same, for programs: with the hashes, so that the chain can be checked."""
    found = machine(db.session(), serial)
    if found is None:
        return jsonify({"serial": serial[:40], "known": False}), 404
    return jsonify(_machine_json(found))


def _published() -> list[tuple[Recall, Tally]]:
    rows, units, counties = _PUBLISHED.read(db.session())
    remember_counties(counties)
    wanted = {row.id for row, _product in rows}
    counted = tallied(wanted, (it for it in units if it[0] in wanted))
    return [(row, counted[row.id]) for row, _product in rows]


def _bar(tally: Tally) -> list[Segment]:
    parts = (("paid", tally.remedied), ("promised", tally.unreachable), ("left", tally.open))
    return bar(parts, CHART_WIDTH)


def _recall_json(recall: Recall) -> dict[str, Any]:
    return {
        "code": recall.code,
        "state": recall.state.value,
        "brand": recall.product.brand,
        "model": recall.product.model,
        "gtin": recall.product.gtin,
        "scope": recall.kind.value,
        "batch": recall.batch,
        "first_serial": recall.first_serial,
        "last_serial": recall.last_serial,
        "hazard": recall.hazard,
        "advice": recall.advice,
        "maker": recall.maker,
        "published_on": local_date(recall.published_at).isoformat() if recall.published_at else None,
        "closed_on": local_date(recall.closed_at).isoformat() if recall.closed_at else None,
    }


def _tally_json(tally: Tally) -> dict[str, int]:
    return {
        "sold_affected": tally.affected,
        "remedied": tally.remedied,
        "unreachable": tally.unreachable,
        "rate_bp": tally.rate_bp,
    }


def _machine_json(found: Machine) -> dict[str, Any]:
    return {
        "serial": found.serial,
        "known": True,
        "batch": found.batch,
        "chain_whole": found.broken_at is None,
        "broken_at": found.broken_at,
        "recalled": found.is_recalled,
        "recalls": [_recall_json(recall) for recall in found.recalls],
        "products": [_product_json(product) for product in found.products],
        "events": [
            {
                "seq": row.seq,
                "kind": row.kind.value,
                "on": local_date(row.happened_at).isoformat(),
                "details": row.details,
                "hash": row.hash,
            }
            for row in found.events
        ],
    }


def _product_json(product: Product) -> dict[str, Any]:
    return {
        "brand": product.brand,
        "model": product.model,
        "gtin": product.gtin,
        "labels": [{"record": row.record_number, "grade": row.grade} for row in _labels(product)],
        "certificates": [{"scheme": scheme, "number": number} for scheme, number in _certificates(product)],
    }


def _labels(product: Product) -> list[LabelRecord]:
    return [label for label in product.labels if label.state is LabelState.verified]


def _certificates(product: Product) -> list[tuple[str, str]]:
    valid = [one for one in product.certificates if one.state is CertificateState.valid]
    return [(one.scheme.value, one.number) for one in valid]
