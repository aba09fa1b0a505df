"""The courier's phone: the sheet, a stop with its proof, a stop that failed."""

import io
from datetime import datetime, time

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from market.delivery.jobs import cancel_job
from market.delivery.models import Courier, JobState, Stop, StopState
from market.delivery.plan_batch import release_batch
from market.kernel.clock import local
from market.kernel.ids import new_id
from market.people.models import Account
from tests.builders.delivery import a_courier, a_planned_batch, a_ready_job, a_run_underway
from tests.builders.people import an_account
from tests.builders.web import Browser

CHECKS = ["level", "earthing", "shown"]


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


def _photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "green").save(out, "JPEG")
    out.seek(0)
    return out


def test_the_sheet_is_for_couriers_only(client: Browser, session: Session, now: datetime) -> None:
    assert client.get("/courier/").status_code == 303
    client.become(an_account(session, now))
    assert client.get("/courier/").status_code == 404


def test_a_free_day_says_so(client: Browser, courier: Courier) -> None:
    assert "还没有派给您的车次" in client.get("/courier/").text


def test_names_are_there_before_the_start_and_phones_only_after_it(
    client: Browser, session: Session, courier: Courier, now: datetime
) -> None:
    a_ready_job(session, now)
    batch = a_planned_batch(session, now)
    assert "王秀英" not in client.get("/courier/").text
    release_batch(session, "610924", batch.id, now)
    (run,) = batch.runs
    page = f"/courier/stops/{run.stops[0].id}"
    before = client.get(page).text
    assert "139****5678" in before
    assert "13912345678" not in before
    assert client.submit(f"/courier/runs/{run.id}/start").status_code == 303
    assert "tel:13912345678" in client.get(page).text


def test_a_stop_is_delivered_with_its_proof(client: Browser, session: Session, stop: Stop) -> None:
    page = client.get(f"/courier/stops/{stop.id}").text
    assert "2,599.00" in page
    assert "收走旧家电" in page
    form = {"recipient_name": "王秀英", "cash": "y", "checks": CHECKS, "serial_numbers": "SN-1\n\nSN-2 "}
    form["photo"] = (_photo(), "door.jpg")
    sent = client.submit(f"/courier/stops/{stop.id}/done", form, content_type="multipart/form-data")
    assert sent.status_code == 303
    session.refresh(stop)
    assert stop.proof is not None
    assert (stop.proof.serial_numbers, stop.proof.cash_fen) == (["SN-1", "SN-2"], 259900)
    over = client.get(f"/courier/stops/{stop.id}").text
    assert "SN-2" in over
    assert client.get(f"/courier/stops/{stop.id}/photo").content_type == "image/jpeg"


def test_without_the_cash_nothing_is_delivered_and_what_was_typed_stays(
    client: Browser, session: Session, stop: Stop
) -> None:
    sent = client.submit(
        f"/courier/stops/{stop.id}/done", {"recipient_name": "李桂花", "checks": CHECKS, "serial_numbers": ""}
    )
    assert sent.status_code == 422
    assert "应收现金 2,599.00 元" in sent.text
    assert "李桂花" in sent.text
    session.refresh(stop)
    assert stop.state is StopState.pending


def test_a_file_that_is_no_photo_gets_a_sentence(client: Browser, stop: Stop) -> None:
    form = {"recipient_name": "王秀英", "cash": "y", "checks": CHECKS}
    form["photo"] = (io.BytesIO(b"not a photo"), "door.jpg")
    sent = client.submit(f"/courier/stops/{stop.id}/done", form, content_type="multipart/form-data")
    assert sent.status_code == 422
    assert "照片打不开" in sent.text


def test_news_of_a_stop_that_was_canceled_meanwhile_shows_how_it_ended(
    client: Browser, session: Session, courier: Courier, now: datetime
) -> None:
    job = a_ready_job(session, now)
    (stop,) = a_run_underway(session, courier, now).stops
    cancel_job(session, job.reference, now)
    for news, typed in (("done", {"recipient_name": ""}), ("failed", {"reason": ""})):
        sent = client.submit(f"/courier/stops/{stop.id}/{news}", typed)
        assert (sent.status_code, "没送成：已取消" in sent.text) == (422, True)
    session.refresh(stop)
    assert (stop.state, stop.reason, stop.jobs) == (StopState.failed, "canceled", [])


def test_the_same_post_twice_has_one_effect(client: Browser, session: Session, stop: Stop) -> None:
    form = {"reason": "nobody_home", "Idempotency-Key": str(new_id())}
    first = client.submit(f"/courier/stops/{stop.id}/failed", form)
    again = client.submit(f"/courier/stops/{stop.id}/failed", form)
    assert (first.status_code, again.status_code) == (303, 303)
    session.refresh(stop)
    assert stop.reason == "nobody_home"
    assert {job.state for job in stop.jobs} == {JobState.ready}


def test_a_failure_without_a_reason_is_asked_for_one(client: Browser, stop: Stop) -> None:
    sent = client.submit(f"/courier/stops/{stop.id}/failed", {})
    assert sent.status_code == 422
    assert "请选没送成的原因" in sent.text


def test_another_couriers_stop_is_not_found(
    client: Browser, session: Session, stop: Stop, now: datetime
) -> None:
    client.become(session.get_one(Account, a_courier(session, now).account_id))
    assert client.get(f"/courier/stops/{stop.id}").status_code == 404
    assert client.submit(f"/courier/stops/{stop.id}/failed", {"reason": "refused"}).status_code == 404
    assert client.get(f"/courier/stops/{new_id()}").status_code == 404


def test_of_two_deliveries_one_is_refused_and_only_the_other_is_paid(
    client: Browser, session: Session, courier: Courier, now: datetime
) -> None:
    kept = a_ready_job(session, now, cash_due_fen=259900)
    unwanted = a_ready_job(session, now, cash_due_fen=40000)
    (stop,) = a_run_underway(session, courier, now).stops
    assert "收货人拒收的货" in client.get(f"/courier/stops/{stop.id}").text
    form = {"recipient_name": "王秀英", "cash": "y", "checks": CHECKS, "refused": [str(unwanted.id)]}
    everything = {**form, "refused": [str(kept.id), str(unwanted.id)]}
    answer = client.submit(f"/courier/stops/{stop.id}/done", everything)
    assert (answer.status_code, "全部拒收的" in answer.text) == (422, True)
    assert client.submit(f"/courier/stops/{stop.id}/done", form).status_code == 303
    session.expire_all()
    assert stop.proof is not None
    assert (stop.proof.cash_fen, kept.state, unwanted.state) == (259900, JobState.done, JobState.refused)


def test_cash_above_the_limit_is_refused_beside_the_cash(
    client: Browser, session: Session, courier: Courier, stop: Stop
) -> None:
    courier.cash_limit_fen = 259899
    session.flush()
    form = {"recipient_name": "王秀英", "cash": "y", "checks": CHECKS}
    answer = client.submit(f"/courier/stops/{stop.id}/done", form)
    assert (answer.status_code, "身上现金会超过 2,598.99 元" in answer.text) == (422, True)
    session.refresh(stop)
    assert stop.state is StopState.pending


def test_the_sheet_and_the_phone_show_the_break_and_the_agreed_hours(
    client: Browser, session: Session, courier: Courier, now: datetime
) -> None:
    for n, hours in enumerate(({"earliest": time(8), "latest": time(12)}, {})):
        a_ready_job(session, now, recipient_phone=f"1391234567{n}", service_seconds=3 * 3600, **hours)
    batch = a_planned_batch(session, now)
    release_batch(session, "610924", batch.id, now)
    (run,) = batch.runs
    assert run.break_at
    said = f"{local(run.break_at):%H:%M} 休息 30 分钟"
    page = client.get("/courier/").text
    assert page.count(said) == 1
    assert (
        page.index(f"/stops/{run.stops[0].id}") < page.index(said) < page.index(f"/stops/{run.stops[1].id}")
    )
    assert page.count("约 08:00–12:00") == 1
    told = client.get("/courier/day.json").get_json()["runs"][0]
    assert (told["break_at"], told["break_minutes"]) == (run.break_at.isoformat(), 30)
    assert sorted(stop["hours"] for stop in told["stops"]) == ["", "08:00–12:00"]
