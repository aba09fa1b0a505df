"""A batch says by which roads it was planned."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from market.delivery.batch_roads import off_road_jobs, roads_of
from market.places.roads.load import load_roads
from market.places.roads.snap import OffRoad
from market.places.rules import Position
from tests.builders.delivery import a_courier, a_planned_batch, a_ready_job
from tests.builders.extracts import HUB, north, write_extract
from tests.builders.people import an_operator
from tests.builders.places import a_county
from tests.builders.web import Browser

NEAR, FAR = Position(*north(1_000)), Position(*north(4_000))


def load(session: Session, folder: Path, now: datetime, dated: str | None = "2026-10-01T00:00:00Z") -> None:
    road = [((1, 2), {"highway": "tertiary"})]
    file = write_extract(folder / "ziyang.osm.pbf", {1: HUB, 2: north(1_000)}, road, dated=dated)
    load_roads(session, a_county(session), file, now)


def test_runs_are_planned_over_the_countys_roads(session: Session, tmp_path: Path, now: datetime) -> None:
    a_courier(session, now)
    load(session, tmp_path, now)
    a_ready_job(session, now, position=NEAR)
    batch = a_planned_batch(session, now)
    (run,) = batch.runs
    (stop,) = run.stops
    assert run.meters == 2_000
    assert (stop.arrive_at - run.depart_at).total_seconds() == 120
    roads = roads_of(session, batch.id)
    assert roads is not None
    assert (roads.source, roads.off_road) == ("ziyang.osm.pbf", {})


def test_runs_are_planned_by_the_estimate_where_no_roads_are_loaded(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now, position=NEAR)
    batch = a_planned_batch(session, now)
    assert batch.runs[0].meters == 3_200
    roads = roads_of(session, batch.id)
    assert roads is not None
    assert (roads.source, roads.detour_factor, roads.speed_kmh) == (None, Decimal("1.60"), 30)


def test_a_job_off_the_net_is_planned_and_told(session: Session, tmp_path: Path, now: datetime) -> None:
    a_courier(session, now)
    load(session, tmp_path, now)
    a_ready_job(session, now, position=NEAR)
    off = a_ready_job(session, now, position=FAR, address_text="焕古镇山上 1 号")
    batch = a_planned_batch(session, now)
    assert batch.runs[0].meters == 11_600
    roads = roads_of(session, batch.id)
    assert roads is not None
    assert off_road_jobs(session, roads) == [(off, OffRoad.far, 3_000)]


def test_the_page_says_the_roads_their_date_and_whose_they_are_and_lists_who_is_off_them(
    client: Browser, session: Session, tmp_path: Path, now: datetime
) -> None:
    a_courier(session, now)
    load(session, tmp_path, now)
    a_ready_job(session, now, position=FAR, address_text="焕古镇山上 1 号")
    batch = a_planned_batch(session, now)
    client.become(an_operator(session, now))
    page = client.get(f"/county/batches/{batch.id}").text
    assert "路程和时间按道路网计算（数据日期：2026年10月1日" in page
    assert "© OpenStreetMap contributors, ODbL" in page
    assert "离最近的路 3.0 公里" in page
    assert "直线距离×1.60、" not in page


def test_a_batch_that_is_not_planned_yet_says_nothing_of_roads(
    client: Browser, session: Session, now: datetime
) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    client.become(an_operator(session, now))
    assert "路程和时间按" not in client.get(client.submit("/county/batches/close").location).text


def test_an_estimated_batch_says_so(client: Browser, session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_ready_job(session, now)
    batch = a_planned_batch(session, now)
    client.become(an_operator(session, now))
    page = client.get(f"/county/batches/{batch.id}").text
    assert "路程和时间按直线距离×1.60、每小时 30 公里估计，不是实际道路" in page
    assert "OpenStreetMap" not in page
