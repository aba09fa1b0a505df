"""What was said, as words, for browsers that cannot hear: only where the county runs a recognizer."""

from flask import Flask, abort, current_app, jsonify, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from market.search.speech import KINDS, MOST_BYTES, Recognizer, RemoteRecognizer, Unheard
from market.settings import Settings
from market.web.limits import limiter
from market.web.storefront import bp

RECOGNIZER = "recognizer"
_WORD_CHARS = 60


def register(app: Flask) -> None:
    """Let `app` hear, where its settings name a recognizer."""
    settings: Settings = app.extensions["settings"]
    if settings.speech_url:
        app.extensions[RECOGNIZER] = RemoteRecognizer(settings.speech_url)
    app.jinja_env.globals["hears"] = RECOGNIZER in app.extensions


@bp.post("/search/speech")
@limiter.limit("10 per minute")
def heard() -> tuple[Response, int] | Response:
    """``{"words": "…"}`` for a recording as the body; ``{"error": "…"}`` where nothing was understood."""
    recognizer: Recognizer = current_app.extensions.get(RECOGNIZER) or abort(404)
    if request.mimetype not in KINDS:
        abort(415)
    if (request.content_length or 0) > MOST_BYTES:
        abort(413)
    try:
        words = recognizer.words(request.get_data(), request.mimetype)
    except Unheard:
        current_app.logger.warning("the recognizer did not answer")
        return jsonify(error=gettext("现在听不了，请打字找。")), 503
    if not words:
        return jsonify(error=gettext("没有听清，请再说一遍，或者打字找。")), 422
    return jsonify(words=words[:_WORD_CHARS])
