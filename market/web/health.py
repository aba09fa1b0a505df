"""What machines ask: is the process there, can it work, and how is it doing."""

import os
import secrets
from collections.abc import Callable, Iterator

import redis
from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from market import migrate
from market.kernel import clock, pulse
from market.kernel.db import db
from market.kernel.outbox import OutboxRow
from market.settings import Settings

bp = Blueprint("health", __name__)


def register(app: Flask) -> None:
    """Add the three pages to `app`."""
    app.register_blueprint(bp)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(ok=True, pid=os.getpid())


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database, broker, schema and workers are as they should be; 503 names what is not."""
    parts = {name: _holds(check) for name, check in CHECKS.items()}
    return jsonify(ok=all(parts.values()), **parts), 200 if all(parts.values()) else 503


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Figures in Prometheus' format, for this machine itself or a bearer of the token."""
    if not _may_scrape():
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Outbox())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Outbox:
    """The outbox by state: what waits, what is stuck, what was given up."""

    def collect(self) -> Iterator[Metric]:
        rows = GaugeMetricFamily("market_outbox_rows", "Outbox rows", labels=["state"])
        for state, count in db.session.execute(
            select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
        ):
            rows.add_metric([state.value], count)
        yield rows
        oldest = db.session.scalar(
            select(func.min(OutboxRow.due_at)).where(OutboxRow.state.in_(("pending", "sent")))
        )
        late = max((clock.now() - oldest).total_seconds(), 0.0) if oldest else 0.0
        yield GaugeMetricFamily("market_outbox_lag_seconds", "How long the oldest due row waits", value=late)
        ready = GaugeMetricFamily("market_ready", "Whether each part works", labels=["part"])
        for name, check in CHECKS.items():
            ready.add_metric([name], float(_holds(check)))
        yield ready


def _may_scrape() -> bool:
    """No proxy in between and from this machine, or with the token."""
    settings: Settings = current_app.extensions["settings"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.metrics_token:
        return secrets.compare_digest(given.encode(), settings.metrics_token.encode())
    return request.remote_addr in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers


def _database() -> bool:
    return db.session.scalar(select(1)) == 1


def _migrations() -> bool:
    return migrate.current(db.session.connection()) == migrate.head()


def _broker() -> bool:
    settings: Settings = current_app.extensions["settings"]
    with redis.Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1) as broker:
        return bool(broker.ping())


def _worker() -> bool:
    settings: Settings = current_app.extensions["settings"]
    return pulse.heard(settings.redis_url, clock.now())


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": _worker,
}


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, redis.RedisError, ValueError):
        db.session.rollback()
        return False
