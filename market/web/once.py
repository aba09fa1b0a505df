"""Do a POST that moves money or goods once, however often it arrives."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, redirect, request, session, url_for
from flask_login import current_user

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.once import IdempotencyKey, claim

HEADER = "Idempotency-Key"
_KEY_CHARS = range(8, 201)


def once(purpose: str) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Guard a POST view by the request's Idempotency-Key (header, or hidden field of that name).

    The key, what the view did and where it redirected are committed together by this decorator: the view
    leaves `commit` to it. A repeat answers 303 to the first answer's place. A view that does not redirect
    (a refusal) is rolled back, so the same key may be tried again; so may that of one that rolled back and
    leads elsewhere.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Response:
            earlier = claim(db.session(), _actor(), key := _key(), purpose, clock.now())
            if earlier:
                return _repeat(earlier, purpose)
            response = make_response(view(*args, **kwargs))
            if not response.location:
                _leave(key)
                return response
            _finish(key, response.location)
            return response

        return guarded

    return decorate


def keep_refused() -> None:
    """Let this request's refusal be committed with what was written for it; its key may be tried again."""
    g.keeps_refusal = True


def _leave(key: str) -> None:
    if g.pop("keeps_refusal", False):
        db.session.delete(db.session.get_one(IdempotencyKey, (_actor(), key)))
        db.session.commit()
    else:
        db.session.rollback()


def _key() -> str:
    key = request.headers.get(HEADER) or request.form.get(HEADER) or ""
    if len(key) not in _KEY_CHARS:
        raise Refused("once.key_missing")
    return key


def _actor() -> str:
    """Whose key it is: keys of different people never meet."""
    return str(current_user.id) if current_user.is_authenticated else f"guest:{session['csrf_token']}"


def _repeat(earlier: IdempotencyKey, purpose: str) -> Response:
    if earlier.purpose != purpose:
        raise Refused("once.key_reused")
    location = earlier.location or url_for("account.home")
    db.session.rollback()
    return make_response(redirect(location, 303))


def _finish(key: str, location: str) -> None:
    row = db.session.get(IdempotencyKey, (_actor(), key))
    if row is not None:
        row.location = location
        db.session.commit()
