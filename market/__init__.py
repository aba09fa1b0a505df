"""绿乡 Lvxiang: a county's online market for green appliances, shared delivery and recycling."""

import importlib
import importlib.util

from flask import Flask

from market.kernel.db import connect_args, db
from market.settings import Settings, read

# Top to bottom: a room may import those above it (and the kernel), never one below.
ROOMS = (
    "places", "ledger", "people", "notices", "shops", "points", "catalog", "savings", "delivery", "cash",
    "credit", "inventory", "scenes", "search", "bulk", "subsidies", "recycling", "oversight", "collection",
    "orders", "invoices",
    "payments", "settlements", "groups", "fairs", "aftersales", "recalls", "insights",
    "privacy",
)  # fmt: skip


def load_models() -> None:
    """Import every room's tables, so that one metadata knows them all."""
    more = (
        "kernel.shown", "settlements.statement_models", "kernel.outbox", "kernel.once", "catalog.recalled",
        "catalog.trace", "subsidies.review_models", "recycling.custody_models",
        "people.second_factor_models", "orders.assisted_models", "credit.review_models",
        "credit.appeal_models", "credit.fraud_models", "catalog.pictures", "catalog.edit_models",
        "catalog.views", "recalls.stopped_models",
    )  # fmt: skip
    for name in (*more, *(f"{room}.models" for room in ROOMS)):
        parent = f"market.{name.split('.')[0]}"
        if importlib.util.find_spec(parent) and importlib.util.find_spec(f"market.{name}"):
            importlib.import_module(f"market.{name}")


def create_app(settings: Settings | None = None) -> Flask:
    """The Flask application of one process, for `settings` (the environment's by default)."""
    settings = settings or read()
    app = Flask("market", root_path=__path__[0], template_folder="../templates", static_folder="../static")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url or "postgresql+psycopg://"
    # An error never carries the row's values: they are people's names and numbers, and errors are logged.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "connect_args": connect_args(app.config["SQLALCHEMY_DATABASE_URI"]),
    }
    app.extensions["settings"] = settings
    db.init_app(app)
    load_models()
    importlib.import_module("market.web").register(app)
    return app
