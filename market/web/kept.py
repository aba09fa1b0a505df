"""Pages that every visitor sees the same are rendered once and kept, compressed, above Flask.

A view says so with `@kept`. Its page is kept for visitors whose session holds nothing but a token, a language
and a county: a copy for each of these and each size of letters. It holds while `kernel.shown`'s number stands
and the minute lasts (time changes pages too), so a change that was committed shows on the next request, in
every process. The token and the fresh keys in it are each visitor's own (see `kept_page`).
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, g, request, session
from sqlalchemy import Engine

from market.kernel.db import db
from market.kernel.ids import new_id
from market.settings import Settings
from market.web.front import ANYBODY, SLOT, VERSION, Front
from market.web.kept_page import keep
from market.web.shelf import Versions


def kept(view: Callable[..., str]) -> Callable[..., str]:
    """Let the page that `view` renders be kept for everybody who is nobody in particular."""

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> str:
        g.is_kept = True
        if SLOT in request.environ:
            _read_alone()
        return view(*args, **kwargs)

    return marked


def _read_alone() -> None:
    """Let each statement of this request be its own transaction: BEGIN and ROLLBACK are trips too."""
    reading = db.session()
    if isinstance(reading.get_bind(), Engine):  # else it is within a transaction of its caller's
        reading.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def fresh_key() -> uuid.UUID:
    """An Idempotency-Key for a form; a kept page has a new one for each visitor."""
    key = new_id()
    g.setdefault("fresh_keys", []).append(str(key))
    return key


def register(app: Flask) -> None:
    """Keep pages of `app`."""
    settings: Settings = app.extensions["settings"]
    app.jinja_env.globals["new_id"] = fresh_key
    app.after_request(_catch)
    if settings.database_url:
        app.extensions[VERSION] = Versions(settings.database_url)
        app.wsgi_app = Front(app, app.wsgi_app)  # type: ignore[method-assign]


def _catch(response: Response) -> Response:
    """Hand the page that was rendered to the front, before it is compressed."""
    slot = request.environ.get(SLOT)
    if slot is not None and g.get("is_kept") and response.status_code == 200 and ANYBODY.issuperset(session):
        token = g.get("csrf_token", "")
        slot["page"] = keep(response.get_data(as_text=True), token, g.get("fresh_keys", []))
        slot["csrf"] = session.get("csrf_token", "")
        slot["looked_at"] = g.get("looked_at")
    return response
