"""The doors: one blueprint per audience, and what they share.

A view reads its input, calls one use case, commits and answers. Rules live in the rooms; here live
sign-in, language, security headers, rate limits, error pages and sentences.
"""

import importlib
import importlib.util

from flask import Flask

from market.web import errors, health, language, limits, logs, security, sessions, static, text

DOORS = ("account", "storefront", "shop", "courier", "county", "recycle", "recycler", "open", "api")


def register(app: Flask) -> None:
    """Put everything web onto `app`."""
    for part in (logs, security, static, sessions, language, limits, text, errors, health):
        part.register(app)
    for door in DOORS:
        if importlib.util.find_spec(f"market.web.{door}"):
            try:
                app.register_blueprint(importlib.import_module(f"market.web.{door}").bp)
            except ImportError as error:  # TODO remove when all doors are whole
                logs.log.warning("door %s: %s", door, error)
