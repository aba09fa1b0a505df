"""The courier's phone: told once, in any order, from two phones, by a wrong clock, corrected, signed out."""

import base64
import io
from datetime import datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from market.delivery.audit import breaks
from market.delivery.models import (
    Courier,
    CourierEvent,
    EventOutcome,
    Job,
    JobState,
    Proof,
    RunState,
    Stop,
    StopState,
)
from market.delivery.plan_batch import release_batch
from market.delivery.sync import settle_event
from market.kernel import clock
from market.kernel.ids import new_id
from market.kernel.outbox import OutboxRow
from market.people.models import Account
from tests.builders.delivery import a_courier, a_planned_batch, a_ready_job, a_run_underway
from tests.builders.people import an_account
from tests.builders.phone import Phone
from tests.builders.web import Browser

CHECKS = ("level", "earthing", "shown")
LATER = timedelta(minutes=10)
LONG_AGO = timedelta(minutes=11)


@pytest.fixture
def courier(session: Session, client: Browser, now: datetime) -> Courier:
    courier = a_courier(session, now)
    client.become(session.get_one(Account, courier.account_id))
    return courier


@pytest.fixture
def stop(session: Session, courier: Courier, now: datetime) -> Stop:
    """A washer with 2,599 yuan of cash due and an old one to take, on the road."""
    a_ready_job(session, now, cash_due_fen=259900)
    a_ready_job(session, now, kind="collect")
    return a_run_underway(session, courier, now).stops[0]


@pytest.fixture
def phone(client: Browser, courier: Courier) -> Phone:
    return Phone(client)


def evidence(phone: Phone, stop: Stop, cash_fen: int = 259900, **options: timedelta) -> list[dict]:
    """Every check, the cash, and the old appliance."""
    old = next(job for job in stop.jobs if job.kind == "collect")
    told = [phone.event("check", stop.id, code=code, **options) for code in CHECKS]
    told.append(phone.event("cash", stop.id, fen=cash_fen, **options))
    return [*told, phone.event("old_taken", stop.id, job_id=str(old.id), **options)]


def done(phone: Phone, stop: Stop, needs: list[dict], **options: timedelta) -> dict:
    ids = [event["id"] for event in needs]
    return phone.event("done", stop.id, recipient="self", confirmed=True, needs=ids, **options)


def count(session: Session, kind: str) -> int:
    found = select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == kind)
    return session.scalars(found).one()


def clocks(session: Session) -> list[CourierEvent]:
    open_ones = select(CourierEvent).where(CourierEvent.outcome == EventOutcome.open)
    return list(session.scalars(open_ones))


def jpeg() -> str:
    out = io.BytesIO()
    Image.new("RGB", (1280, 960), "green").save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def test_a_stop_is_booked_when_the_time_to_correct_it_is_over(
    session: Session, phone: Phone, stop: Stop
) -> None:
    told = evidence(phone, stop)
    told += [phone.event("serial", stop.id, number="SN-1"), phone.event("scan", stop.id, code="LABEL-1")]
    told += [phone.event("photo", stop.id, jpeg=jpeg())]
    last = done(phone, stop, told)
    assert phone.outcomes(phone.event("arrive", stop.id, lat=32.5, lon=108.5), *told, last) == [
        *["applied"] * 9,
        "open",
    ]
    session.refresh(stop)
    assert (stop.state, stop.proof, count(session, "delivery.job_done")) == (StopState.pending, None, 0)
    (ending,) = clocks(session)
    settle_event(session, ending.id, ending.received_at)
    assert stop.state is StopState.pending
    for _ in range(2):
        settle_event(session, ending.id, ending.received_at + LATER)
    session.refresh(stop)
    assert stop.proof is not None
    proof = stop.proof
    assert (proof.recipient_name, proof.cash_fen, proof.is_confirmed) == ("王秀英", 259900, True)
    assert (proof.serial_numbers, proof.label_codes) == (["SN-1"], ["LABEL-1"])
    assert Image.open(io.BytesIO(proof.photo or b"")).size == (1280, 960)
    assert (stop.state, count(session, "delivery.job_done")) == (StopState.done, 2)


def test_the_clock_of_an_ending_is_a_row_of_the_outbox(session: Session, phone: Phone, stop: Stop) -> None:
    told = evidence(phone, stop)
    phone.send(*told, done(phone, stop, told))
    (row,) = session.scalars(select(OutboxRow).where(OutboxRow.kind == "delivery.courier_event_settles"))
    (ending,) = clocks(session)
    assert (row.due_at, row.payload) == (ending.settles_at, {"event_id": str(ending.id)})


def test_what_was_tapped_long_ago_without_a_signal_is_booked_at_once(
    session: Session, phone: Phone, stop: Stop
) -> None:
    told = evidence(phone, stop, ago=LONG_AGO)
    assert phone.outcomes(*told, done(phone, stop, told, ago=LONG_AGO))[-1] == "applied"
    session.refresh(stop)
    assert stop.state is StopState.done


def test_replayed_twice_it_counts_once(session: Session, phone: Phone, stop: Stop) -> None:
    told = evidence(phone, stop, ago=LONG_AGO)
    told.append(done(phone, stop, told, ago=LONG_AGO))
    first, again = phone.send(*told), phone.send(*told, *told)
    assert [row["is_repeat"] for row in (*first, *again)] == [False] * 6 + [True] * 6 + [True] * 6
    assert {row["outcome"] for row in again} == {"applied"}
    assert session.scalars(select(func.count()).select_from(CourierEvent)).one() == 6
    assert (count(session, "delivery.job_done"), session.scalar(select(func.count()).select_from(Proof))) == (
        2,
        1,
    )


def test_out_of_order_it_lands_right(
    session: Session, courier: Courier, client: Browser, now: datetime
) -> None:
    job = a_ready_job(session, now, cash_due_fen=100)
    a_ready_job(session, now, kind="collect")
    batch = a_planned_batch(session, now)
    release_batch(session, "610924", batch.id, now)
    (run,) = batch.runs
    (stop,) = run.stops
    phone = Phone(client)
    start = phone.event("start", run.id)
    told = evidence(phone, stop, 100, ago=LONG_AGO)
    last = done(phone, stop, told, ago=LONG_AGO)
    assert phone.outcomes(last) == ["held"]
    assert phone.outcomes(*told[:2]) == ["applied"] * 2
    assert phone.outcomes(start) == ["applied"]
    session.refresh(stop)
    assert stop.state is StopState.pending
    assert phone.outcomes(*reversed(told[2:])) == ["applied"] * 3
    session.expire_all()
    assert (stop.state, job.state, run.state) == (StopState.done, JobState.done, RunState.done)


def test_one_batch_told_backwards_is_taken_in_the_phones_own_order(
    session: Session, phone: Phone, stop: Stop
) -> None:
    told = evidence(phone, stop, ago=LONG_AGO)
    told.append(done(phone, stop, told, ago=LONG_AGO))
    assert set(phone.outcomes(*reversed(told))) == {"applied"}
    session.refresh(stop)
    assert stop.state is StopState.done


def test_two_phones_at_one_stop_give_one_winner_and_a_conflict_that_is_seen(
    session: Session, client: Browser, phone: Phone, stop: Stop
) -> None:
    other = Phone(client)
    mine, theirs = evidence(phone, stop), evidence(other, stop)
    assert phone.outcomes(*mine, done(phone, stop, mine))[-1] == "open"
    lost = other.event("failed", stop.id, reason="nobody_home", needs=[])
    answers = other.send(*theirs, lost)
    assert {row["outcome"] for row in answers} == {"conflict"}
    assert answers[-1]["sentence"] == "这一站已经在别处登记过，以先到的为准"
    (shown,) = client.get("/courier/day.json").json["runs"][0]["stops"]
    assert (shown["ending"]["id"], shown["ending"]["outcome"]) == (lost["id"], "conflict")
    (ending,) = clocks(session)
    settle_event(session, ending.id, ending.received_at + LATER)
    session.refresh(stop)
    assert (stop.state, count(session, "delivery.job_done")) == (StopState.done, 2)


def test_the_same_phone_ending_a_stop_twice_ends_it_once(phone: Phone, stop: Stop) -> None:
    told = evidence(phone, stop)
    assert phone.outcomes(*told, done(phone, stop, told), done(phone, stop, told))[-2:] == [
        "open",
        "duplicate",
    ]


@pytest.mark.parametrize("wrong_by", [timedelta(days=-400), timedelta(days=400)])
def test_a_wrong_clock_changes_no_money_and_no_order(
    session: Session, client: Browser, stop: Stop, wrong_by: timedelta
) -> None:
    phone = Phone(client, wrong_by)
    told = evidence(phone, stop)
    before = clock.now()
    assert phone.outcomes(*told, done(phone, stop, told))[-1] == "open"
    (ending,) = clocks(session)
    assert before <= ending.received_at <= clock.now()
    assert ending.recorded_at <= ending.received_at
    assert ending.received_at - ending.recorded_at <= timedelta(days=7)
    assert ending.settles_at is not None
    waited = ending.settles_at - ending.received_at
    assert timedelta(minutes=9, seconds=55) < waited <= LATER
    booked = ending.received_at + LATER
    settle_event(session, ending.id, booked)
    session.refresh(stop)
    assert stop.proof is not None
    assert (stop.ended_at, stop.proof.taken_at, stop.proof.cash_fen) == (booked, booked, 259900)


def test_within_ten_minutes_a_wrong_tap_is_taken_back(session: Session, phone: Phone, stop: Stop) -> None:
    wrong = phone.event("failed", stop.id, reason="nobody_home", needs=[])
    assert phone.outcomes(wrong) == ["open"]
    assert phone.outcomes(phone.event("undo", of=wrong["id"])) == ["applied"]
    told = evidence(phone, stop)
    right = done(phone, stop, told)
    assert phone.outcomes(*told, right)[-1] == "open"
    assert phone.outcomes(phone.event("settle", of=right["id"])) == ["applied"]
    session.refresh(stop)
    assert (stop.state, count(session, "delivery.job_failed")) == (StopState.done, 0)
    (late,) = phone.send(phone.event("undo", of=right["id"]))
    assert (late["outcome"], late["reason"]) == ("refused", "sync.too_late")
    session.refresh(stop)
    assert stop.state is StopState.done


def test_a_correction_that_overtakes_what_it_corrects_waits_for_it(phone: Phone, stop: Stop) -> None:
    wrong = phone.event("failed", stop.id, reason="road_closed", needs=[])
    undo = phone.event("undo", of=wrong["id"])
    assert phone.outcomes(undo) == ["held"]
    phone.send(wrong)
    assert phone.outcomes(wrong, undo) == ["undone", "applied"]


def test_a_failed_stop_is_queued_again_on_the_same_order(session: Session, phone: Phone, stop: Stop) -> None:
    told = phone.event("failed", stop.id, ago=LONG_AGO, reason="nobody_home", needs=[], lat=32.6, lon=108.4)
    assert phone.outcomes(told) == ["applied"]
    session.expire_all()
    assert {(job.state, job.batch_id, job.reason) for job in stop.jobs} == {
        (JobState.ready, None, "nobody_home")
    }
    (kept,) = session.scalars(select(CourierEvent))
    assert (kept.payload["lat"], kept.payload["lon"]) == (32.6, 108.4)


def test_a_run_that_cannot_go_on_fails_what_is_left_and_keeps_what_is_done(
    session: Session, courier: Courier, phone: Phone, now: datetime
) -> None:
    for village in range(3):
        a_ready_job(session, now, address_text=f"紫阳县焕古镇{village}组")
    run = a_run_underway(session, courier, now)
    ended, *left = run.stops
    checks = [phone.event("check", ended.id, code=code) for code in CHECKS]
    assert phone.outcomes(*checks, done(phone, ended, checks))[-1] == "open"
    told = phone.event("run_failed", run.id, ago=LONG_AGO, reason="breakdown", needs=[])
    assert phone.outcomes(told) == ["applied"]
    session.expire_all()
    assert [stop.reason for stop in left] == ["breakdown"] * 2
    assert (ended.state, run.state) == (StopState.pending, RunState.underway)
    (ending,) = clocks(session)
    settle_event(session, ending.id, ending.received_at + LATER)
    session.expire_all()
    assert (ended.state, run.state) == (StopState.done, RunState.done)


def test_one_damaged_item_goes_back_and_its_cash_is_not_due(
    session: Session, courier: Courier, phone: Phone, now: datetime
) -> None:
    kept = a_ready_job(session, now, cash_due_fen=259900)
    broken = a_ready_job(session, now, cash_due_fen=40000)
    (stop,) = a_run_underway(session, courier, now).stops
    told = [phone.event("check", stop.id, code=code, ago=LONG_AGO) for code in CHECKS]
    told += [
        phone.event("item_failed", stop.id, ago=LONG_AGO, job_id=str(broken.id), reason="damaged"),
        phone.event("cash", stop.id, ago=LONG_AGO, fen=259900),
    ]
    assert phone.outcomes(*told, done(phone, stop, told, ago=LONG_AGO))[-1] == "applied"
    session.expire_all()
    assert (kept.state, broken.state, broken.reason) == (JobState.done, JobState.ready, "damaged")
    assert stop.proof is not None
    assert stop.proof.cash_fen == 259900


def test_what_is_not_whole_is_refused_at_once_and_can_be_done_again(
    session: Session, phone: Phone, stop: Stop
) -> None:
    told = evidence(phone, stop, cash_fen=259899)
    (*_, short) = phone.send(*told, done(phone, stop, told))
    assert (short["outcome"], short["reason"]) == ("refused", "delivery.cash")
    assert short["sentence"] == "这一站应收现金 2,599.00 元，请收齐后再提交"
    session.refresh(stop)
    assert (stop.state, session.scalar(select(func.count()).select_from(Proof))) == (StopState.pending, 0)
    assert {job.state for job in stop.jobs} == {JobState.underway}
    right = phone.event("cash", stop.id, fen=259900)
    told = [*(event for event in told if event["kind"] != "cash"), right]
    assert phone.outcomes(right, done(phone, stop, told)) == ["applied", "open"]


def test_cash_is_booked_before_it_is_handed_in(
    session: Session, client: Browser, phone: Phone, stop: Stop
) -> None:
    told = evidence(phone, stop)
    phone.send(*told, done(phone, stop, told))
    assert client.submit("/courier/cash/hand-in").status_code == 303
    session.refresh(stop)
    assert stop.state is StopState.done
    assert "刚刚定下 1 站" in client.get("/courier/cash").text


def test_a_stop_that_was_ended_on_the_plain_page_is_a_conflict(phone: Phone, stop: Stop) -> None:
    assert phone.browser.submit(f"/courier/stops/{stop.id}/failed", {"reason": "refused"}).status_code == 303
    told = phone.event("failed", stop.id, reason="nobody_home", needs=[])
    assert phone.outcomes(told) == ["conflict"]


def test_what_is_not_his_is_not_found_and_changes_nothing(
    session: Session, client: Browser, stop: Stop, now: datetime
) -> None:
    other = a_courier(session, now)
    client.become(session.get_one(Account, other.account_id))
    phone = Phone(client)
    told = [
        phone.event("failed", stop.id, reason="nobody_home", needs=[]),
        phone.event("start", stop.run_id),
        phone.event("check", new_id(), code="level"),
    ]
    assert {(row["outcome"], row["reason"]) for row in phone.send(*told)} == {("refused", "sync.not_found")}
    assert client.get("/courier/day.json").json["runs"] == []
    session.refresh(stop)
    assert stop.state is StopState.pending


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("nonsense", {}),
        ("check", {}),
        ("check", {"code": 5}),
        ("check", {"code": "x" * 301}),
        ("serial", {"number": "a\x00b"}),
        ("serial", {"number": "\ud800"}),
        ("cash", {"fen": -1}),
        ("cash", {"fen": 2**70}),
        ("cash", {"fen": True}),
        ("photo", {}),
        ("photo", {"jpeg": "***"}),
        ("signature", {"strokes": [[1, 2, 3, 4000]]}),
        ("failed", {"reason": "no_such_reason"}),
        ("done", {"recipient": "王秀英"}),
        ("done", {"recipient": "self", "needs": ["x"]}),
        ("arrive", {"lat": 91, "lon": 0}),
        ("undo", {"of": "x"}),
    ],
)
def test_what_has_not_its_shape_is_refused_alone(
    session: Session, phone: Phone, stop: Stop, kind: str, data: dict
) -> None:
    odd = phone.event(kind, stop.id, **data)
    good = phone.event("arrive", stop.id)
    assert [(row["outcome"], row["reason"]) for row in phone.send(odd, good)] == [
        ("refused", "sync.shape"),
        ("applied", None),
    ]
    assert session.scalars(select(CourierEvent.kind)).all() == ["arrive"]


def test_a_photo_that_is_none_is_refused_and_kept_as_such(session: Session, phone: Phone, stop: Stop) -> None:
    odd = phone.event("photo", stop.id, jpeg=base64.b64encode(b"no photo").decode())
    (answer,) = phone.send(odd)
    assert (answer["outcome"], answer["reason"]) == ("refused", "photo.unreadable")


@pytest.mark.parametrize("body", [[], {}, {"device_id": "x", "sent_at": "x", "events": []}, "text"])
def test_a_body_that_is_none_is_a_bad_request(phone: Phone, body: object) -> None:
    assert phone.post(body).status_code == 400


def test_more_than_a_hundred_events_are_too_many_at_once(phone: Phone, stop: Stop) -> None:
    many = [phone.event("arrive", stop.id) for _ in range(101)]
    body = {"device_id": phone.device_id, "sent_at": phone.clock.isoformat(), "events": many}
    assert phone.post(body).status_code == 400


def test_numbers_are_masked_in_the_day_until_the_run_starts(
    session: Session, client: Browser, courier: Courier, phone: Phone, now: datetime
) -> None:
    a_ready_job(session, now, cash_due_fen=100)
    batch = a_planned_batch(session, now)
    assert client.get("/courier/day.json").json["runs"] == []
    release_batch(session, "610924", batch.id, now)
    (run,) = batch.runs
    before = client.get("/courier/day.json")
    assert "13912345678" not in before.text
    assert before.headers["Cache-Control"] == "private, no-store"
    assert phone.outcomes(phone.event("start", run.id), phone.event("start", run.id)) == [
        "applied",
        "duplicate",
    ]
    (stop,) = client.get("/courier/day.json").json["runs"][0]["stops"]
    assert (stop["phone"], stop["may_call"], stop["cash_due_fen"]) == ("13912345678", True, 100)
    assert [check["code"] for check in stop["checks"]] == list(CHECKS)
    assert (stop["jobs"][0]["pieces"], stop["people"], stop["skills"]) == (1, 2, ["安装"])


def test_events_hold_no_names(session: Session, phone: Phone, stop: Stop) -> None:
    told = evidence(phone, stop)
    phone.send(*told, done(phone, stop, told))
    kept = str([row.payload for row in session.scalars(select(CourierEvent))])
    people = session.execute(select(Job.recipient_name, Job.recipient_phone, Job.address_text)).all()
    assert [text for row in people for text in row if text in kept] == []


def test_the_shell_holds_nobodys_name_and_the_worker_keeps_only_what_exists(
    client: Browser, stop: Stop
) -> None:
    shell = client.get("/courier/app").text
    assert "王秀英" not in shell
    assert "康大山" not in shell
    assert 'csrf_token" value=""' in shell
    worker = client.get("/courier/sw.js")
    assert worker.mimetype == "text/javascript"
    assert "SHELL_OF_THIS_VERSION" not in worker.text
    kept = worker.text.split('"kept": [')[1].split("]")[0].replace('"', "").split(", ")
    assert {client.get(path).status_code for path in kept} == {200}


def test_the_script_is_small(client: Browser, courier: Courier) -> None:
    kept = client.get("/courier/sw.js").text.split('"kept": [')[1].split("]")[0].replace('"', "").split(", ")
    gzipped = {"Accept-Encoding": "gzip"}
    scripts = [
        client.get(path, headers=gzipped) for path in (*kept, "/courier/sw.js") if path.endswith(".js")
    ]
    assert {answer.headers.get("Content-Encoding") for answer in scripts} == {"gzip"}
    assert sum(len(answer.data) for answer in scripts) <= 25 * 1024


@pytest.mark.parametrize(("wipe", "cleared"), [("cache", '"cache"'), ("storage", '"cache", "storage"')])
def test_signing_out_clears_the_phone_and_spares_what_was_not_sent(
    client: Browser, courier: Courier, wipe: str, cleared: str
) -> None:
    left = client.submit("/account/sign-out", {"wipe": wipe})
    assert (left.status_code, left.headers["Clear-Site-Data"]) == (303, cleared)
    assert client.get("/courier/day.json").status_code == 303


def test_signing_out_without_a_script_clears_all(client: Browser, courier: Courier) -> None:
    assert client.submit("/account/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_lost_role_is_told_by_not_found(
    client: Browser, session: Session, stop: Stop, now: datetime
) -> None:
    client.become(an_account(session, now))
    assert client.get("/courier/day.json").status_code == 404
    phone = Phone(client)
    body = {"device_id": phone.device_id, "sent_at": phone.clock.isoformat(), "events": []}
    assert phone.post(body).status_code == 404
    assert "Clear-Site-Data" not in client.submit("/account/sign-out").headers


def test_an_ending_that_its_stop_does_not_bear_out_is_found(
    session: Session, phone: Phone, stop: Stop
) -> None:
    told = evidence(phone, stop, ago=LONG_AGO)
    phone.send(*told, done(phone, stop, told, ago=LONG_AGO))
    assert list(breaks(session)) == []
    session.execute(update(Stop).where(Stop.id == stop.id).values(state=StopState.pending))
    (found,) = breaks(session)
    assert found.startswith(f"stop {stop.id}: told done by ")


def test_a_signature_is_shown_with_the_proof_unless_it_was_wiped_away(
    client: Browser, phone: Phone, stop: Stop
) -> None:
    told = evidence(phone, stop, ago=LONG_AGO)
    wiped = [phone.event("signature", stop.id, ago=LONG_AGO, strokes=[[1, 2, 3, 4]])]
    wiped.append(phone.event("signature", stop.id, ago=LONG_AGO, on=False))
    signed = phone.event("signature", stop.id, ago=LONG_AGO, strokes=[[10, 20, 30, 40]])
    told.append(signed)
    assert set(phone.outcomes(*wiped, *told, done(phone, stop, told, ago=LONG_AGO))) == {"applied"}
    page = client.get(f"/courier/stops/{stop.id}").text
    assert 'points="10 20 30 40"' in page
    assert 'points="1 2 3 4"' not in page


def test_the_shell_speaks_english_and_is_another_one_then(
    session: Session, client: Browser, courier: Courier
) -> None:
    before = client.get("/courier/day.json").json["shell"]
    session.get_one(Account, courier.account_id).locale = "en"
    session.commit()
    shell = client.get("/courier/app").text
    assert "%(n)s not sent yet" in shell
    after = client.get("/courier/day.json").json["shell"]
    assert before != after
    assert f'data-shell="{after}"' in shell


def test_the_shell_has_large_letters_where_the_phone_does_and_is_another_one_then(
    client: Browser, courier: Courier
) -> None:
    before = client.get("/courier/day.json").json["shell"]
    client.submit("/reading", {"px": "26"})
    shell = client.get("/courier/app").text
    assert 'class="elder size-26"' in shell
    assert "/static/elder.css" in shell
    after = client.get("/courier/day.json").json["shell"]
    assert before != after
    assert f'data-shell="{after}"' in shell
    assert "/static/elder.css" in client.get("/courier/sw.js").text
