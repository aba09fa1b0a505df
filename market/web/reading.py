"""长辈版: larger letters and targets, amounts in words, a page that reads itself out, one switch everywhere.

After the ministry's 适老化通用设计规范 of 2021 (facts §5.1): text of 18 px and more that can be had at 30,
main targets of 60 × 60 px, nothing that blinks, counts down or sells. The choice is the device's, not the
account's: a grandchild who signs in elsewhere should not have to find the way back.
"""

from flask import Blueprint, Flask, Response, redirect, render_template, request

from market.kernel.words import yuan_in_chinese, yuan_in_english
from market.web.language import spoken
from market.web.redirects import safe_next

SIZES_PX = (22, 26, 30)
SIZES = tuple(map(str, SIZES_PX))
COOKIE = "reading"
_YEAR_SECONDS = 365 * 24 * 3600
_NAMES = ("长辈", "关怀", "老人", "老年", "大字", "大号字", "elder", "senior", "large print", "large text")

bp = Blueprint("reading", __name__)


def register(app: Flask) -> None:
    """Let `app` be read by old eyes."""
    app.register_blueprint(bp)
    app.jinja_env.globals["reading_px"] = reading_px
    app.jinja_env.filters["in_words"] = in_words


def reading_px() -> int | None:
    """The letters' size that this device has chosen, in pixels; None for the ordinary pages."""
    chosen = request.cookies.get(COOKIE, "")
    return int(chosen) if chosen in SIZES else None


def in_words(fen: int) -> str:
    """The amount as it is read out in the reader's language."""
    return yuan_in_chinese(fen) if spoken() == "zh" else yuan_in_english(fen)


def is_asked_for(words: str) -> bool:
    """Whether somebody searches for the large pages and not for an appliance."""
    return any(name in words.casefold() for name in _NAMES)


@bp.get("/reading")
def sizes() -> str:
    """The three sizes, each as it will be."""
    return render_template("reading.html", sizes_px=SIZES_PX, back=safe_next(request.args.get("next")))


@bp.post("/reading")
def choose() -> Response:
    """Keep the size that was picked, or go back to the ordinary pages."""
    answer = redirect(safe_next(request.form.get("next")), 303)
    chosen = request.form.get("px", "")
    if chosen in SIZES:
        answer.set_cookie(
            COOKIE, chosen, max_age=_YEAR_SECONDS, samesite="Lax", secure=request.is_secure, httponly=True
        )
    elif chosen == "0":
        answer.delete_cookie(COOKIE, samesite="Lax", secure=request.is_secure, httponly=True)
    return answer  # type: ignore[return-value]
