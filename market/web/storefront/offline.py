"""The script that keeps pages on a phone. Browsers fetch it without cookies: it is open to all."""

import hashlib
from pathlib import Path

from flask import Response, current_app

from market.web.storefront import bp


@bp.get("/sw.js")
def keeper() -> Response:
    """The storefront's service worker. With another style sheet it is another text."""
    folder = Path(current_app.static_folder or "")
    code, style = ((folder / name).read_bytes() for name in ("keeper.js", "app.css"))
    version = hashlib.sha256(code + style).hexdigest()[:12]
    answer = Response(code.replace(b"VERSION_OF_THIS_CODE", version.encode()), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
