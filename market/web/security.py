"""Cookies, CSRF, proxies and the headers every answer carries."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from market.settings import Settings

MAX_UPLOAD_BYTES = 12 * 1024 * 1024

# Several photos at once; each by itself may be no larger than elsewhere. Files wait on disk, not in memory.
LARGER_UPLOADS = {"shop.add_photos": 4 * MAX_UPLOAD_BYTES, "shop.create_listing": 4 * MAX_UPLOAD_BYTES}

csrf = CSRFProtect()
compress = Compress()


def register(app: Flask) -> None:
    """Configure `app` from its settings. The outermost layer: other parts may rely on all of it."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        SECRET_KEY=settings.secret_key or _development_key(settings.data_dir),
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.env == "production",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open overnight still works: the token ends with the session
        COMPRESS_ALGORITHM=["br", "zstd", "gzip"],
    )
    # Before the CSRF check, which reads the form.
    app.before_request(_let_larger_in)
    csrf.init_app(app)
    compress.init_app(app)
    policy = content_security_policy(settings)
    strict_transport = settings.env == "production"

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # Not `no-referrer`: over HTTPS the CSRF check compares the Referer of our own pages.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self)")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if strict_transport and request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "private, no-cache")
        return response


def trust_proxies(app: Flask) -> None:
    """Believe as many proxies as the settings say, before anything else looks at a request of `app`."""
    settings: Settings = app.extensions["settings"]
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _let_larger_in() -> None:
    if request.endpoint in LARGER_UPLOADS:
        request.max_content_length = LARGER_UPLOADS[request.endpoint]


def content_security_policy(settings: Settings) -> str:
    """Everything from ourselves; forms may also end at the payment page, to which a POST redirects."""
    pay_pages = ["https://checkout.stripe.com"]
    if settings.stripe_api_base:
        base = urlsplit(settings.stripe_api_base)
        pay_pages = [f"{base.scheme}://{base.netloc}"]
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            # Chromium applies form-action to the redirect that follows a POST as well.
            f"form-action 'self' {' '.join(pay_pages)}",
        )
    )


def _development_key(data_dir: Path) -> str:
    """A key kept in `data_dir`, so that all processes share it and a restart signs nobody out."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(key := secrets.token_urlsafe(32))
    return key
