"""Static files carry a version in their address, so that browsers may keep them for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

_YEAR_SECONDS = 365 * 24 * 3600
_TEXT = {"text/css", "text/javascript", "image/svg+xml", "application/json"}


def register(app: Flask) -> None:
    """Version the addresses of static files on `app`."""
    folder = Path(app.static_folder or "")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR_SECONDS

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = _version(folder / values["filename"])

    @app.after_request
    def load_small_text(response: Response) -> Response:
        """A file that is streamed cannot be sent as gzip, all that some clients take."""
        if request.endpoint == "static" and response.mimetype in _TEXT and response.status_code == 200:
            response.direct_passthrough = False
            response.set_data(response.get_data())
        return response


def _version(path: Path) -> str | None:
    try:
        return _digest(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=512)
def _digest(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
