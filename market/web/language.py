"""Chinese first, English second: the account's choice, else the cookie's, else what the browser asks for."""

from functools import cache, lru_cache

from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Request, Response, g, has_request_context, redirect, request, session
from flask_babel import Babel, get_locale
from flask_login import current_user
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from wtforms.i18n import messages_path

from market.kernel.db import db
from market.web.redirects import safe_next

LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""Our locales, and the tag each goes by in HTML."""


class Asked(Request):
    """A request whose forms find their library's sentences read: Flask-WTF would read the file each time."""

    @property
    def wtforms_translations(self) -> NullTranslations:
        """What Flask-WTF looks for."""
        return _sentences_of_forms(spoken())


@cache
def _sentences_of_forms(language: str) -> NullTranslations:
    return Translations.load(messages_path(), [language], domain="wtforms")


babel = Babel()
bp = Blueprint("language", __name__)


def register(app: Flask) -> None:
    """Speak the reader's language on `app`."""
    app.config.update(
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    app.request_class = Asked
    babel.init_app(app, locale_selector=select)
    app.register_blueprint(bp)
    app.jinja_env.globals["html_lang"] = html_lang


def spoken() -> str:
    """The language of this page, "zh" or "en", looked up once a request; "zh" where there is no request."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        g.language = "en" if str(get_locale()).startswith("en") else "zh"
    return str(g.language)


def select() -> str:
    """The locale of this request."""
    if current_user and current_user.is_authenticated:
        return str(current_user.account.locale)
    return of_visitor(session.get("locale"), request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=256)
def of_visitor(chosen: str | None, accepted: str) -> str:
    """The locale of somebody who is not signed in: what she chose, else the best that her browser takes."""
    if chosen in LANGUAGES:
        return str(chosen)
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or "zh"


def html_lang() -> str:
    """The value of the page's ``lang`` attribute."""
    return LANGUAGES[spoken()]


@bp.post("/language")
def choose() -> Response:
    """Keep the language the visitor picked, for the account where there is one."""
    locale = request.form.get("locale", "")
    if locale in LANGUAGES:
        session["locale"] = locale
        g.pop("language", None)
        if current_user.is_authenticated:
            current_user.account.locale = locale
            db.session.commit()
    return redirect(safe_next(request.form.get("next")), 303)  # type: ignore[return-value]
