"""Every GET route: who sees it, and where the county of everything has something for it to show.

The tables are by door. A row says who looks, the endpoint, and the query whose columns are the route's
arguments; `:me` is who looks, `:shop` the shop of the cast. What is no argument goes into the query string.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString, cast

import psycopg
from flask import Flask
from psycopg.rows import dict_row

from market.web.routes import routes
from tests.journeys.cast import COUNTY
from tests.journeys.county_of_everything import Someone
from tests.journeys.pages_at_work import COUNTY_DOOR, COURIER_DOOR, RECYCLER_DOOR, SHOP_DOOR
from tests.journeys.pages_for_buyers import ACCOUNT, OPEN, OWN, STOREFRONT, Row
from tests.journeys.stack import Stack, url_of

TABLES = (STOREFRONT, ACCOUNT, OWN, OPEN, SHOP_DOOR, COURIER_DOOR, COUNTY_DOOR, RECYCLER_DOOR)

FILE = "a file that is saved, not a page"
PICTURE = "a picture; pages that show it are visited"
DATA = "data for programs"
WAY_BACK = "no page of its own: it leads back from the hosted page of a payment"
EXCUSED = {
    **dict.fromkeys(
        (
            "account.own_data_file", "county.bank_file", "county.fair_poster", "county.run_sheet",
            "county.settlement_file", "county.treasury_file", "custody.certificate_sheet", "custody.manifest",
            "open.producer_table", "recycle.label_file", "shop.invoices_csv", "shop.settlement_file",
            "shop.sheet_export", "shop.sheet_rest", "shop.sheet_template",
        ),
        FILE,
    ),
    **dict.fromkeys(
        (
            "county.batch_map", "county.case_photo", "county.claim_photo", "county.collection_point_photo",
            "county.finding_photo", "county.original_photo", "county.recycler_document",
            "county.repair_photo",
            "county.return_photo", "county.scan", "county.shop_paper_photo", "county.trade_in_photo",
            "courier.photo", "open.finding_photo", "open.point_photo", "recycle.photo", "recycler.photo",
            "recycler.trade_in_photo", "shop.paper_photo", "shop.return_photo", "shop.scan",
            "storefront.photo",
            "storefront.picture", "storefront.repair_photo", "storefront.return_photo",
            "storefront.review_photo", "storefront.trade_in_photo",
        ),
        PICTURE,
    ),
    **dict.fromkeys(
        (
            "courier.day", "courier_worker.script", "health.healthz", "health.metrics", "health.readyz",
            "open.producer_data", "open.recalls_json", "open.trace_json", "static", "storefront.keeper",
            "storefront.suggestions",
        ),
        DATA,
    ),
    **dict.fromkeys(
        (
            "storefront.deposit_paid", "storefront.repair_paid", "storefront.trade_in_paid",
        ),
        WAY_BACK,
    ),
    "storefront.barcode": "leads on to the page of its model",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """A page as somebody sees it."""

    who: str
    endpoint: str
    path: str


def patterns(app: Flask) -> dict[str, list[str]]:
    """Every endpoint that answers GET, with its patterns."""
    found: dict[str, list[str]] = {}
    for route in routes(app):
        if "GET" in route.methods:
            found.setdefault(route.endpoint, []).append(route.path)
    return found


def listed() -> set[str]:
    """The endpoints of the tables."""
    return {endpoint for table in TABLES for _who, endpoint, _query in table}


def addresses(app: Flask, stack: Stack, people: dict[str, Someone]) -> list[Address]:
    """The addresses of all rows, by who looks. Raises AssertionError where the county has nothing to show."""
    found: list[Address] = []
    missing = []
    shop = people["owner"].shop_id
    with psycopg.connect(url_of(stack).replace("+psycopg", ""), row_factory=dict_row) as connection:
        for who, endpoint, query in _rows():
            me = people[who].id if who in people else None
            known = {"me": me, "shop": shop, "county": COUNTY}
            rows = connection.execute(_bound(query), known).fetchall() if query else [{}]
            if not rows:
                missing.append(f"{who} {endpoint}")
            found += [Address(who, endpoint, _path(app, endpoint, row)) for row in rows]
    assert not missing, missing
    return sorted(found, key=lambda address: address.who)


def _rows() -> Iterator[Row]:
    for table in TABLES:
        for names, endpoint, query in table:
            yield from ((who, endpoint, query) for who in names.split())


def _bound(query: str) -> LiteralString:
    """The query for psycopg, which names parameters its own way."""
    first, rest = ("", query.removeprefix("each ")) if query.startswith("each ") else (" LIMIT 1", query)
    for name in ("me", "shop", "county"):
        rest = rest.replace(f":{name}", f"%({name})s")
    return cast(LiteralString, f"SELECT {rest}{first}")


def _path(app: Flask, endpoint: str, values: dict[str, object]) -> str:
    return app.url_map.bind("").build(endpoint, values)
