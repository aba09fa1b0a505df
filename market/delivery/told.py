"""What a phone may tell, its shape, and how far its clock is believed. Pure."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from market.delivery.models import EventKind
from market.kernel.errors import Refused
from market.kernel.ids import parse_id

CORRECTABLE = timedelta(minutes=10)
OLDEST_CLAIM = timedelta(days=7)
MOST_EVENTS = 100
MOST_TEXT = 300
MOST_CODE = 12
MOST_STROKE_NUMBERS = 6000
LARGEST = 2**62
KEPT = frozenset(
    ("code", "number", "strokes", "job_id", "fen", "reason", "recipient", "confirmed", "note", "needs", "of",
     "on", "lat", "lon", "pickup_code")
)  # fmt: skip

ENDINGS = frozenset({EventKind.done, EventKind.failed, EventKind.run_failed})
OF_RUN = frozenset({EventKind.start, EventKind.run_failed})
OF_EVENT = frozenset({EventKind.undo, EventKind.settle})

# Who took it, as the phone tells it: a code, so that no name waits in a queue. `self` is the recipient.
SELF, STATION = "self", "station"
RECIPIENTS = {"family": "家人", "neighbor": "邻居", STATION: "服务站"}
ITEM_REASONS = frozenset({"refused", "damaged", "missing"})
STOP_REASONS = frozenset(
    {"nobody_home", "asked_later", "refused", "wrong_address", "road_closed", "damaged", "missing"}
)
RUN_REASONS = frozenset({"breakdown", "road_closed", "weather", "unwell"})

# The texts and ids that each kind has to carry.
_TEXTS = {
    EventKind.scan: ("code",),
    EventKind.serial: ("number",),
    EventKind.check: ("code",),
    EventKind.item_failed: ("reason",),
    EventKind.done: ("recipient",),
    EventKind.failed: ("reason",),
    EventKind.run_failed: ("reason",),
}
_IDS = {
    EventKind.old_taken: ("job_id",),
    EventKind.item_failed: ("job_id",),
    EventKind.undo: ("of",),
    EventKind.settle: ("of",),
}
_KNOWN = {
    EventKind.item_failed: ("reason", ITEM_REASONS),
    EventKind.failed: ("reason", STOP_REASONS),
    EventKind.run_failed: ("reason", RUN_REASONS),
    EventKind.done: ("recipient", frozenset({SELF, *RECIPIENTS})),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a phone tells it. `target` is a run's or a stop's id; `photo` what it took, untouched."""

    event_id: uuid.UUID
    sequence: int
    kind: EventKind
    target: uuid.UUID | None
    recorded_at: datetime
    data: Mapping[str, Any]
    photo: bytes | None = None


def check_shape(told: Told) -> None:
    """Raises Refused(``sync.shape``) where `told` lacks what its kind has to carry, or carries too much."""
    data = told.data
    texts = [data.get(name) for name in _TEXTS.get(told.kind, ())]
    ids = [data.get(name) for name in _IDS.get(told.kind, ())]
    whole = (
        0 <= told.sequence < LARGEST
        and _is_storable(data)
        and (told.target is not None or told.kind in OF_EVENT)
        and all(isinstance(value, str) and 0 < len(value.strip()) <= MOST_TEXT for value in texts)
        and all(isinstance(value, str) and parse_id(value) for value in ids)
        and (told.kind not in _KNOWN or data[_KNOWN[told.kind][0]] in _KNOWN[told.kind][1])
        and (told.kind is not EventKind.cash or _is_count(data.get("fen")))
        and (
            told.kind is not EventKind.signature
            or data.get("on") is False
            or _are_strokes(data.get("strokes"))
        )
        and (told.kind is not EventKind.photo or bool(told.photo))
        and isinstance(data.get("note", ""), str)
        and len(data.get("note", "")) <= MOST_TEXT
        and isinstance(data.get("pickup_code", ""), str)
        and len(data.get("pickup_code", "")) <= MOST_CODE
        and _are_ids(data.get("needs", []))
        and _is_place(data.get("lat"), data.get("lon"))
    )
    if not whole:
        raise Refused("sync.shape")


def in_order(events: Iterable[Told]) -> list[Told]:
    """The events of one phone as they happened on it: by its own count, whatever its clock says."""
    return sorted(events, key=lambda told: (told.sequence, told.event_id))


def claimed_at(recorded_at: datetime, received_at: datetime) -> datetime:
    """The phone's time as far as it can be true: not in the future, and not older than a week."""
    return min(max(recorded_at, received_at - OLDEST_CLAIM), received_at)


def settles_at(recorded_at: datetime, sent_at: datetime, received_at: datetime) -> datetime:
    """Until when an ending may be corrected: 10 minutes from the tap.

    Both times are the same phone's, so that only their difference counts and a wrong clock falls out; it is
    never before `received_at` nor more than 10 minutes after it.
    """
    waited = max(sent_at - recorded_at, timedelta())
    return received_at + max(CORRECTABLE - waited, timedelta())


def needs_of(data: Mapping[str, Any]) -> frozenset[uuid.UUID]:
    """The events that have to be here first."""
    return frozenset(uuid.UUID(one) for one in data.get("needs", []))


def _is_storable(data: Mapping[str, Any]) -> bool:
    """Whether the database takes it: no zero character, no half of a pair."""
    written = json.dumps(dict(data), ensure_ascii=False)
    return "\\u0000" not in written and not any("\ud800" <= letter <= "\udfff" for letter in written)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST


def _are_ids(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_EVENTS
        and all(isinstance(one, str) and parse_id(one) for one in value)
    )


def _are_strokes(value: object) -> bool:
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        return False
    numbers = [number for stroke in value for number in stroke]
    return 4 <= len(numbers) <= MOST_STROKE_NUMBERS and all(
        isinstance(number, int) and 0 <= number <= 1000 for number in numbers
    )


def _is_place(lat: object, lon: object) -> bool:
    if lat is None and lon is None:
        return True
    return (
        isinstance(lat, int | float) and isinstance(lon, int | float) and abs(lat) <= 90 and abs(lon) <= 180
    )
