"""Count that a listing was looked at: not by whom, not by bots, and not by the shop's own people."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

import redis
from flask import Flask

from market.catalog.views import TALLY
from market.kernel import clock, tally
from market.settings import Settings

_BOT = re.compile(r"bot|crawl|spider|slurp|preview|monitor|headless|curl|wget|python|httpx|go-http", re.I)


def is_person(environ: Mapping[str, Any]) -> bool:
    """Whether a person looks: no program that says so or says nothing, and no page fetched ahead."""
    agent = environ.get("HTTP_USER_AGENT", "")
    ahead = environ.get("HTTP_SEC_PURPOSE", environ.get("HTTP_PURPOSE", ""))
    return (
        bool(agent)
        and environ["REQUEST_METHOD"] == "GET"
        and not _BOT.search(agent)
        and "prefetch" not in ahead
    )


def look(app: Flask, listing_id: uuid.UUID) -> None:
    """One more look at the page. While Valkey is gone nothing is counted, and the page shows all the same."""
    settings: Settings = app.extensions["settings"]
    if not settings.redis_url:
        return
    if "tally" not in app.extensions:
        app.extensions["tally"] = tally.broker(settings.redis_url)
    try:
        tally.count(app.extensions["tally"], TALLY, clock.local_date(clock.now()), str(listing_id))
    except redis.RedisError:
        app.logger.warning("a view was not counted")
