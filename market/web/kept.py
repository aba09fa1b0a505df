"""Pages that every visitor sees the same are rendered once and kept, compressed, above Flask.

A view says so with `@kept`. Its page is kept for visitors whose session holds nothing but a token, a language
and a county: a copy for each of these and each size of letters. It holds while `kernel.shown`'s number stands
and the minute lasts (time changes pages too), so a change that was committed shows on the next request, in
every process. The token and the fresh keys in it are each visitor's own (see `kept_page`). What many pages
have in common is kept the same way (`holding`): a page that nobody has seen yet reads only what is its own.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy.orm import Session

from market.kernel.db import db
from market.kernel.ids import new_id
from market.settings import Settings
from market.web.front import ANYBODY, SLOT, VERSION, Front
from market.web.kept_page import keep
from market.web.reader import Reader

READER = "reader"
_HELD = "held"

Found = TypeVar("Found")


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
    reader: Reader | None = current_app.extensions.get(READER)
    if reader is not None and not db.session.registry.has():
        db.session.registry.set(reader.session())  # type: ignore[arg-type]


def holding(name: str, read: Callable[[Session], Found]) -> Found:
    """What `read` finds, kept in this process as long as a page would be, as objects of no session.

    `name` stands for all that the answer depends on. Only pages that are kept themselves hold it.
    """
    slot = request.environ.get(SLOT)
    if slot is None or not g.get("is_kept"):
        return read(db.session())
    held: dict[str, tuple[tuple[int, int], Found]] = current_app.extensions.setdefault(_HELD, {})
    known = held.get(name)
    if known is not None and known[0] == slot["holds"]:
        return known[1]
    connection = db.session().connection()
    with Session(connection, autoflush=False, join_transaction_mode="rollback_only") as own:
        found = read(own)
        own.expunge_all()
    held[name] = slot["holds"], found
    return found


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
        reader = app.extensions[READER] = Reader(settings.database_url)
        app.extensions[VERSION] = reader.version
        app.wsgi_app = Front(app, app.wsgi_app)  # type: ignore[method-assign]


def _catch(response: Response) -> Response:
    """Hand the page that was rendered to the front, before it is compressed."""
    slot = request.environ.get(SLOT)
    if slot is not None and g.get("is_kept") and response.status_code == 200 and ANYBODY.issuperset(session):
        token = g.get("csrf_token", "")
        keys = g.get("fresh_keys", [])
        page = slot["page"] = keep(response.get_data(), token, keys)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.set_data(page.gzipped(token, keys))
            response.headers["Content-Encoding"] = "gzip"  # nobody need compress it again
        slot["csrf"] = session.get("csrf_token", "")
        slot["looked_at"] = g.get("looked_at")
    return response
