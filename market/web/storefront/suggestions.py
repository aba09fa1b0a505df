"""Words for who is still typing: a small JSON answer that browsers and caches may keep for a minute."""

from flask import jsonify, request
from werkzeug.wrappers import Response

from market.kernel.db import db
from market.search.suggest import suggest
from market.web.county_choice import visitor_county
from market.web.storefront import bp
from market.web.storefront.vocabulary import vocabulary_of

_WORD_CHARS = 60


@bp.get("/search/words")
def suggestions() -> Response:
    """``{"words": [...]}``, at most six; nothing personal, and no cookie is needed for it."""
    typed = request.args.get("q", "")[:_WORD_CHARS]
    words = suggest(typed, vocabulary_of(db.session(), visitor_county().code))
    response = jsonify(words=words)
    response.headers["Cache-Control"] = "private, max-age=60"
    response.add_etag()
    return response.make_conditional(request)
