"""The doors: one blueprint per audience, and what they share.

A view reads its input, calls one use case, commits and answers. Rules live in the rooms; here live
sign-in, language, security headers, rate limits, error pages and sentences.
"""

from flask import Flask

from market.web import (
    account,
    api,
    compiled,
    county,
    courier,
    custody,
    data_saver,
    errors,
    health,
    joining,
    keeper,
    kept,
    language,
    limits,
    logs,
    open,  # noqa: A004 - the door of the public registers
    reading,
    recycle,
    recycler,
    security,
    sessions,
    shop,
    static,
    station,
    storefront,
    text,
)

PARTS = (
    compiled, logs, security, kept, static, sessions, language, reading, data_saver, limits, text, errors,
    health, storefront.speech,
)  # fmt: skip
DOORS = (
    account, storefront, shop, joining, courier, station, county, recycle, recycler, keeper, custody, open,
    api,
)  # fmt: skip


def register(app: Flask) -> None:
    """Put everything web onto `app`."""
    for part in PARTS:
        part.register(app)
    for door in DOORS:
        app.register_blueprint(door.bp)
    app.register_blueprint(courier.worker.bp)
    security.trust_proxies(app)
