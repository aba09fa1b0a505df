"""Logs: a request id on every line, and no telephone number on any."""

import logging
import re
import time

from flask import Flask, Response, g, has_request_context, request

from market.kernel.ids import new_id
from market.settings import Settings

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_DETAIL = re.compile(r"DETAIL: .*")
_GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

log = logging.getLogger("market.web")


class Redacting(logging.Formatter):
    """Masks telephone numbers in the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = request_id() if has_request_context() else "-"
        return redact(super().format(record))


def redact(text: str) -> str:
    """`text` with the middle of each mobile number masked, and without the rows that PostgreSQL quotes."""
    return _DETAIL.sub("DETAIL: …", _PHONE.sub(r"\1****\2", text))


def request_id() -> str:
    """The id of this request: the proxy's where it sent a decent one."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _GIVEN_ID.fullmatch(given) else new_id().hex
    return str(g.request_id)


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
