"""Pages of recyclers, inspections, cases and points, at every door."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from market.collection.models import CollectionPoint, PointItem
from market.kernel import clock
from market.kernel.seal import Seal
from market.oversight.draw_inspections import SEAL_PURPOSE
from market.oversight.models import Inspection, ReportedCase
from market.recycling.models import Recycler, RecyclerDocument
from tests.builders.collection import a_point
from tests.builders.oversight import a_drawn_visit, a_published_finding
from tests.builders.people import an_account, an_address, an_operator
from tests.builders.recycling import a_photo, a_recycler, a_recycler_clerk, price_tables

COUNTY = "610924"
OPEN = f"/open/{COUNTY}"
ENTRY = {
    "name": "清流再生",
    "licence_number": "610924-HS-901",
    "scope": ["phone", "battery"],
    "address": "蒿坪镇工业路 9 号",
    "phone": "09154422001",
    "valid_from": "2020-01-01",
    "valid_to": "2099-12-31",
}


def photo():
    return io.BytesIO(a_photo()), "photo.jpg"


@pytest.fixture
def moment():
    return clock.now()


@pytest.fixture
def operator(client, session, moment):
    price_tables(session)
    account = an_operator(session, moment)
    session.commit()
    client.become(account)
    return account


@pytest.fixture
def point(session, moment):
    keeper = an_account(session, moment, name="收货人", phone="13711112222")
    today = clock.local_date(moment)
    found = a_point(session, moment, keeper.phone, opens_on=today, closes_on=today + timedelta(days=30))
    session.commit()
    return found


def test_an_operator_enters_suspends_and_reopens_a_recycler(client, session, operator):
    refused = client.submit("/county/recyclers/new", ENTRY | {"scope": [], "name": "清流再生站"})
    assert refused.status_code == 422
    assert "请选许可证上写的类别" in refused.text
    assert 'value="清流再生站"' in refused.text
    assert client.submit("/county/recyclers/new", ENTRY).location == "/county/recyclers"
    found = session.scalars(select(Recycler)).one()
    page = f"/county/recyclers/{found.id}"
    assert "请写明理由" in client.submit(f"{page}/suspend", {"reason": ""}).text
    assert client.submit(f"{page}/suspend", {"reason": "私自拆解"}).status_code == 303
    assert "原因：私自拆解" in client.get(f"{OPEN}/recyclers/{found.id}").text
    assert "现在不能收货" in client.get(f"{OPEN}/recyclers").text
    assert client.submit(f"{page}/reopen").status_code == 303
    assert "可以收货" in client.get(f"{OPEN}/recyclers/{found.id}").text
    dates = {"valid_from": "2020-01-01", "valid_to": "2019-01-01"}
    assert "有效期要在起始日期之后" in client.submit(f"{page}/renew", dates).text
    edited = client.submit(f"{page}/edit", ENTRY | {"scope": ["phone"]})
    session.refresh(found)
    assert (edited.status_code, found.scope) == (303, ["phone"])


def test_a_paper_is_kept_and_shown_to_the_county_alone(client, session, operator, moment):
    found = a_recycler(session, moment)
    session.commit()
    page = f"/county/recyclers/{found.id}"
    kept = client.submit(f"{page}/documents", {"title": "许可证", "photo": photo()})
    assert kept.status_code == 303
    paper = session.scalars(select(RecyclerDocument)).one()
    assert client.get(f"{page}/documents/{paper.id}").data[:2] == b"\xff\xd8"
    client.become(an_operator(session, moment, "610728"))
    assert client.get(f"{page}/documents/{paper.id}").status_code == 404
    assert client.get(page).status_code == 404


def test_a_draw_is_announced_with_its_lists_in_public(client, session, operator, moment):
    an_operator(session, moment)
    found = a_recycler(session, moment)
    session.commit()
    day = (clock.local_date(moment) + timedelta(days=2)).isoformat()
    draw = {"places": "1", "inspectors_each": "1", "draws_at": day}
    assert "最多抽 1 家" in client.submit("/county/inspections/draws", draw | {"places": "2"}).text
    assert client.submit("/county/inspections/draws", draw).status_code == 303
    page = client.get(f"{OPEN}/inspections").text
    assert found.licence_number in page
    assert "到时公布" in page


def test_a_published_finding_is_public_and_its_recycler_puts_it_right(client, session, app, moment):
    staff = [an_operator(session, moment) for _ in range(3)]
    recycler = a_recycler(session, moment)
    clerk = a_recycler_clerk(session, recycler, moment)
    seal = Seal([app.config["SECRET_KEY"]], SEAL_PURPOSE)
    due_on = clock.local_date(moment) + timedelta(days=5)
    found, visit = a_published_finding(session, staff, seal, moment, due_on)
    session.commit()
    public = client.get(f"{OPEN}/recyclers/{recycler.id}").text
    assert "灭火器过期" in public
    assert staff[0].name not in public
    assert client.get(f"/open/findings/{found.id}/photo").data[:2] == b"\xff\xd8"
    report = f"/recycler/oversight/findings/{found.id}"
    client.become(a_recycler_clerk(session, a_recycler(session, moment, name="别家回收"), moment))
    assert client.submit(report, {}).status_code == 404
    client.become(clerk)
    assert "灭火器过期" in client.get("/recycler/oversight").text
    assert client.submit(report, {"words": "换了", "photo": (io.BytesIO(b"x"), "x.jpg")}).status_code == 422
    assert client.submit(report, {"words": "换了新的", "photo": photo()}).status_code == 303
    client.become(staff[0])
    page = f"/county/inspections/{visit.id}"
    assert "企业说改好了：换了新的" in client.get(page).text
    assert client.submit(f"/county/findings/{found.id}/accept").location == page
    assert client.submit(f"{page}/close").status_code == 303
    assert "已办结" in client.get(f"{OPEN}/recyclers/{recycler.id}").text


def test_an_inspector_writes_and_another_publishes(client, session, app, moment):
    staff = [an_operator(session, moment) for _ in range(3)]
    recycler = a_recycler(session, moment)
    seal = Seal([app.config["SECRET_KEY"]], SEAL_PURPOSE)
    visit, inspector, reviewer = a_drawn_visit(session, staff, seal, moment)
    session.commit()
    page = f"/county/inspections/{visit.id}"
    client.become(inspector)
    due = (clock.local_date(moment) + timedelta(days=5)).isoformat()
    finding = {"item": "fire", "severity": "major", "words": "灭火器过期", "due_on": due}
    refused = client.submit(f"{page}/findings", finding)
    assert "请拍照为证" in refused.text
    assert "灭火器过期" in refused.text
    assert client.submit(f"{page}/findings", finding | {"photo": photo()}).status_code == 303
    result = {"visited_on": clock.local_date(moment).isoformat(), "summary": "一处要改"}
    assert client.submit(f"{page}/confirm", result).status_code == 303
    assert "灭火器过期" not in client.get(f"{OPEN}/recyclers/{recycler.id}").text
    client.become(reviewer)
    assert client.submit(f"{page}/publish").status_code == 303
    assert "灭火器过期" in client.get(f"{OPEN}/recyclers/{recycler.id}").text


def test_a_stranger_reports_and_follows_it_by_its_number(client, session, moment):
    an_operator(session, moment)
    recycler = a_recycler(session, moment)
    session.commit()
    report = {
        "recycler": str(recycler.id),
        "kind": "illegal_dismantling",
        "words": "夜里在后院烧电线，烟很大",
    }
    assert "请写清看到了什么" in client.submit(f"{OPEN}/report", report | {"words": "烟"}).text
    sent = client.submit(f"{OPEN}/report", report | {"photos": [photo()]})
    found = session.scalars(select(ReportedCase)).one()
    assert sent.location == f"/open/case?number={found.number}"
    assert "等受理" in client.get(sent.location).text
    assert client.get("/open/case?number=T-2222-2222").status_code == 404
    client.become(a_recycler_clerk(session, recycler, moment))
    assert "烧电线" not in client.get("/recycler/oversight").text


def test_a_report_is_taken_up_and_answered(client, session, operator, moment):
    session.commit()
    report = {"recycler": "", "kind": "fake_parts", "words": "换下来的屏幕又当新的卖"}
    client.submit(f"{OPEN}/report", report)
    found = session.scalars(select(ReportedCase)).one()
    page = f"/county/cases/{found.id}"
    assert "换下来的屏幕" in client.get(page).text
    assert client.submit(f"{page}/take-up").status_code == 303
    assert client.submit(f"{page}/answer", {"outcome": "borne_out", "answer": ""}).status_code == 422
    assert (
        client.submit(f"{page}/answer", {"outcome": "borne_out", "answer": "已责令停止"}).status_code == 303
    )
    assert "已责令停止" in client.get(f"/open/case?number={found.number}").text


def test_the_sixth_report_of_an_hour_is_asked_to_wait(client, session, moment):
    an_operator(session, moment)
    session.commit()
    report = {"recycler": "", "kind": "other", "words": "换下来的屏幕又当新的卖"}
    assert [client.submit(f"{OPEN}/report", report).status_code for _ in range(6)] == [303] * 5 + [429]


def test_an_operator_opens_a_point_and_closes_it(client, session, operator, moment):
    a_point(session, moment)
    session.commit()
    today = clock.local_date(moment)
    typed = {
        "name": "蒿坪镇收集点", "kind": "temporary", "township_code": "610924103", "address": "街道 1 号",
        "operator_name": "供销社", "phone": "13900000000", "licence_number": "610924-SJ-002",
        "fire_cover": "灭火器 2 具", "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=9)).isoformat(), "capacity_m3": "1.5", "units_phone": "20",
    }  # fmt: skip
    refused = client.submit("/county/collection-points/new", typed | {"keeper_phone": "13700000009"})
    assert (refused.status_code, "没有这个手机号的账号" in refused.text) == (422, True)
    made = client.submit("/county/collection-points/new", typed | {"photo": photo()})
    found = session.scalars(select(CollectionPoint).where(CollectionPoint.name == "蒿坪镇收集点")).one()
    assert made.location == f"/county/collection-points/{found.id}"
    assert (found.capacity_cm3, found.position.is_estimated) == (1_500_000, True)
    assert "手机 0 / 20 件" in client.get("/county/collection-points").text
    assert "收到哪天" in client.get(f"{OPEN}/points").text
    assert 'value="1.5"' in client.get(f"{made.location}/edit").text
    assert client.submit(f"{made.location}/edit", typed | {"capacity_m3": "3"}).status_code == 303
    assert "请写明理由" in client.submit(f"{made.location}/close", {"reason": ""}).text
    assert client.submit(f"{made.location}/close", {"reason": "修路"}).status_code == 303
    assert "蒿坪镇收集点" not in client.get(f"{OPEN}/points").text


def test_a_villager_books_and_the_keeper_scans_it_in(client, session, point, moment):
    villager = an_account(session, moment)
    an_address(session, villager, moment)
    session.commit()
    client.become(villager)
    assert "焕古镇收集点" in client.get("/recycle/bring?kind=battery").text
    assert client.submit("/recycle/bring", {"kind": "battery"}).status_code == 303
    item = session.scalars(select(PointItem)).one()
    assert item.code in client.get("/recycle/bring").text
    assert client.get(f"/keeper/{point.id}").status_code == 404
    client.become(session.get_one(type(villager), point.keeper_id))
    assert client.get("/keeper").location == f"/keeper/{point.id}"
    wrong = client.submit(f"/keeper/{point.id}/drop-off", {"code": "P-2222-2222"})
    assert (wrong.status_code, "没有这个编号的预约" in wrong.text) == (422, True)
    assert 'value="P-2222-2222"' in wrong.text
    assert client.submit(f"/keeper/{point.id}/drop-off", {"code": item.code.lower()}).status_code == 303
    assert client.submit(f"/keeper/{point.id}/take-in", {"kind": "phone"}).status_code == 303
    page = client.get(f"/keeper/{point.id}").text
    assert item.code in page
    assert villager.name not in page


def test_another_keepers_point_is_not_found(client, session, point, moment):
    other = an_account(session, moment, phone="13711113333")
    today = clock.local_date(moment)
    a_point(session, moment, other.phone, opens_on=today, closes_on=today, name="另一处")
    session.commit()
    client.become(other)
    assert client.get(f"/keeper/{point.id}").status_code == 404
    assert client.submit(f"/keeper/{point.id}/take-in", {"kind": "phone"}).status_code == 404
    assert session.scalars(select(PointItem)).all() == []


def test_where_nothing_takes_it_the_page_says_so(client, session, moment):
    price_tables(session)
    villager = an_account(session, moment)
    an_address(session, villager, moment)
    session.commit()
    client.become(villager)
    assert "现在没有收这一类的收集点" in client.get("/recycle/bring?kind=fridge").text
    refused = client.submit("/recycle/bring", {"kind": "fridge"})
    assert (refused.status_code, "都满了" in refused.text) == (422, True)


def test_an_unknown_photo_is_not_found(client, session, point, moment):
    assert client.get(f"/open/points/{point.id}/photo").status_code == 404
    assert session.scalars(select(Inspection)).all() == []
