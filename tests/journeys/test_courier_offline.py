"""A courier's day where there is hardly a signal, on a real service worker in a real browser."""

import json
import random
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import market
from market.embedded import APP, Postgres
from tests.builders.phone_day import CASH_FEN, a_long_day
from tests.journeys import phone
from tests.journeys.conftest import Open
from tests.journeys.stack import Stack, eventually
from tests.journeys.visits import looks_wrong, sign_in

pytestmark = pytest.mark.browser
COUNTY = "610728"
STOPS = 100
FLAPS = 20


def courier(stack: Stack, number: int) -> dict[str, Any]:
    """One of the couriers of the county whose runs no other journey counts."""
    rows = [
        row for row in stack.accounts["accounts"] if (row["role"], row["county_code"]) == ("courier", COUNTY)
    ]
    return rows[number]  # type: ignore[no-any-return]


def a_day(stack: Stack, who: dict[str, Any], stops: int) -> list[str]:
    """A released run of so many stops; the stops' ids in order."""
    market.load_models()
    engine = create_engine(Postgres(stack.data / "postgres", stack.data / "postgres.log").url(APP))
    with Session(engine) as session, session.begin():
        run_id = a_long_day(session, who["phone"], stops)
    engine.dispose()
    rows = stack.rows("SELECT id FROM stops WHERE run_id = %s ORDER BY sequence", run_id)
    return [str(row["id"]) for row in rows]


def a_phone(open_page: Open, who: dict[str, Any]) -> Page:
    """The courier's phone, signed in, with its worker and the day."""
    page = open_page(offline=True)
    sign_in(page, who)
    phone.ready(page)
    return page


def lose_the_answer(page: Page) -> None:
    """The next upload arrives, and the phone never hears so."""

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/courier/sync", swallow, times=1)


def test_a_hundred_proofs_recorded_without_a_signal_arrive_once_each(stack: Stack, open_page: Open) -> None:
    who = courier(stack, 0)
    stops = a_day(stack, who, STOPS)
    page = a_phone(open_page, who)
    context = page.context
    assert looks_wrong(page) == []

    context.set_offline(True)
    phone.start(page)
    chance = random.Random(20261125)  # the same flaps in every run
    flaps = set(chance.sample(range(1, STOPS + 1), FLAPS))
    for number, stop_id in enumerate(stops, 1):
        phone.begin(page, number, stop_id)
        if number == STOPS // 2:
            check_parcels(page, number)
            assert looks_wrong(page) == []
            page = killed(context, page, stop_id)
        if number in flaps:
            flap(context, page, chance)
        phone.finish(page)
    assert phone.queued(page) > 0
    context.set_offline(False)
    phone.sent(page, 120)
    assert proofs(stack, stops)[0] == 0, "they can still be corrected"

    page.get_by_role("button", name="现在就定下来").click()
    phone.sent(page, 120)
    eventually(lambda: proofs(stack, stops)[0] == STOPS, seconds=60)
    assert proofs(stack, stops) == (STOPS, STOPS, STOPS, CASH_FEN * STOPS // 10)
    ended = stack.rows("SELECT kind, outcome, count(*) FROM courier_events WHERE stop_id = ANY(%s::uuid[])"
                       " AND kind = 'done' GROUP BY 1, 2", stops)  # fmt: skip
    assert ended == [{"kind": "done", "outcome": "applied", "count": STOPS}]
    expect(page.get_by_text("今天还没有派给您的车次")).to_be_visible()
    assert stack.market("audit").returncode == 0


def check_parcels(page: Page, number: int) -> None:
    """The label in hand belongs here, to another stop of the day, or to nobody's."""
    for order, said in (
        (number, "就是这一站的"),
        (number + 1, f"第 {number + 1} 站的"),
        (9_999, "不在今天的车上"),
    ):
        page.fill("#parcel", f"j{order:06d}")
        page.get_by_role("button", name="核对").click()
        expect(page.get_by_text(said)).to_be_visible()


def flap(context: BrowserContext, page: Page, chance: random.Random) -> None:
    """A signal for a moment; sometimes the market hears and the phone does not hear the answer."""
    if chance.random() < 0.4:
        lose_the_answer(page)
    context.set_offline(False)
    page.wait_for_timeout(chance.randrange(20, 700))
    context.set_offline(True)


def killed(context: BrowserContext, page: Page, stop_id: str) -> Page:
    """The page is gone in the middle of a stop, and opened anew without a signal: what was noted is there."""
    page.close()
    page = context.new_page()
    page.goto(f"/courier/stops/{stop_id}")
    page.locator("#serial").wait_for()
    assert page.locator("[name=checks]:checked").count() == page.locator("[name=checks]").count() == 3
    expect(page.get_by_text(f"SN-{STOPS // 2}", exact=True)).to_be_visible()
    expect(page.get_by_text("已拍照，再拍就换成新的")).to_be_visible()
    return page


def proofs(stack: Stack, stops: list[str]) -> tuple[int, int, int, int]:
    """How many proofs, how many with a photo, how many numbers of the right stop, and the cash in fen."""
    (row,) = stack.rows(
        "SELECT count(*) AS proofs, count(photo) AS photos, coalesce(sum(cash_fen), 0) AS fen,"
        " count(*) FILTER (WHERE serial_numbers = jsonb_build_array('SN-' || s.sequence)) AS numbers"
        " FROM proofs p JOIN stops s ON s.id = p.stop_id WHERE s.id = ANY(%s::uuid[])",
        stops,
    )
    return row["proofs"], row["photos"], row["numbers"], int(row["fen"])


def test_a_wrong_tap_is_corrected_and_two_phones_have_one_winner(stack: Stack, open_page: Open) -> None:
    who = courier(stack, 1)
    stops = a_day(stack, who, 2)
    first, second = a_phone(open_page, who), a_phone(open_page, who)
    phone.start(first)
    phone.sent(first)
    phone.ready(second)
    expect(second.get_by_text("去这一站")).to_be_visible()

    second.context.set_offline(True)
    fail(second, stops[0], "家里没人")
    phone.begin(first, 1, stops[0])
    phone.finish(first)
    phone.sent(first)
    second.context.set_offline(False)
    expect(second.get_by_text("这一站已经在别处登记过").first).to_be_visible(timeout=30_000)
    assert looks_wrong(second) == []

    fail(first, stops[1], "路不通")
    phone.sent(first)
    first.locator(f"#page a[href='/courier/stops/{stops[1]}']").first.click()
    first.get_by_role("button", name="改一下").click()
    phone.begin(first, 2, stops[1]) if first.url.endswith("/courier/") else first.locator(
        "#serial"
    ).wait_for()
    phone.sent(first)
    outcomes = stack.rows("SELECT kind, outcome FROM courier_events WHERE stop_id = %s AND kind = 'failed'"
                          " ORDER BY received_at", stops[1])  # fmt: skip
    assert outcomes == [{"kind": "failed", "outcome": "undone"}]


def fail(page: Page, stop_id: str, reason: str) -> None:
    phone.open_stop(page, stop_id)
    page.locator("summary", has_text="没送成").last.click()
    page.get_by_label(reason).check()
    page.get_by_role("button", name="记下，货带回中心").click()
    page.wait_for_url("**/courier/")


def test_a_tap_that_has_begun_opens_what_was_under_the_finger(stack: Stack, open_page: Open) -> None:
    who = courier(stack, 1)
    (stop_id,) = a_day(stack, who, 1)
    page = a_phone(open_page, who)
    phone.start(page)
    phone.sent(page)
    link = page.locator(f"#page a[href='/courier/stops/{stop_id}']").first

    link.hover()
    page.mouse.down()
    link.evaluate("node => { window.pressed = node }")
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new Event('online'))")
    eventually(lambda: nobody_is_named(page), seconds=30)
    page.wait_for_timeout(500)
    assert page.evaluate("window.pressed.isConnected"), "drawn anew under the finger"
    page.mouse.up()
    page.wait_for_url(f"**/courier/stops/{stop_id}")
    expect(page.get_by_text("登录已过期")).to_be_visible()


def test_signing_out_leaves_no_name_and_an_expired_sign_in_keeps_the_queue(
    stack: Stack, open_page: Open
) -> None:
    who = courier(stack, 0)
    (stop_id,) = a_day(stack, who, 1)
    page = a_phone(open_page, who)
    phone.start(page)
    phone.sent(page)
    assert "收货人1" in json.dumps(phone.kept(page), ensure_ascii=False)

    page.context.set_offline(True)
    phone.begin(page, 1, stop_id)
    phone.finish(page)
    waiting = phone.queued(page)
    assert waiting > 0
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.get_by_text("登录已过期")).to_be_visible(timeout=30_000)
    assert nobody_is_named(page)
    assert phone.queued(page) == waiting
    page.get_by_role("link", name="登录").click()
    page.fill("[name=phone]", who["phone"])
    page.fill("[name=password]", who["password"])
    page.locator("main").get_by_role("button", name="登录").first.click()
    page.wait_for_url("**/courier/")
    phone.sent(page)
    assert stack.rows("SELECT outcome FROM courier_events WHERE stop_id = %s AND kind = 'done'", stop_id) == [
        {"outcome": "open"}
    ]

    assert "收货人1" in json.dumps(phone.kept(page), ensure_ascii=False)
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(f"{stack.url}/")
    page.locator("header.top").wait_for()
    assert nobody_is_named(page)
    left = phone.kept(page)
    assert [row for rows in left["rows"].values() for row in rows] == []
    assert [name for name in left["cached"] if name.startswith("courier-")] == []


def test_large_letters_are_kept_with_no_signal_and_given_back_with_one(stack: Stack, open_page: Open) -> None:
    who = courier(stack, 1)
    (stop_id,) = a_day(stack, who, 1)
    page = a_phone(open_page, who)
    page.goto("/reading")
    page.locator("button[name=px][value='30']").first.click()
    phone.ready(page)
    page.locator("html.elder.size-30").wait_for(timeout=30_000)

    page.context.set_offline(True)
    for path in ("/courier/", f"/courier/stops/{stop_id}"):
        page.goto(path)
        page.locator("html.elder.size-30 #page :is(h1, h2)").first.wait_for()
        assert looks_wrong(page) == []
    page.context.set_offline(False)
    page.goto("/reading")
    page.locator("button[name=px][value='0']").first.click()
    phone.ready(page)
    page.locator("html:not(.elder)").wait_for(timeout=30_000)
    stack.rows("DELETE FROM jobs WHERE stop_id = %s", stop_id)
    stack.rows("UPDATE runs SET state = 'done' WHERE id = (SELECT run_id FROM stops WHERE id = %s)", stop_id)


def nobody_is_named(page: Page) -> bool:
    text = json.dumps(phone.kept(page), ensure_ascii=False)
    return not any(said in text for said in ("收货人", "13900000001", "焕古镇"))
