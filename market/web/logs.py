"""Logs: a request id on every line, and no telephone number on any."""

import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from market.kernel.ids import new_id
from market.kernel.redact import Redacted
from market.settings import Settings

_GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

log = logging.getLogger("market.web")


class Redacting(Redacted):
    """Adds the request's id to what is redacted."""

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "request_id"):
            record.request_id = request_id() if has_request_context() else "-"
        return super().format(record)


def request_id() -> str:
    """The id of this request: the proxy's where it sent a decent one."""
    if "request_id" not in g:
        g.request_id = id_of(request.environ)
    return str(g.request_id)


def id_of(environ: Mapping[str, Any]) -> str:
    """The id for the request of `environ`: a new one where the proxy sent none."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _GIVEN_ID.fullmatch(given) else new_id().hex


def answered(environ: Mapping[str, Any], status: int, started: float) -> None:
    """Log what was answered without Flask, by the id that `environ` was given."""
    spent_ms = (time.perf_counter() - started) * 1000
    told = {"request_id": environ["HTTP_X_REQUEST_ID"]}
    path = environ.get("PATH_INFO", "")
    log.info("%s %s %d %.0f ms", environ["REQUEST_METHOD"], path, status, spent_ms, extra=told)


def register(app: Flask) -> None:
    """Log each request of `app` by its path, without its query."""
    settings: Settings = app.extensions["settings"]
    configure(settings.log_level)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        spent_ms = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
        if request.endpoint != "static":
            log.info("%s %s %d %.0f ms", request.method, request.path, response.status_code, spent_ms)
        return response


def configure(level: str) -> None:
    """Write the market's own log to standard error, once per process."""
    logger = logging.getLogger("market")
    logger.setLevel(level)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s"))
        logger.addHandler(handler)
