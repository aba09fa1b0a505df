"""The service worker's script. Browsers fetch it without cookies, so it is open to all: it is code alone."""

import hashlib
import json
from pathlib import Path

from flask import Blueprint, current_app, url_for
from werkzeug.wrappers import Response

MODULES = (
    "app.js",
    "draft.js",
    "leave.js",
    "page.js",
    "photo.js",
    "recalled.js",
    "scan.js",
    "signature.js",
    "stop.js",
    "store.js",
    "sync.js",
)
PICTURES = ("logo.svg", "favicon.svg", "app.css", "elder.css", "manifest.webmanifest")

bp = Blueprint("courier_worker", __name__, url_prefix="/courier")


@bp.get("/sw.js")
def script() -> Response:
    """The service worker, with the list of what it has to keep. Another version is another text."""
    kept = [url_for("courier.app"), *(_static(name) for name in (*_modules(), *PICTURES))]
    shell = json.dumps({"version": code_version(), "kept": kept})
    code = (_folder() / "courier/sw.js").read_text(encoding="utf-8")
    answer = Response(code.replace("SHELL_OF_THIS_VERSION", shell), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def code_version() -> str:
    """Changes with every file of the shell."""
    page = Path(current_app.root_path) / (current_app.template_folder or "") / "courier/app.html"
    files = [*(_folder() / name for name in (*_modules(), *PICTURES, "courier/sw.js")), page]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _folder() -> Path:
    return Path(current_app.static_folder or "")


def _modules() -> list[str]:
    return [f"courier/{name}" for name in MODULES]


def _static(name: str) -> str:
    """The address without a version: modules name each other so."""
    return url_for("static", filename=name, v=None)
