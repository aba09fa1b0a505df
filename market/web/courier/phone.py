"""What the phone keeps so that it works with no signal: a shell without any names, and the day itself."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from flask import g, jsonify, render_template
from flask_babel import LazyString, get_locale
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from market.catalog.recalled import Recalled
from market.delivery.batch_roads import planned_by_roads
from market.delivery.drive import checks_for
from market.delivery.models import CourierEvent, Job, JobKind, Run, RunState, Stop
from market.delivery.queries import endings_of, sheet
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.ledger.queries import balance
from market.ledger.rules import courier_cash
from market.orders.recalled import recalled_goods
from market.people.rules import mask_phone
from market.web.courier import bp
from market.web.courier.readings import note_run_readings
from market.web.courier.words import WORDS
from market.web.courier.worker import code_version
from market.web.delivery_text import (
    CHECKS,
    ENDINGS,
    FAILURES,
    ITEM_FAILURES,
    RUN_FAILURES,
    SKILLS,
    is_old_appliance,
)
from market.web.messages import sentence
from market.web.reading import reading_px
from market.web.text import hours_of, local_day

Json = dict[str, object]


@bp.get("/app")
def app() -> str:
    """The shell of sheet and stops: words and code, filled on the phone from `day`."""
    return render_template(
        "courier/app.html",
        version=shell_version(),
        words=_said(WORDS)
        | {
            "failures": _said(FAILURES),
            "item-failures": _said(ITEM_FAILURES),
            "run-failures": _said(RUN_FAILURES),
        },
    )


@bp.get("/day.json")
def day() -> Response:
    """The courier's runs in order. Phone numbers are whole only while their run is under way."""
    runs = sheet(db.session(), g.courier.id)
    note_run_readings([run for run in runs if run.state is RunState.underway])
    endings = endings_of(db.session(), [run.id for run in runs])
    recalled = recalled_goods(db.session(), _references(runs))
    by_roads = planned_by_roads(db.session(), {run.batch_id for run in runs})
    answer = jsonify(
        courier={
            "id": g.courier.id,
            "name": g.courier.name,
            "cash_fen": balance(db.session(), courier_cash(g.courier.id)),
            "cash_limit_fen": g.courier.cash_limit_now_fen,
        },
        csrf_token=generate_csrf(),
        shell=shell_version(),
        at=clock.now().isoformat(),
        runs=[_run(run, endings, run.batch_id in by_roads, recalled) for run in runs],
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def shell_version() -> str:
    """Changes with the code, with the words of a release, and with the reader's language and letters."""
    said = json.dumps([code_version(), _said(WORDS), str(get_locale()), reading_px()])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _said(texts: Mapping[str, LazyString]) -> dict[str, object]:
    return {key: str(text) for key, text in texts.items()}


def _references(runs: Sequence[Run]) -> set[str]:
    return {job.reference for run in runs for stop in run.stops for job in stop.jobs}


def _run(
    run: Run, endings: dict[uuid.UUID, CourierEvent], by_roads: bool, recalled: Mapping[str, Recalled]
) -> Json:
    return {
        "by_roads": by_roads,
        "id": run.id,
        "state": run.state,
        "day": local_day(run.batch.day),
        "plate": run.vehicle.plate,
        "depart_at": run.depart_at.isoformat(),
        "return_at": run.return_at.isoformat(),
        "break_at": run.break_at.isoformat() if run.break_at else None,
        "break_minutes": run.vehicle.break_seconds // 60,
        "meters": run.meters,
        "ending": _ending(endings.get(run.id)),
        "stops": [_stop(stop, run, endings, recalled) for stop in run.stops],
    }


def _stop(
    stop: Stop, run: Run, endings: dict[uuid.UUID, CourierEvent], recalled: Mapping[str, Recalled]
) -> Json:
    known: Json = {
        "id": stop.id,
        "trip": stop.trip,
        "sequence": stop.sequence,
        "state": stop.state,
        "reason": str(ENDINGS.get(stop.reason, stop.reason)) if stop.reason else None,
        "arrive_at": stop.arrive_at.isoformat(),
        "cash_due_fen": stop.cash_due_fen,
        "ending": _ending(endings.get(stop.id)),
        "hours": hours_of(stop.jobs),
        "jobs": [_job(job, recalled.get(job.reference)) for job in stop.jobs],
    }
    return known | (_place(stop.jobs[0], run) | _load(stop) if stop.jobs else {})


def _place(job: Job, run: Run) -> Json:
    underway = run.state is RunState.underway
    return {
        "name": job.recipient_name,
        "phone": job.recipient_phone if underway else mask_phone(job.recipient_phone),
        "may_call": underway,
        "address": job.address_text,
        "place": job.place,
        "lat": job.lat,
        "lon": job.lon,
        "is_estimated": job.position_source == "estimated",
    }


def _load(stop: Stop) -> Json:
    skills = sorted({skill for job in stop.jobs for skill in job.skills})
    return {
        "weight_grams": sum(job.weight_grams for job in stop.jobs if job.kind is JobKind.deliver),
        "people": max(job.people for job in stop.jobs),
        "skills": [str(SKILLS.get(skill, skill)) for skill in skills],
        "checks": [{"code": code, "label": str(CHECKS[code])} for code in checks_for(stop)],
    }


def _job(job: Job, recalled: Recalled | None) -> Json:
    """`pieces` is how many serial numbers are expected; which ones, nobody has told the truck. `recalled` is
    what is called back of its goods, so that the phone can warn without signal."""
    return {
        "id": job.id,
        "kind": job.kind,
        "is_old": is_old_appliance(job),
        "state": job.state,
        "order_number": job.order_number,
        "items": job.items,
        "pieces": sum(quantity for _title, quantity in job.items) if job.kind is JobKind.deliver else 0,
        "weight_grams": job.weight_grams,
        "people": job.people,
        "skills": job.skills,
        "cash_due_fen": job.cash_due_fen,
        "recalled": asdict(recalled) if recalled and job.kind is JobKind.deliver else None,
    }


def _ending(event: CourierEvent | None) -> Json | None:
    if event is None:
        return None
    return {
        "id": event.event_id,
        "kind": event.kind,
        "outcome": event.outcome,
        "settles_at": event.settles_at.isoformat() if event.settles_at else None,
        "sentence": sentence(Refused(event.reason, **event.details)) if event.reason else None,
    }
