"""What `market routes` prints: every route with its methods, audience and guard."""

from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

PUBLIC = {
    "static": "everybody",
    "language.choose": "everybody",
    "health.healthz": "machines",
    "health.readyz": "machines",
    "health.metrics": "this machine",
}
"""Endpoints that anybody may open, each on purpose. Everything else has a guard."""


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
    audience = PUBLIC.get(rule.endpoint) or door
    methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    guard = None if rule.endpoint in PUBLIC else _guard(app, rule.endpoint, door)
    return Route(rule.rule, rule.endpoint, methods, audience, guard)


def _guard(app: Flask, endpoint: str, door: str) -> str | None:
    """The view's own guard, else its door's first."""
    own = getattr(app.view_functions[endpoint], "guard", None)
    doors = [function.__name__ for function in app.before_request_funcs.get(door, [])]
    return own or (doors[0] if doors else None)
