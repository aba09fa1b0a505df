"""The county's desk for programmes, and what the public and a buyer see of it at once."""

import re

import pytest
from sqlalchemy import select

from market.subsidies.models import Pot, ProgrammeRow, ProgrammeState
from tests.builders.life import two_listings
from tests.builders.people import an_account, an_operator
from tests.builders.subsidies import GB_2026
from tests.builders.web import Browser

HOME = "/county/programmes"
SECOND = f"{HOME}/GB-2026:2"


@pytest.fixture
def washer(session, now):
    return two_listings(session, now)[0]


@pytest.fixture
def author(client, session, now, washer):
    operator = an_operator(session, now)
    client.become(operator)
    return operator


def typed(page):
    """What the form on the page would send as it stands."""
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', page))
    boxes = re.findall(r'<input checked[^>]*type="checkbox"', page)
    kept = {name: value for name, value in fields.items() if name not in ("csrf_token", "Idempotency-Key")}
    for name in ("verified", "requires_trade_in", "same_category"):
        if not any(f'name="{name}"' in box for box in boxes):
            kept.pop(name, None)
    return kept | {"old_reduces_base": "unknown", "coupon": "first_come", "restores_quota": "y"}


def test_from_a_draft_to_the_product_page(app, client, session, now, author, washer):
    assert "家电以旧换新（2026）" in client.get(HOME).text
    assert client.submit(f"{HOME}/{GB_2026}/draft").location == f"{SECOND}/edit"
    form = typed(client.get(f"{SECOND}/edit").text)
    assert (form["rate_one"], form["cap_one"], form["limit_fridge"]) == ("15", "1500.00", "1")
    answer = client.submit(f"{SECOND}/edit", form | {"rate_one": "20", "name_zh": "家电补贴新办法"})
    assert answer.status_code == 303, answer.text
    page = client.get(SECOND).text
    assert "如果上个月就这样补" in page
    assert "请另一位同事发布" in page
    client.submit(f"{SECOND}/publish")
    row = session.get_one(ProgrammeRow, "GB-2026:2", populate_existing=True)
    assert row.state is ProgrammeState.draft

    colleague = Browser(app)
    colleague.become(an_operator(session, now))
    assert colleague.submit(f"{SECOND}/publish").status_code == 303
    session.refresh(row)
    assert row.state is ProgrammeState.published
    shown = Browser(app).get(f"/listing/{washer.id}").text
    assert "519.80" in shown
    assert "家电补贴新办法" in shown
    assert "家电补贴新办法" in Browser(app).get("/open/programmes").text
    assert client.get(f"{SECOND}/edit").status_code == 404


def test_what_the_form_says_becomes_the_rules(client, session, author):
    client.submit(f"{HOME}/{GB_2026}/draft")
    changes = {
        "rate_one": "12.5",
        "cap_one": "",
        "rate_two": "",
        "limit_tv": "0",
        "limit_ac": "3",
        "ceiling_fen": "9000",
        "requires_trade_in": "y",
        "old_reduces_base": "yes",
        "deadline_days": "",
        "total_limit": "4",
        "ttl_days": "14",
        "coupon": "lottery",
        "valid_to": "2026-11-30",
    }
    form = typed(client.get(f"{SECOND}/edit").text)
    assert client.submit(f"{SECOND}/edit", form | changes).status_code == 303
    rules = session.get_one(ProgrammeRow, "GB-2026:2", populate_existing=True).rules
    assert rules["rate_rules"] == [
        {"when": {"efficiency_grade": [1]}, "rate": "0.125", "cap_per_item": None},
        {"when": {"efficiency_grade": [2]}, "rate": None, "cap_per_item": 0},
        {"when": {"efficiency_grade": [3, 4, 5]}, "rate": "0", "cap_per_item": 0},
        {"when": {"efficiency_grade": [None]}, "rate": "0", "cap_per_item": 0},
    ]
    assert "tv" not in rules["categories"]
    assert rules["categories"]["ac"] == {"qty_limit": 3}
    assert (rules["price_ceiling_fen"], rules["total_qty_limit"]) == (9000_00, 4)
    assert (rules["requires_trade_in"], rules["base"]["trade_in_credit_reduces_base"]) == (True, True)
    assert (rules["delivery_deadline_days"], rules["hard_delivery_cutoff"]) == (None, "2026-11-30")
    assert rules["coupon"] == {"issue": "lottery", "ttl": "P14D", "reclaims": 3, "geo_required": False}
    assert "标准未知" in client.get(SECOND).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate_one": "abc"}, "请填 0 到 100 之间的百分数"),
        ({"rate_one": "101"}, "请填 0 到 100 之间的百分数"),
        ({"cap_one": "x"}, "请填金额"),
        ({"limit_fridge": "-1"}, "请填 0 到 99 件"),
        ({"limit_fridge": "one"}, "请填一个整数"),
        ({"first_day": "soon"}, "请填日期"),
        ({"valid_to": "2025-01-01"}, "最后一天要在第一天之后"),
        ({"name_zh": ""}, "请写中文名"),
        ({"source": ""}, "请写出处"),
        ({"ttl_days": "0"}, "请填 1 到 365 天"),
    ],
)
def test_every_fault_is_a_sentence_and_what_was_typed_stays(client, session, author, changes, said):
    client.submit(f"{HOME}/{GB_2026}/draft")
    form = typed(client.get(f"{SECOND}/edit").text)
    answer = client.submit(f"{SECOND}/edit", form | changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert all(f'value="{value}"' in answer.text for value in changes.values() if value)


def test_money_from_the_treasury_opens_a_pot_and_a_slip_of_the_hand_does_not(client, session, author):
    page = f"{HOME}/{GB_2026}"
    before = session.scalar(select(Pot.budget))
    for typed_in, said in (("", "请填拨入的金额"), ("0", "金额要大于 0"), ("abc", "请填金额")):
        answer = client.submit(f"{page}/top-up", {"amount_fen": typed_in})
        assert (answer.status_code, said in answer.text) == (422, True)
    assert client.submit(f"{page}/top-up", {"amount_fen": "5000"}).status_code == 303
    assert session.scalar(select(Pot.budget)) == before + 5000_00


def test_only_the_county_s_staff_come_in(client, session, now, washer):
    client.become(an_account(session, now))
    assert client.open(HOME).status_code == 404


def test_the_public_page_says_what_is_unknown(client, session, now, washer):
    from market.subsidies import programmes

    for data in programmes.shipped():
        programmes.publish(session, data)
    page = client.get("/open/programmes").text
    assert "标准未知，先不补" in page
    assert "3,500.00 元以内补 13%，7,000.00 元以内补 455.00 元" in page
    assert "1 级补 15%，每件最多 1,500.00 元" in page
    assert "未知，按不减算（参考值）" in page


def test_each_of_many_equal_forms_has_a_label_of_its_own(client, session, author):
    client.submit(f"{HOME}/{GB_2026}/coupons", {"required": "yes"})
    page = client.get(f"{HOME}/{GB_2026}").text
    fields = re.findall(r'<input[^>]*id="(total-\w+)"', page)
    assert "total-washer" in fields
    assert re.findall(r'<label for="(total-\w+)"', page) == fields
