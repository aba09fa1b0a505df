"""A process of its own that takes hostile files, so that what they cost in memory can be told.

Reads what to do as JSON from its input and prints what came of it. Not a test.
"""

import io
import json
import resource
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import market
from market.bulk.read_sheet import read_table
from market.kernel.errors import Refused
from market.kernel.photo import place_of, renditions, small_jpeg
from market.people.models import Account
from market.settings import Settings
from market.subsidies.treasury_rules import read_answers
from tests.builders.web import Browser

READERS = {
    "photo": small_jpeg,
    "place": place_of,
    "picture": lambda data: renditions(data, (240, 480, 960)),
    "sheet": read_table,
    "treasury": read_answers,
}


def peak() -> int:
    """The most memory this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(asked: dict[str, Any]) -> dict[str, Any]:
    settings = Settings(
        env="test",
        data_dir=Path(asked["folder"]) / "var",
        database_url=asked["database_url"],
        redis_url=asked["redis_url"],
        secret_key="tests-only-secret-key-of-40-characters-00",
        stripe_api_key="sk_test_sandbox",
        stripe_webhook_secret="whsec_tests",
    )
    app = market.create_app(settings)
    client = Browser(app)
    with app.app_context():
        client.become(market.db.session.get_one(Account, uuid.UUID(asked["clerk"])))
    listing = f"/shop/listings/{asked['listing']}"
    typed = {"kind": "energy", "grade": "1", "standard_number": "GB 12021.4-2013", "produced_on": ""}
    paper = {"scheme": "ccc", "holder": "禾润", "model_scope": "HR", "issued_on": "2025-01-01"}
    start, statuses, grown = peak(), {}, {}
    for number, what in enumerate(asked["names"]):
        data = (Path(asked["folder"]) / f"{number}.bin").read_bytes()
        name = (Path(asked["folder"]) / f"{number}.name").read_text(encoding="utf-8")
        record = {"record_number": f"20250310-440300-{number:017d}"}
        fields = {
            "photos": (f"{listing}/photos", "photos", {}),
            "label": (f"{listing}/label", "scan", typed | record),
            "certificate": (f"{listing}/certificate", "scan", paper | {"number": f"2024-{number:06d}"}),
            "new": ("/shop/listings/new/washer", "photos", {"brand": "禾润"}),
            "sheet": ("/shop/listings/sheet", "sheet", {}),
        }
        for field, (path, key, more) in fields.items():
            before = peak()
            answer = client.submit(path, more | {key: (io.BytesIO(data), name)})
            said = 'class="error"' in answer.text or 'role="alert"' in answer.text
            statuses[f"{field}: {what}"] = (answer.status_code, said)
            grown[f"{field}: {what}"] = peak() - before
            if field == "photos" and answer.status_code == 303:
                _empty(app, asked["listing"])
        for reader, read in READERS.items():
            before = peak()
            with suppress(Refused, ValueError):  # the treasury's reader raises the other
                read(data)
            grown[f"{reader}: {what}"] = peak() - before
    return {"statuses": statuses, "grown": grown, "start": start, "peak": peak()}


def _empty(app: Any, listing_id: str) -> None:
    """A listing takes six photos: make room for the next."""
    from market.catalog.models import Listing

    with app.app_context():
        market.db.session.query(Listing).filter(Listing.id == listing_id).update({"photos": []})
        market.db.session.commit()


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
