"""Count that a listing was looked at: not by whom, not by bots, and not by the shop's own people."""

import re
import uuid

import redis
from flask import current_app, request
from flask_login import current_user

from market.catalog.models import Listing
from market.catalog.views import TALLY
from market.kernel import clock, tally
from market.kernel.db import db
from market.settings import Settings
from market.shops.queries import shop_of

_BOT = re.compile(r"bot|crawl|spider|slurp|preview|monitor|headless|curl|wget|python|httpx|go-http", re.I)


def count_view(listing_id: uuid.UUID) -> None:
    """One more look at the page. While Valkey is gone nothing is counted, and the page shows all the same."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.redis_url or _is_bot() or _is_own(listing_id):
        return
    extensions = current_app.extensions
    if "tally" not in extensions:
        extensions["tally"] = tally.broker(settings.redis_url)
    try:
        tally.count(extensions["tally"], TALLY, clock.local_date(clock.now()), str(listing_id))
    except redis.RedisError:
        current_app.logger.warning("a view was not counted")


def _is_bot() -> bool:
    """Whether no person looks: a program that says so, one that says nothing, or a page fetched ahead."""
    agent = request.user_agent.string
    ahead = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return request.method != "GET" or not agent or bool(_BOT.search(agent)) or "prefetch" in ahead


def _is_own(listing_id: uuid.UUID) -> bool:
    if not current_user.is_authenticated:
        return False
    shop, listing = shop_of(db.session(), current_user.id), db.session.get(Listing, listing_id)
    return shop is not None and listing is not None and listing.shop_id == shop.id
