"""The operator's board: a plan seen, changed, locked, printed, and followed on the road."""

import gzip
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.drive import fail_stop, start_run
from market.delivery.fail_run import fail_run
from market.delivery.jobs import create_job
from market.delivery.models import (
    Batch,
    BatchState,
    Courier,
    CourierEvent,
    EventKind,
    EventOutcome,
    Job,
    Run,
    Vehicle,
)
from market.delivery.plan_batch import plan_batch, release_batch
from market.delivery.planner import Progress
from market.delivery.queries import next_day, record_progress
from market.kernel import clock
from market.kernel.clock import local
from market.kernel.ids import new_id
from market.places.rules import Position
from market.web.county.batches import MOST_STOPS
from market.web.county.map import View
from market.web.run_sheets import labels, loading_list, stop_sheet
from tests.builders.delivery import DAY, a_courier, a_planned_batch, a_ready_job, a_request
from tests.builders.people import an_operator
from tests.builders.places import a_county, a_station
from tests.builders.web import Browser, hidden

COUNTY = "610924"


@pytest.fixture
def operator(client: Browser, session: Session, now: datetime) -> Browser:
    client.become(an_operator(session, now))
    return client


def _batch(session: Session, now: datetime, stops: int = 3, **changes: object) -> Batch:
    """Two trucks, and so many doors planned for one of them."""
    a_courier(session, now)
    a_courier(session, now)
    for n in range(stops):
        a_ready_job(
            session, now, recipient_phone=f"139123456{n:02d}", position=Position(32.55 + n / 1000, 108.46),
            address_text=f"紫阳县焕古镇大连村三组 {n} 号", service_seconds=300, **changes,
        )  # fmt: skip
    return a_planned_batch(session, now)


def _url(batch: Batch) -> str:
    return f"/county/batches/{batch.id}"


def _idle(session: Session, batch: Batch) -> str:
    used = {run.vehicle_id for run in batch.runs}
    return next(str(it.vehicle_id) for it in session.scalars(select(Courier)) if it.vehicle_id not in used)


def test_the_filling_batch_shows_its_load_against_the_fleet_and_every_reason(
    operator: Browser, session: Session, now: datetime
) -> None:
    a_courier(session, now)
    create_job(session, a_request(), now)
    a_ready_job(session, now)
    a_ready_job(session, now, weight_grams=20_500)
    page = operator.get("/county/batches").text
    assert "重 85.5 公斤；全部车一趟装 1500 公斤" in page
    assert "体积 800 升；全部车一趟装 15000 升" in page
    assert "已在中心，等下一次截单 · 2 件" in page
    assert "店铺还没把货交到中心 · 1 件" in page


def test_what_waits_for_a_fuller_day_says_until_when(
    operator: Browser, session: Session, now: datetime
) -> None:
    a_courier(session, now)
    day = clock.local_date(clock.now()) + timedelta(days=30)
    a_ready_job(session, now, promised_on=day, position=Position(32.2, 108.0))
    batch = a_planned_batch(session, now)
    for path in ("/county/batches", _url(batch)):
        page = operator.get(path).text
        assert "不急，等人多的一天" in page
        assert f"最晚 {day.year}年{day.month}月{day.day}日" in page


def test_a_job_left_out_says_what_was_needed_and_what_would_help(
    operator: Browser, session: Session, now: datetime
) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    a_ready_job(session, now, weight_grams=1_600_000, recipient_phone="13912345679")
    page = operator.get(_url(a_planned_batch(session, now))).text
    assert "太重，没有车装得动" in page
    assert "这一站 1600 公斤，最大的车装 1500 公斤：借一辆大车" in page


def test_a_day_is_closed_and_opened_again(operator: Browser, session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    county = a_county(session)
    day = next_day(county, clock.now())
    for wrong, text in (("", "请选一天"), ("2020-01-01", "请选今天以后的一天")):
        answer = operator.submit("/county/batches/closed-days", {"day": wrong})
        assert (answer.status_code, county.closed_days) == (422, [])
        assert f'id="day-error">{text}' in answer.text
    assert operator.submit("/county/batches/closed-days", {"day": day.isoformat()}).status_code == 303
    session.refresh(county)
    assert county.closed_days == [day.isoformat()]
    assert "中心放假 · 1 件" in operator.get("/county/batches").text
    assert operator.submit("/county/batches/closed-days/open", {"day": day.isoformat()}).status_code == 303
    session.refresh(county)
    assert county.closed_days == []
    assert operator.submit("/county/batches/closed-days/open", {"day": "x"}).status_code == 404


def test_planning_shows_how_the_cost_fell(operator: Browser, session: Session, now: datetime) -> None:
    batch = _batch(session, now)
    batch.state = BatchState.closed
    for share, cost_fen in ((0.1, 900_00), (0.6, 700_00)):
        record_progress(session, batch.id, Progress(share, cost_fen, 0), now)
    page = operator.get(_url(batch)).text
    assert "成本从 ¥900.00 降到 ¥700.00" in page
    assert '<polyline points="30,0 180,60"/>' in page


def test_the_map_shows_hub_stations_and_each_run_and_is_moved_by_links(
    operator: Browser, session: Session, now: datetime
) -> None:
    a_station(session)
    batch = _batch(session, now)
    answer = operator.get(f"{_url(batch)}/map.svg?zoom=2&x=0.1&y=0.9")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert 'viewBox="0.0 240.0 360.0 240.0"' in answer.text
    assert answer.text.count("<circle") == 3
    assert "王秀英" not in answer.text
    page = operator.get(f"{_url(batch)}?zoom=2&x=0.5&y=0.5").text
    assert f"{_url(batch)}?zoom=4&amp;x=0.500&amp;y=0.500#map" in page
    assert f"{_url(batch)}?zoom=2&amp;x=0.750&amp;y=0.500#map" in page
    assert operator.get(f"{_url(batch)}/map.svg?zoom=nan&x=inf&y=words").status_code == 200


def test_the_map_of_a_large_batch_shows_every_stop(
    operator: Browser, session: Session, now: datetime
) -> None:
    batch = _batch(session, now, stops=MOST_STOPS + 10)
    stops = sum(len(run.stops) for run in batch.runs)
    answer = operator.get(f"{_url(batch)}/map.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.text.count("<circle") == stops > MOST_STOPS
    assert ElementTree.fromstring(answer.text).tag.endswith("svg")


def test_a_view_never_leaves_the_map() -> None:
    assert View(99, -1, 2) == View(16, 0.03125, 0.96875)
    assert View(0.1).box == "0.0 0.0 720.0 480.0"
    assert View(2, 0.5, 0.5).moved(5, 0) == View(2, 0.75, 0.5)


def test_a_stop_is_moved_by_a_form_seen_first_and_saved_once(
    operator: Browser, session: Session, now: datetime
) -> None:
    batch = _batch(session, now)
    stop, idle = batch.runs[0].stops[0], _idle(session, batch)
    form = operator.get(f"{_url(batch)}/move?stop={stop.id}").text
    assert stop.jobs[0].address_text in form
    assert "就这样改" not in form
    asked = f"stop={stop.id}&vehicle={idle}&trip=1&position=1"
    page = operator.get(f"{_url(batch)}/move?{asked}").text
    assert "多花" in page
    assert "载重、容积、人手、证件、时间都没问题" in page
    fields = hidden(page, "plan")
    assert operator.post(f"{_url(batch)}/move", data=fields).status_code == 303
    assert operator.post(f"{_url(batch)}/move", data=fields).status_code == 303
    session.refresh(batch)
    assert (batch.plan_number, len(batch.runs)) == (2, 2)
    session.refresh(stop)
    assert str(stop.run.vehicle_id) == idle


def test_what_breaks_a_rule_is_said_and_cannot_be_saved(
    operator: Browser, session: Session, now: datetime
) -> None:
    weak = a_courier(session, now, people=1, skills=[])
    batch = _batch(session, now)
    stop = batch.runs[0].stops[0]
    asked = {"stop": str(stop.id), "vehicle": str(weak.vehicle_id), "trip": "1", "position": "1"}
    page = operator.get(f"{_url(batch)}/move", query_string=asked).text
    assert "要 2 人，这辆车 1 人" in page
    assert "要会安装的人，这辆车上没有" in page
    assert "就这样改" not in page
    answer = operator.submit(f"{_url(batch)}/move", {**asked, "plan": "1"})
    assert (answer.status_code, batch.plan_number) == (422, 1)
    assert "没有保存" in answer.text


def test_a_slower_operator_is_told_and_keeps_what_was_typed(
    operator: Browser, session: Session, now: datetime
) -> None:
    batch = _batch(session, now)
    stop, here = batch.runs[0].stops[0], str(batch.runs[0].vehicle_id)
    asked = {"stop": str(stop.id), "vehicle": here, "trip": "1", "position": "3"}
    answer = operator.submit(f"{_url(batch)}/move", {**asked, "plan": "7"})
    assert (answer.status_code, batch.plan_number) == (422, 1)
    assert "别人刚改过这个方案" in answer.text
    assert re.search(r'name="position"[^>]*value="3"', answer.text)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [("trip", "3", "趟次请填 1 到"), ("position", "9", "次序请填 1 到"), ("position", "", "请填次序")],
)
def test_a_place_that_is_not_there_is_said_by_its_field(
    operator: Browser, session: Session, now: datetime, field: str, value: str, text: str
) -> None:
    batch = _batch(session, now)
    stop, here = batch.runs[0].stops[0], str(batch.runs[0].vehicle_id)
    asked = {"stop": str(stop.id), "vehicle": here, "trip": "1", "position": "1", field: value}
    answer = operator.get(f"{_url(batch)}/move", query_string=asked)
    assert answer.status_code == 422
    assert re.search(rf'id="{field}-error">{text}', answer.text)


def test_a_stop_is_left_at_the_hub_and_put_on_a_run_again(
    operator: Browser, session: Session, now: datetime
) -> None:
    batch = _batch(session, now)
    (job,) = batch.runs[0].stops[1].jobs
    asked = {"stop": str(job.stop_id), "vehicle": "out", "trip": "", "position": ""}
    assert "就这样改" in operator.get(f"{_url(batch)}/move", query_string=asked).text
    assert operator.submit(f"{_url(batch)}/move", {**asked, "plan": "1"}).status_code == 303
    session.refresh(job)
    assert (job.state, job.reason) == ("ready", "taken_out")
    page = operator.get(_url(batch)).text
    assert "从方案里拿下来的" in page
    assert f"/move?stop={job.id}" in page
    again = {"stop": str(job.id), "vehicle": _idle(session, batch), "trip": "1", "position": "1", "plan": "2"}
    assert operator.submit(f"{_url(batch)}/move", again).status_code == 303
    session.refresh(job)
    assert job.state == "batched"


def test_a_run_changes_its_vehicle(operator: Browser, session: Session, now: datetime) -> None:
    batch = _batch(session, now)
    asked = {"run": str(batch.runs[0].id), "vehicle": _idle(session, batch)}
    page = operator.get(f"{_url(batch)}/move", query_string=asked).text
    assert "成本不变" in page
    assert operator.submit(f"{_url(batch)}/move", {**asked, "plan": "1"}).status_code == 303
    session.refresh(batch)
    assert [str(run.vehicle_id) for run in batch.runs] == [asked["vehicle"]]


def test_a_run_and_a_stop_are_locked_and_the_rest_is_planned_again(
    operator: Browser, session: Session, now: datetime
) -> None:
    batch = _batch(session, now)
    run = batch.runs[0]
    for kind, thing in (("run", run), ("stop", run.stops[0])):
        for locked in ("1", "0", "1"):
            told = {kind: str(thing.id), "locked": locked}
            assert operator.submit(f"{_url(batch)}/lock", told).status_code == 303
            session.refresh(thing)
            assert thing.is_locked is (locked == "1")
    assert operator.submit(f"{_url(batch)}/plan-again", {"plan": "1"}).status_code == 303
    session.refresh(batch)
    assert batch.state is BatchState.closed
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    assert (batch.state, [it.id for it in batch.runs]) == (BatchState.planned, [run.id])


@pytest.mark.parametrize("path", ["move?run={run}", "move?stop={stop}", "map.svg", "runs/{run}/loading.pdf"])
def test_another_countys_board_is_not_found(
    client: Browser, session: Session, now: datetime, path: str
) -> None:
    batch = _batch(session, now)
    client.become(an_operator(session, now, "610728"))
    run = batch.runs[0]
    url = f"{_url(batch)}/{path.format(run=run.id, stop=run.stops[0].id)}"
    assert client.get(url).status_code == 404
    for post in ("move", "lock", "plan-again", "rest"):
        told = {"stop": str(run.stops[0].id), "vehicle": "out", "locked": "1", "plan": "1"}
        assert client.submit(f"{_url(batch)}/{post}", told).status_code == 404
    assert (batch.state, batch.plan_number, run.stops[0].is_locked) == (BatchState.planned, 1, False)


def test_a_released_run_is_held_against_its_plan(
    operator: Browser, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = _batch(session, now)
    release_batch(session, COUNTY, batch.id, now)
    (run,) = batch.runs
    courier = session.get_one(Courier, run.courier_id)
    start_run(session, courier, run.id, run.depart_at)
    first, second, _ = run.stops
    then = first.leave_at + timedelta(minutes=30)
    fail_stop(session, courier, first.id, "nobody_home", then)
    monkeypatch.setattr(clock, "now", lambda: then)
    page = operator.get(_url(batch)).text
    assert "有 2 站会比计划晚一刻钟以上" in page
    expected = clock.local(second.arrive_at + timedelta(minutes=30)).strftime("%H:%M")
    assert f"预计 {expected} 到" in page
    assert "晚 30 分" in page
    assert "家里没人，电话也没接" in page
    assert "已了结 1 / 3 站" in page


def test_after_a_breakdown_one_button_plans_the_rest(
    operator: Browser, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = _batch(session, now)
    release_batch(session, COUNTY, batch.id, now)
    (run,) = batch.runs
    courier = session.get_one(Courier, run.courier_id)
    start_run(session, courier, run.id, run.depart_at)
    session.add(
        CourierEvent(
            id=new_id(), courier_id=courier.id, event_id=new_id(), device_id=new_id(), sequence=1,
            kind=EventKind.run_failed, run_id=run.id, payload={"reason": "breakdown"},
            recorded_at=run.depart_at, received_at=run.depart_at, outcome=EventOutcome.applied, details={},
        )
    )  # fmt: skip
    fail_run(session, courier, run.id, "breakdown", run.depart_at)
    then = run.depart_at + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: then)
    page = operator.get(_url(batch)).text
    assert "3 件没送到" in page
    assert "整个车次" in page
    answer = operator.submit(f"{_url(batch)}/rest")
    wave = session.scalars(select(Batch).where(Batch.wave == 2)).one()
    assert answer.location == _url(wave)
    assert (wave.day, wave.state) == (DAY, BatchState.closed)
    assert set(session.scalars(select(Job.batch_id))) == {wave.id}
    plan_batch(session, wave.id, then, cpu_seconds=0.5)
    assert [it.vehicle_id != run.vehicle_id for it in wave.runs] == [True]
    assert operator.submit(f"{_url(batch)}/rest").status_code == 409


_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _NAMED.get(code, code)


def _pages(app: Flask, make: Callable[..., bytes], run: Run) -> list[str]:
    """What each page of the PDF says, in the order in which it is drawn."""
    with app.test_request_context():
        made = make(run, compress=False)
        assert make(run, compress=False) == made
    streams = re.findall(rb"stream\r?\n(.*?)endstream", made, re.DOTALL)
    shown = ([_ESCAPED.sub(_unescaped, it) for it in _SHOWN.findall(stream)] for stream in streams)
    texts = ["".join(it.decode("utf-16-be") for it in page) for page in shown]
    return [text for text in texts if text]


def test_the_loading_list_is_the_stops_backwards_without_what_is_collected(
    app: Flask, session: Session, now: datetime
) -> None:
    batch = _batch(session, now)
    a_ready_job(session, now, kind="collect")
    (run,) = batch.runs
    (page,) = _pages(app, loading_list, run)
    numbers = [stop.jobs[0].order_number for stop in run.stops]
    places = [page.index(number) for number in numbers]
    assert places == sorted(places, reverse=True)
    assert "第 1 趟：共 195 公斤，1200 升" in page
    assert "装车单" in page


def test_the_stop_sheet_is_in_order_and_masks_who_lives_there(
    app: Flask, session: Session, now: datetime
) -> None:
    batch = _batch(session, now, cash_due_fen=100_00)
    (run,) = batch.runs
    (page,) = _pages(app, stop_sheet, run)
    places = [page.index(f"三组 {stop.jobs[0].address_text.split()[1]} 号") for stop in run.stops]
    assert places == sorted(places)
    assert "合计应收现金 300.00 元" in page
    assert "王＊＊" in page
    assert "王秀英" not in page
    assert "两人搬" in page


def test_the_break_overtime_and_agreed_hours_are_on_the_board_and_on_paper(
    app: Flask, operator: Browser, session: Session, now: datetime
) -> None:
    courier = a_courier(session, now)
    session.get_one(Vehicle, courier.vehicle_id).regular_seconds = 6 * 3600
    for n, hours in enumerate(({"earliest": time(8), "latest": time(12)}, {})):
        a_ready_job(session, now, recipient_phone=f"1391234567{n}", service_seconds=3 * 3600, **hours)
    batch = a_planned_batch(session, now)
    (run,) = batch.runs
    assert run.break_at
    page = operator.get(_url(batch)).text
    assert page.count(f"{local(run.break_at):%H:%M} 休息 30 分钟") == 1
    assert f"；正常 6.0 小时，加班 {run.overtime_seconds / 3600:.1f} 小时" in page
    assert page.count("约 08:00–12:00") == 1
    (paper,) = _pages(app, stop_sheet, run)
    assert paper.count("休息 30 分钟") == 1
    assert paper.count("约 08:00–12:00") == 1


def test_there_is_a_label_for_each_thing_in_the_order_of_loading(
    app: Flask, operator: Browser, session: Session, now: datetime
) -> None:
    batch = _batch(session, now, stops=5, items=(("禾润滚筒洗衣机", 2),))
    (run,) = batch.runs
    pages = _pages(app, labels, run)
    assert [page.count("禾润滚筒洗衣机") for page in pages] == [8, 2]
    assert "第 1 趟 5 站" in pages[0]
    assert "第 1 趟 1 站" in pages[1]
    assert "2/2" in pages[1]
    for sheet in ("loading", "stops", "labels"):
        answer = operator.get(f"{_url(batch)}/runs/{run.id}/{sheet}.pdf")
        assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert operator.get(f"{_url(batch)}/runs/{run.id}/other.pdf").status_code == 404
    assert operator.get(f"{_url(batch)}/runs/{new_id()}/labels.pdf").status_code == 404


@pytest.mark.parametrize("state", [BatchState.planned, BatchState.released])
@pytest.mark.parametrize("stops", [60, 61])
def test_a_board_of_sixty_stops_is_light_and_a_larger_one_shows_run_by_run(
    operator: Browser, session: Session, now: datetime, state: BatchState, stops: int
) -> None:
    batch = _batch(session, now, stops=stops, people=1, weight_grams=5_000)
    if state is BatchState.released:
        release_batch(session, COUNTY, batch.id, now)
    css = len(gzip.compress(operator.get("/static/app.css").data))
    page = operator.get(_url(batch))
    run = batch.runs[0]
    opened = operator.get(f"{_url(batch)}?run={run.id}")
    assert (f"看 {len(run.stops)} 站" in page.text) is (stops > 60)
    assert opened.text.count("三组") >= len(run.stops)
    for answer in (page, opened):
        assert len(gzip.compress(answer.data)) + css <= 14 * 1024
