"""The claims' pages: the work list, the treasury's desk, the shop's own and the buyer's order."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from market.people.models import Account, DataAccess, ViewerRole, ViewPurpose
from market.shops.models import Shop
from market.subsidies.models import ClaimState
from market.subsidies.review_models import ClaimFlag, ClaimSerial, TreasuryBatch, TreasuryImport
from market.web.claims import shown
from tests.builders.claims import (
    a_sold_washer,
    a_washer,
    an_auditor,
    answers,
    approved,
    batch_of,
    claim_of,
)
from tests.builders.life import clean
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county
from tests.builders.shops import a_clerk, an_owner
from tests.builders.web import Browser


@pytest.fixture
def enter(app):
    def as_(account):
        browser = Browser(app)
        browser.become(account)
        return browser

    return as_


def test_an_auditor_and_two_operators_decide_on_the_page(enter, session, now):
    claim = claim_of(session, a_sold_washer(session, now, lat=33.9, lon=108.5))
    page = f"/county/claims/{claim.id}"
    auditor, first, second = (
        enter(it) for it in (an_auditor(session, now), an_operator(session, now), an_operator(session, now))
    )
    listed = auditor.get("/county/claims").text
    assert claim.about["order_number"] in listed
    assert "先查清" in listed
    assert claim.about["order_number"] not in auditor.get("/county/claims?severity=block").text
    assert "公里" in auditor.get(page).text
    early = first.submit(f"{page}/decide", {"decision": "approve", "reason": "同意"})
    assert (early.status_code, "审计员还没有看过" in early.text, "同意" in early.text) == (422, True, True)
    flag = session.scalars(select(ClaimFlag)).one()
    lift = f"/county/claims/flags/{flag.id}/lift"
    assert "请写明理由" in auditor.submit(lift, {"reason": ""}).text
    assert auditor.submit(lift, {"reason": "电话问过买家"}).status_code == 303
    for browser, decision in ((auditor, "audit"), (first, "approve"), (second, "approve")):
        answer = browser.submit(f"{page}/decide", {"decision": decision, "reason": "材料齐全"})
        assert answer.status_code == 303
    assert claim_of_id(session, claim).state is ClaimState.approved
    assert "材料齐全" in first.get(page).text
    seen = session.scalars(select(DataAccess).where(DataAccess.purpose == ViewPurpose.subsidy)).all()
    assert {row.role for row in seen} == {ViewerRole.auditor, ViewerRole.county}


def claim_of_id(session, claim):
    session.refresh(claim)
    return claim


def test_the_auditors_door_is_the_claims_alone(enter, session, now):
    a_washer(session, now)
    auditor = enter(an_auditor(session, now))
    assert auditor.get("/county/claims").status_code == 200
    for path in ("/county/", "/county/treasury", "/county/settlements", "/county/refunds"):
        assert auditor.get(path).status_code == 404
    assert auditor.submit("/county/treasury/batches").status_code == 404


def test_another_countys_auditor_and_a_stranger_find_nothing(enter, session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    a_county(session, "610728")
    other = enter(an_auditor(session, now, "610728"))
    for path in (f"/county/claims/{claim.id}", f"/county/claims/{claim.id}/photo"):
        assert other.get(path).status_code == 404
        assert enter(an_account(session, now)).get(path).status_code == 404


def test_the_shop_sees_what_is_missing_brings_it_and_the_buyer_reads_plain_words(enter, session, now):
    washer = a_washer(session, now)
    taken = claim_of(session, a_sold_washer(session, now, washer, serial_numbers=("SN-7777",)))
    order = a_sold_washer(session, now, washer, serial_numbers=())
    claim = claim_of(session, order)
    clerk = enter(a_clerk(session, session.get_one(Shop, washer.shop_id), now))
    assert "机身序列号" in clerk.get("/shop/claims").text
    page = f"/shop/claims/{claim.id}"
    assert "还缺" in clerk.get(page).text
    reused = clerk.submit(f"{page}/bring", {"kind": "sn", "text": "SN-7777"})
    assert (reused.status_code, "已经领过补贴" in reused.text, "SN-7777" in reused.text) == (422, True, True)
    assert session.scalars(select(ClaimFlag.rule).where(ClaimFlag.claim_id == claim.id)).all() == [
        "serial_reused"
    ]
    assert session.get_one(ClaimSerial, "SN-7777").claim_id == taken.id
    assert clerk.submit(f"{page}/bring", {"kind": "sn", "text": "SN-7778"}).status_code == 303
    assert claim_of_id(session, claim).state is ClaimState.under_review
    buyer = enter(session.get_one(Account, order.account_id))
    assert "县里正在审核，您不用做什么" in buyer.get(f"/orders/{order.id}").text
    other = enter(a_clerk(session, session.get_one(Shop, a_washer(session, now).shop_id), now))
    assert other.get(page).status_code == 404


def test_a_rejected_claim_is_appealed_or_withdrawn_by_its_shop(enter, session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    operator = enter(an_operator(session, now))
    shop = session.get_one(Shop, claim.shop_id)
    clerk, owner = enter(a_clerk(session, shop, now)), enter(an_owner(session, shop))
    no = operator.submit(f"/county/claims/{claim.id}/decide", {"decision": "reject", "reason": "照片不清楚"})
    assert no.status_code == 303
    page = f"/shop/claims/{claim.id}"
    assert "照片不清楚" in clerk.get(page).text
    assert clerk.submit(f"{page}/appeal", {"reason": ""}).status_code == 422
    assert clerk.submit(f"{page}/appeal", {"reason": "重新拍了"}).status_code == 303
    assert claim_of_id(session, claim).state is ClaimState.under_review
    again = operator.submit(f"/county/claims/{claim.id}/decide", {"decision": "reject", "reason": "还是"})
    assert (again.status_code, "已经经手过" in again.text) == (422, True)
    assert clerk.submit(f"{page}/withdraw", {"reason": "算了"}).status_code == 404
    assert owner.submit(f"{page}/withdraw", {"reason": "算了"}).status_code == 303
    assert claim_of_id(session, claim).state is ClaimState.withdrawn


def test_a_batch_is_made_downloaded_answered_and_entered_once(enter, session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    desk = enter(an_operator(session, now))
    desk.submit("/county/treasury/batches")
    assert "没有可以申报的" in desk.get("/county/treasury").text
    approved(session, claim, now)
    session.commit()
    assert desk.submit("/county/treasury/batches").status_code == 303
    batch = session.scalars(select(TreasuryBatch)).one()
    page = f"/county/treasury/batches/{batch.id}"
    assert "等答复" in desk.get(page).text
    assert desk.get(f"{page}.csv").data == batch.content
    sheet = load_workbook(io.BytesIO(desk.get(f"{page}.xlsx").data)).active
    assert sheet["K2"].value == "389.85"
    wrong = desk.submit("/county/treasury/imports", {"file": (io.BytesIO(b"GIF89a"), "a.csv")})
    assert (wrong.status_code, "读不懂这个文件" in wrong.text) == (422, True)
    content = answers(batch) + "\nx,已付,1,CZ,".encode()
    up = desk.submit("/county/treasury/imports", {"file": (io.BytesIO(content), "a.csv")})
    file = session.scalars(select(TreasuryImport)).one()
    preview = f"/county/treasury/imports/{file.id}"
    assert up.location == preview
    shown = desk.get(preview).text
    assert "没有这个申报号" in shown
    assert "入账 1 行" in shown
    for _ in range(2):
        assert desk.submit(f"{preview}/apply").status_code == 303
    assert claim_of_id(session, claim).state is ClaimState.paid_out
    session.expire_all()
    assert session.get_one(TreasuryImport, file.id).applied_rows == 1
    assert "财政已付" in desk.get(page).text
    assert clean(session, now)


def test_every_page_stays_within_the_first_flight(enter, session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    approved(session, claim, now)
    batch = batch_of(session, now)
    session.commit()
    desk = enter(an_operator(session, now))
    clerk = enter(a_clerk(session, session.get_one(Shop, claim.shop_id), now))
    for browser, path in (
        (desk, "/county/claims?tab=approved"),
        (desk, f"/county/claims/{claim.id}"),
        (desk, "/county/treasury"),
        (desk, f"/county/treasury/batches/{batch.id}"),
        (clerk, "/shop/claims"),
        (clerk, f"/shop/claims/{claim.id}"),
    ):
        answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, len(answer.data) < 14_000) == (200, True), path


def test_a_checked_name_is_shown_with_the_time_of_this_place() -> None:
    assert shown("real_name", {"checked_at": "2026-11-25T18:28:28+00:00"}) == "2026-11-26 02:28"
