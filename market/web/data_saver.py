"""省流量: pages without a single picture, for who pays by the megabyte or has one bar of signal.

A browser says so with ``Save-Data: on``; a switch on every page says it, or takes it back, for this device.
What a picture would show stands beside it in words anyway, and one page's can be had with ``?pictures=1``.
"""

from collections.abc import Mapping

from flask import Blueprint, Flask, Response, redirect, request

from market.web.redirects import safe_next

COOKIE = "pictures"
_CHOICES = ("on", "off")
_YEAR_SECONDS = 365 * 24 * 3600

bp = Blueprint("data_saver", __name__)


def register(app: Flask) -> None:
    """Let visitors of `app` go without pictures."""
    app.register_blueprint(bp)
    app.jinja_env.globals["shows_pictures"] = shows_pictures
    app.after_request(_vary)


def saves(cookies: Mapping[str, str], header: str) -> bool:
    """Whether a device with these cookies and this ``Save-Data`` gets no pictures: its choice comes first."""
    chosen = cookies.get(COOKIE)
    return chosen == "off" or (chosen != "on" and header.strip().lower() == "on")


def shows_pictures() -> bool:
    """Whether this page is to have its pictures."""
    asked = request.args.get("pictures") == "1"
    return asked or not saves(request.cookies, request.headers.get("Save-Data", ""))


@bp.post("/data-saver")
def choose() -> Response:
    """Keep what this device is to get."""
    answer = redirect(safe_next(request.form.get("next")), 303)
    chosen = request.form.get("pictures", "")
    if chosen in _CHOICES:
        answer.set_cookie(
            COOKIE, chosen, max_age=_YEAR_SECONDS, samesite="Lax", secure=request.is_secure, httponly=True
        )
    return answer  # type: ignore[return-value]


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.add("Save-Data")
    return response
