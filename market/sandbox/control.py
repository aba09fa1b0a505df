"""`/_control`: what goes wrong, how often, and what the sandbox's clock shows. Not part of Stripe's API.

GET shows the state. POST takes JSON: ``{"faults": {"duplicate": {"count": 2}}, "advance_seconds": 3600}``,
where a fault has `count` (null: no limit), `probability`, `seconds` and `match` (a part of an event's type,
or of a request as in ``POST /v1/refunds``). DELETE sets every fault back.
"""

from dataclasses import fields

from flask import Blueprint, Response, current_app, jsonify, request

from market.sandbox import faults
from market.sandbox.store import Store, Thing

bp = Blueprint("control", __name__)
_MEMBERS = {field.name for field in fields(faults.Fault)}


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _state(store: Store) -> Response:
    rows = store.run("SELECT state, count(*) AS number FROM deliveries GROUP BY state")
    webhooks = {row["state"]: row["number"] for row in rows}
    return jsonify(faults=faults.state(store), now=store.now(), webhooks=webhooks)


@bp.get("/_control")
def show() -> Response:
    with _store().transaction() as store:
        return _state(store)


@bp.post("/_control")
def change() -> Response:
    wanted = request.get_json()
    problem = _problem(wanted)
    if problem:
        refusal = jsonify(error=problem)
        refusal.status_code = 400
        return refusal
    with _store().transaction() as store:
        for name, members in wanted.get("faults", {}).items():
            faults.switch(store, name, faults.Fault(**members))
        store.advance(wanted.get("advance_seconds", 0))
        return _state(store)


@bp.delete("/_control")
def reset() -> Response:
    with _store().transaction() as store:
        faults.reset(store)
        return _state(store)


def _problem(wanted: Thing) -> str | None:
    if unknown := wanted.keys() - {"faults", "advance_seconds"}:
        return f"Unknown: {', '.join(sorted(unknown))}. Known: faults, advance_seconds."
    for name, members in wanted.get("faults", {}).items():
        if name not in faults.NAMES:
            return f"Unknown fault {name}. Known: {', '.join(faults.NAMES)}."
        if unknown := members.keys() - _MEMBERS:
            return f"A fault has {', '.join(sorted(_MEMBERS))}, not {', '.join(sorted(unknown))}."
    return None
