"""What `market routes` prints: every route with its methods, audience and guard."""

from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

EVERYBODY = "everybody"
UNGUARDED = {
    "account.register": (EVERYBODY, None),
    "account.sign_in": (EVERYBODY, None),
    "account.sign_out": (EVERYBODY, None),
    "api.stripe_webhook": ("stripe", "signature"),
    "courier_worker.script": (EVERYBODY, None),
    "data_saver.choose": (EVERYBODY, None),
    "health.healthz": ("machines", None),
    "health.metrics": ("machines", "loopback_or_token"),
    "health.readyz": ("machines", None),
    "reading.choose": (EVERYBODY, None),
    "storefront.keeper": (EVERYBODY, None),
    "reading.sizes": (EVERYBODY, None),
    "language.choose": (EVERYBODY, None),
    "open.case": (EVERYBODY, None),
    "open.collection_points": (EVERYBODY, None),
    "open.county": (EVERYBODY, None),
    "open.draws": (EVERYBODY, None),
    "open.finding_photo": (EVERYBODY, None),
    "open.home": (EVERYBODY, None),
    "open.inspections": (EVERYBODY, None),
    "open.point_photo": (EVERYBODY, None),
    "open.privacy": (EVERYBODY, None),
    "open.rating": (EVERYBODY, None),
    "open.ratings": (EVERYBODY, None),
    "open.ratings_of": (EVERYBODY, None),
    "open.producer_data": (EVERYBODY, None),
    "open.producer_report": (EVERYBODY, None),
    "open.producer_table": (EVERYBODY, None),
    "open.programmes": (EVERYBODY, None),
    "open.recalls": (EVERYBODY, "rate_limit"),
    "open.recalls_json": (EVERYBODY, "rate_limit"),
    "open.recycler": (EVERYBODY, None),
    "open.recyclers": (EVERYBODY, None),
    "open.report": (EVERYBODY, None),
    "open.rules": (EVERYBODY, None),
    "open.shops": (EVERYBODY, None),
    "open.trace": (EVERYBODY, "rate_limit"),
    "open.trace_json": (EVERYBODY, "rate_limit"),
    "open.trace_serial": (EVERYBODY, "rate_limit"),
    "recycle.home": (EVERYBODY, None),
    "recycle.trade_in_quote": (EVERYBODY, None),
    "static": (EVERYBODY, None),
    "storefront.cart": (EVERYBODY, None),
    "storefront.category": (EVERYBODY, None),
    "storefront.change_quantity": (EVERYBODY, None),
    "storefront.choose_region": (EVERYBODY, None),
    "storefront.be_counted": (EVERYBODY, None),
    "storefront.fair_stop": (EVERYBODY, None),
    "storefront.fairs": (EVERYBODY, None),
    "storefront.group": (EVERYBODY, None),
    "storefront.groups": (EVERYBODY, None),
    "storefront.home": (EVERYBODY, None),
    "storefront.listing": (EVERYBODY, None),
    "storefront.listing_reviews": (EVERYBODY, None),
    "storefront.review_photo": (EVERYBODY, None),
    "storefront.barcode": (EVERYBODY, None),
    "storefront.model": (EVERYBODY, None),
    "storefront.picture": (EVERYBODY, None),
    "storefront.put_in_cart": (EVERYBODY, None),
    "storefront.put_scene_in_cart": (EVERYBODY, None),
    "storefront.savings": (EVERYBODY, None),
    "storefront.scenes": (EVERYBODY, None),
    "storefront.search": (EVERYBODY, None),
    "storefront.heard": (EVERYBODY, None),
    "storefront.suggestions": (EVERYBODY, None),
    "storefront.shop": (EVERYBODY, None),
    "storefront.zone": (EVERYBODY, None),
}
"""The endpoints without an account's guard, each on purpose: for whom, and what else guards them."""

_AUDIENCES = {
    "account": "consumer",
    "storefront": "consumer",
    "recycle": "consumer",
    "custody": "consumer",
    "joining": "consumer",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `guard` is the function that lets people in, None where everybody may come."""

    path: str
    endpoint: str
    methods: tuple[str, ...]
    audience: str
    guard: str | None


def routes(app: Flask) -> list[Route]:
    """Every route of `app`, sorted by path."""
    found = [_route(app, rule) for rule in app.url_map.iter_rules()]
    return sorted(found, key=lambda route: (route.path, route.methods))


def _route(app: Flask, rule: Rule) -> Route:
    door = rule.endpoint.partition(".")[0]
    guarded = (_AUDIENCES.get(door, door), _guard(app, rule.endpoint, door))
    audience, guard = UNGUARDED.get(rule.endpoint, guarded)
    methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    return Route(rule.rule, rule.endpoint, methods, audience, guard)


def _guard(app: Flask, endpoint: str, door: str) -> str | None:
    """The view's own guard, else its door's, whose name says whom it requires."""
    own = getattr(app.view_functions[endpoint], "guard", None)
    before = [function.__name__ for function in app.before_request_funcs.get(door, [])]
    return own or next((name for name in before if name.startswith("require_")), None)
