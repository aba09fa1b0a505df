"""Reading: one object, a page of a list, and `expand`."""

from typing import Any

from market.sandbox import params
from market.sandbox.errors import invalid, missing
from market.sandbox.store import Store, Thing, public

_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
EXPAND = params.many(params.text(), most=20)


def _created(value: Any, name: str) -> dict[str, int]:
    if isinstance(value, str):
        moment = params.integer()(value, name)
        return {"gte": moment, "lte": moment}
    return dict(params.record(**{bound: params.integer() for bound in _COMPARE})(value, name))


def page_check(filters: tuple[str, ...]) -> params.Check:
    """The parameters that a list takes: Stripe's cursor, `created`, and this list's `filters`."""
    return params.record(
        limit=params.integer(1, 100),
        starting_after=params.text(),
        ending_before=params.text(),
        created=_created,
        expand=EXPAND,
        **{name: params.text() for name in filters},
    )


def retrieve(store: Store, kind: str, id_: str, param: str = "id") -> Thing:
    """Raises StripeError (404) where there is none."""
    thing = store.get(kind, id_)
    if thing is None:
        raise missing(kind, id_, param)
    return thing


def page(store: Store, kind: str, url: str, wanted: dict[str, Any]) -> Thing:
    """Newest first, `limit` of them (10 by default); `has_more` says whether the list goes on."""
    limit, backward = wanted.get("limit", 10), "ending_before" in wanted
    where, values = _conditions(store, kind, wanted)
    rows = store.run(
        f"SELECT id FROM objects WHERE {where} ORDER BY seq {'ASC' if backward else 'DESC'} LIMIT ?",  # noqa: S608 - no text of a client
        *values,
        limit + 1,
    )
    ids = [row["id"] for row in rows[:limit]]
    things = [retrieve(store, kind, id_) for id_ in (reversed(ids) if backward else ids)]
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": [public(t) for t in things]}


def _conditions(store: Store, kind: str, wanted: dict[str, Any]) -> tuple[str, list[Any]]:
    where, values = ["kind = ?"], [kind]
    for bound, moment in wanted.get("created", {}).items():
        where.append(f"created {_COMPARE[bound]} ?")
        values.append(moment)
    for cursor, sign in (("starting_after", "<"), ("ending_before", ">")):
        if cursor in wanted:
            retrieve(store, kind, wanted[cursor], cursor)
            where.append(f"seq {sign} (SELECT seq FROM objects WHERE id = ?)")  # noqa: S608 - `sign` is ours
            values.append(wanted[cursor])
    for name in wanted.keys() - {"limit", "created", "starting_after", "ending_before", "expand"}:
        where.append("json_extract(body, ?) = ?")
        values += [f"$.{name}", wanted[name]]
    return " AND ".join(where), values


def expand(store: Store, thing: Thing, paths: list[str]) -> Thing:
    """`thing` with the ids at `paths` (as ``latest_charge``, ``data.charge``) replaced by their objects."""
    for path in paths:
        _expand(store, thing, path.split("."), path)
    return thing


def _expand(store: Store, thing: Thing, path: list[str], full: str) -> None:
    name, rest = path[0], path[1:]
    if name not in thing and name != "line_items":
        raise invalid(f"This property cannot be expanded ({full}).", param="expand")
    if name == "line_items" and name not in thing:
        thing[name] = line_items(retrieve(store, "checkout.session", thing["id"]))
    elif isinstance(thing[name], str):
        found = store.find(thing[name])
        thing[name] = public(found) if found else thing[name]
    for inner in thing[name] if isinstance(thing[name], list) else [thing[name]]:
        if rest and isinstance(inner, dict):
            _expand(store, inner, rest, full)


def line_items(session: Thing) -> Thing:
    """What was bought, as the list that Stripe keeps beside the session."""
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": session["_line_items"]}
