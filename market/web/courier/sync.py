"""Where the phone tells what happened, as soon as there is a signal."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from flask import abort, g, jsonify, request
from werkzeug.wrappers import Response

from market.delivery.models import EventKind
from market.delivery.sync import Answer, sync
from market.delivery.told import MOST_EVENTS, Told
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.ids import parse_id
from market.web.courier import bp
from market.web.messages import sentence

Json = dict[str, Any]


@bp.post("/sync")
def sync_events() -> Response:
    """Take in up to 100 events of one phone. Each event's own id makes it count once, so there is no key."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400)
    device, sent_at, rows = body.get("device_id"), _moment(body.get("sent_at")), body.get("events")
    device_id = parse_id(device) if isinstance(device, str) else None
    if device_id is None or sent_at is None or not isinstance(rows, list) or len(rows) > MOST_EVENTS:
        abort(400)
    told = [(row, _told(row)) for row in rows]
    answers = sync(db.session(), g.courier, device_id, [one for _, one in told if one], sent_at, clock.now())
    spoiled = [_spoiled(row) for row, one in told if one is None]
    db.session.commit()
    answer = jsonify(events=[*map(_answer, answers), *spoiled])
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _told(row: object) -> Told | None:
    """The event that `row` spells; None where it spells none."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        return None
    event_id, recorded_at, data = parse_id(row["id"]), _moment(row.get("recorded_at")), row.get("data")
    sequence, kind = row.get("sequence"), row.get("kind")
    if event_id is None or recorded_at is None or not isinstance(data, dict):
        return None
    if not isinstance(sequence, int) or kind not in set(EventKind):
        return None
    target = row.get("target")
    return Told(
        event_id=event_id,
        sequence=sequence,
        kind=EventKind(kind),
        target=parse_id(target) if isinstance(target, str) else None,
        recorded_at=recorded_at,
        data=data,
        photo=_photo(data.get("jpeg")),
    )


def _moment(value: object) -> datetime | None:
    """The moment, with its zone, that `value` spells."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _photo(value: object) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except binascii.Error:
        return None


def _answer(answer: Answer) -> Json:
    reason = Refused(answer.reason, **answer.details) if answer.reason else None
    return {
        "id": answer.event_id,
        "outcome": answer.outcome,
        "is_repeat": answer.is_repeat,
        "reason": answer.reason,
        "sentence": sentence(reason) if reason else None,
        "settles_at": answer.settles_at.isoformat() if answer.settles_at else None,
    }


def _spoiled(row: object) -> Json:
    code = Refused("sync.shape")
    return {
        "id": row.get("id") if isinstance(row, dict) else None,
        "outcome": "refused",
        "is_repeat": False,
        "reason": code.code,
        "sentence": sentence(code),
        "settles_at": None,
    }
