"""Who may come in. A door has a guard on its blueprint; a view that needs only a person says `signed_in`."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response


def to_sign_in() -> Response | None:
    """Send a stranger to sign in and back; None for everybody else. The first line of every guard."""
    if current_user.is_authenticated:
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=back), 303)


def signed_in_id() -> uuid.UUID | None:
    """The account that asks; None for a visitor."""
    return current_user.id if current_user.is_authenticated else None


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only signed-in people reach `view`."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return to_sign_in() or view(*args, **kwargs)

    guarded.guard = "signed_in"  # type: ignore[attr-defined]  # `market routes` reads it
    return guarded
