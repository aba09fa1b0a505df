"""A courier's phone for tests: its own count, its own clock, and what it tells."""

from datetime import datetime, timedelta
from typing import Any

from market.kernel import clock
from market.kernel.ids import new_id
from tests.builders.web import Browser


class Phone:
    """Tells events to `/courier/sync` as the pages' scripts do. `wrong_by` is how far its clock is out."""

    def __init__(self, browser: Browser, wrong_by: timedelta = timedelta()) -> None:
        self.browser = browser
        self.device_id = str(new_id())
        self.wrong_by = wrong_by
        self.sequence = 0

    @property
    def clock(self) -> datetime:
        """What the phone shows."""
        return clock.now() + self.wrong_by

    def event(
        self, kind: str, target: object = None, *, ago: timedelta = timedelta(), **data: Any
    ) -> dict[str, Any]:
        """One event, numbered, not yet sent."""
        self.sequence += 1
        return {
            "id": str(new_id()),
            "sequence": self.sequence,
            "kind": kind,
            "target": str(target) if target else None,
            "recorded_at": (self.clock - ago).isoformat(),
            "data": data,
        }

    def send(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """What the market answers, in the order of the events."""
        answer = self.post({"device_id": self.device_id, "sent_at": self.clock.isoformat(), "events": events})
        assert answer.status_code == 200, answer.text
        told = {row["id"]: row for row in answer.json["events"]}
        return [told[event["id"]] for event in events]

    def outcomes(self, *events: dict[str, Any]) -> list[str]:
        """As `send`, the outcomes alone."""
        return [row["outcome"] for row in self.send(*events)]

    def post(self, body: object) -> Any:
        """Post `body` as it is."""
        token = self.browser.csrf_token()
        return self.browser.post("/courier/sync", json=body, headers={"X-CSRFToken": token})
