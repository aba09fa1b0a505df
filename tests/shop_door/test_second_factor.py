"""Where money leaves, an owner's pages ask for the second factor, and keep what was typed."""

import re
from datetime import timedelta
from html import unescape

import pytest
from pyotp import TOTP
from sqlalchemy import func, select

from market.groups.close_group import close_group
from market.kernel import clock
from market.notices.models import Notice
from market.payments.models import Refund, RefundKind
from market.people.second_factor import in_force, recovery_codes_left
from market.settlements.models import ShopBankAccount
from market.shops.models import ShopInvitation, ShopRole, ShopStaff
from market.web.shop.roles import PROVED, PROVED_ABOVE, may, needs_proof
from tests.builders.aftersales import a_delivered_washer
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.groups import a_group, a_place
from tests.builders.people import PASSWORD, an_account, an_operator
from tests.builders.second_factor import a_second_factor, code_at
from tests.builders.shops import a_clerk, a_shop, an_owner
from tests.builders.web import Browser

TYPED = {"holder": "青禾电器行", "bank": "某银行", "number": "6222000000000000001"}
PAGE = "/account/second-factor"


@pytest.fixture
def owner(session, shop):
    return an_owner(session, shop)


@pytest.fixture
def door(app, session, owner):
    session.commit()
    browser = Browser(app)
    browser.become(owner)
    return browser


def accounts(session) -> list[str]:
    return list(session.scalars(select(ShopBankAccount.tail)))


def test_the_table_of_roles_says_which_act_takes_it():
    assert ({"bank_account", "invite_owner", "withdraw_group"}, {"ask_refund"}) == (PROVED, PROVED_ABOVE)
    assert needs_proof("bank_account", 0, 1_000_00)
    assert [needs_proof("ask_refund", fen, 1_000_00) for fen in (1_000_00, 1_000_01)] == [False, True]
    assert not needs_proof("invite", 9_999_999, 0)


def test_an_owner_without_one_is_led_to_set_it_up_by_her_phone(session, door, owner):
    page = door.get("/shop/settlements").text
    assert ("开通二次验证" in page, 'name="number"' in page) == (True, False)
    refused = door.submit("/shop/settlements/account", TYPED)
    assert (refused.status_code, "请先开通" in refused.text, accounts(session)) == (422, True, [])
    found_open = door.submit(f"{PAGE}/begin", {"next": "/shop/settlements", "password": "not hers"})
    assert (found_open.status_code, "密码不对" in found_open.text) == (422, True)
    assert "<svg" not in door.get(PAGE).text
    typed = {"next": "/shop/settlements", "password": PASSWORD}
    assert door.submit(f"{PAGE}/begin", typed).location.startswith(PAGE)
    page = door.get(f"{PAGE}?next=/shop/settlements").text
    assert "<svg" in page
    secret = re.search(r"<dd[^>]*>([A-Z2-7]{32})</dd>", page)[1]
    wrong = door.submit(f"{PAGE}/confirm", {"code": "000000"})
    assert (wrong.status_code, in_force(session, owner.id)) == (422, None)
    code = TOTP(secret).at(clock.now())
    shown = door.submit(f"{PAGE}/confirm", {"code": code, "next": "/shop/settlements"})
    codes = re.findall(r'class="code big">([A-Z2-7-]{19})<', unescape(shown.text))
    assert (shown.status_code, len(codes), 'href="/shop/settlements"' in shown.text) == (200, 8, True)
    assert all(it not in door.get(PAGE).text for it in codes)
    assert door.submit("/shop/settlements/account", TYPED).status_code == 303
    assert accounts(session) == ["0001"]


def test_the_code_is_given_with_the_form_which_keeps_what_was_typed(session, door, owner, now):
    a_second_factor(session, owner, now)
    session.commit()
    asked = door.submit("/shop/settlements/account", TYPED)
    assert (asked.status_code, "请填动态码" in asked.text, accounts(session)) == (422, True, [])
    assert all(value in asked.text for value in TYPED.values())
    code = code_at(clock.now())
    assert door.submit("/shop/settlements/account", TYPED | {"code": code}).status_code == 303
    assert accounts(session) == ["0001"]
    # For a quarter of an hour nothing more is asked.
    assert 'name="code"' not in door.get("/shop/settlements").text
    other = TYPED | {"number": "6222000000000000002"}
    assert door.submit("/shop/settlements/account", other).status_code == 303
    assert accounts(session) == ["0002"]


def test_a_code_that_was_taken_stays_taken_though_the_form_is_refused(session, door, owner, now):
    factor = a_second_factor(session, owner, now)
    session.commit()
    faulty = TYPED | {"number": "12-ab", "code": code_at(clock.now())}
    assert door.submit("/shop/settlements/account", faulty).status_code == 422
    session.expire_all()
    assert (factor.last_counter > 0, accounts(session)) == (True, [])
    assert door.submit("/shop/settlements/account", TYPED).status_code == 303


def test_guesses_are_counted_wherever_they_are_made(session, door, owner, now):
    a_second_factor(session, owner, now)
    session.commit()
    wrong = {"code": "abcdef"}
    answers = [door.submit("/shop/settlements/account", TYPED | wrong).status_code for _ in range(5)]
    answers += [door.submit(f"{PAGE}/prove", wrong).status_code for _ in range(6)]
    assert answers == [422] * 10 + [429]
    right = TYPED | {"code": code_at(clock.now())}
    assert door.submit("/shop/settlements/account", right).status_code == 429
    assert accounts(session) == []


def test_renewing_takes_the_code_of_the_phone_that_is_in_force(session, door, owner, now):
    a_second_factor(session, owner, now)
    session.commit()
    door.submit(f"{PAGE}/begin")
    assert "请先填现在的动态码" in door.get(PAGE).text
    assert door.submit(f"{PAGE}/recovery-codes").location == PAGE
    assert recovery_codes_left(session, owner.id) == 0
    assert door.submit(f"{PAGE}/prove", {"code": code_at(clock.now())}).location == PAGE
    assert "<svg" not in door.get(PAGE).text
    assert door.submit(f"{PAGE}/recovery-codes").status_code == 200
    assert recovery_codes_left(session, owner.id) == 8
    door.submit(f"{PAGE}/begin")
    assert "<svg" in door.get(PAGE).text


def test_the_county_takes_it_off_once_with_a_reason_and_the_owner_is_told(app, session, shop, owner, now):
    operator = an_operator(session, now)
    a_second_factor(session, owner, now - timedelta(days=90))
    session.commit()
    county = Browser(app)
    county.become(operator)
    page = f"/county/shops/{shop.id}/factors/{owner.id}"
    assert page in county.get(f"/county/shops/{shop.id}").text
    assert county.get(page).status_code == 200
    silent = county.submit(page, {"reason": ""})
    assert (silent.status_code, "请写明原因" in silent.text) == (422, True)
    assert county.submit(page, {"reason": "手机丢了"}).location == f"/county/shops/{shop.id}"
    assert "二次验证撤掉重开" in county.get(f"/county/shops/{shop.id}").text
    assert county.get(page).status_code == 404
    told = session.scalars(select(Notice.kind).where(Notice.account_id == owner.id)).all()
    assert told == ["shops.factor_reset"]


def test_a_refund_above_the_limit_takes_it_and_a_small_one_does_not(session, shop, door, owner, now):
    bought = a_listing(session, shop, now)
    a_verified_label(session, bought, now)
    part = a_delivered_washer(session, an_account(session, now), now, bought).shop_orders[0]
    a_second_factor(session, owner, now)
    session.commit()
    page = f"/shop/orders/{part.id}/refund"
    small = {"kind": "goodwill", "line": "all", "cut": "50", "bearer": "shop", "reason": "晚了两天"}
    assert door.submit(page, small).status_code == 303
    whole = {"kind": "returned", "line": "all", "reason": "外壳裂了"}
    asked = door.submit(page, whole)
    assert (asked.status_code, "请填动态码" in asked.text, "外壳裂了" in asked.text) == (422, True, True)
    assert session.scalars(select(Refund.kind)).all() == [RefundKind.goodwill]
    assert door.submit(page, whole | {"code": code_at(clock.now())}).status_code == 303
    assert set(session.scalars(select(Refund.kind))) == {RefundKind.goodwill, RefundKind.returned}


def test_to_make_somebody_an_owner_takes_it_and_a_clerk_does_not(session, door, owner, now):
    a_second_factor(session, owner, now)
    friend = an_account(session, now)
    session.commit()
    wish = {"phone": friend.phone, "role": "owner"}
    asked = door.submit("/shop/people", wish)
    assert (asked.status_code, "请填动态码" in asked.text, friend.phone in asked.text) == (422, True, True)
    assert session.scalars(select(ShopInvitation)).all() == []
    assert door.submit("/shop/people", wish | {"role": "clerk"}).status_code == 303
    assert door.submit("/shop/people", wish | {"code": code_at(clock.now())}).status_code == 303
    roles = session.scalars(select(ShopInvitation.role).order_by(ShopInvitation.id)).all()
    assert roles == [ShopRole.clerk, ShopRole.owner]


def test_a_secret_that_waits_is_neither_shown_nor_taken_in_a_session_that_was_not_proved(
    app, session, door, owner, now
):
    a_second_factor(session, owner, now)
    session.commit()
    door.submit(f"{PAGE}/prove", {"code": code_at(clock.now())})
    door.submit(f"{PAGE}/begin")
    secret = re.search(r"<dd[^>]*>([A-Z2-7]{32})</dd>", door.get(PAGE).text)[1]
    thief = Browser(app)
    thief.become(owner)
    assert secret not in thief.get(PAGE).text
    taken = thief.submit(f"{PAGE}/confirm", {"code": TOTP(secret).at(clock.now())})
    assert (taken.status_code, "请先填现在的动态码" in taken.text) == (422, True)
    assert in_force(session, owner.id).pending_sealed != ""
    assert door.submit(f"{PAGE}/confirm", {"code": TOTP(secret).at(clock.now())}).status_code == 200


MONEY = {
    # Every POST by which money leaves a shop, or goes elsewhere: its endpoint, and what is typed.
    "/shop/settlements/account": ("bank_account", TYPED),
    "/shop/people": ("invite", {"phone": "13900000001", "role": "owner"}),
    "/shop/groups/{group}/withdraw": ("withdraw_group", {"reason": "厂里停产"}),
    "/shop/orders/{part}/refund": (
        "ask_refund",
        {"kind": "goodwill", "line": "all", "cut": "1500", "bearer": "shop", "reason": "晚了两天"},
    ),
}


@pytest.mark.parametrize("path", MONEY)
def test_no_money_leaves_without_the_owner_and_her_code(app, session, shop, door, owner, now, path):
    endpoint, typed = MONEY[path]
    bought = a_listing(session, shop, now)
    a_verified_label(session, bought, now)
    part = a_delivered_washer(session, an_account(session, now), now, bought).shop_orders[0]
    group = a_group(session, bought, now - timedelta(days=8))
    a_place(session, group, now - timedelta(days=8), pieces=2)
    close_group(session, group.id, now)
    session.commit()
    where = path.format(group=group.id, part=part.id)

    def left() -> tuple[int, ...]:
        tables = (Refund, ShopBankAccount, ShopInvitation)
        return tuple(session.scalar(select(func.count()).select_from(it)) for it in tables)

    untouched = left()
    for role in (ShopRole.clerk, ShopRole.driver):
        assert not may(role, endpoint)
        member = a_clerk(session, shop, now)
        session.get_one(ShopStaff, member.id).role = role
        session.commit()
        worker = Browser(app)
        worker.become(member)
        assert worker.submit(where, typed).status_code == 404
    stranger = Browser(app)
    stranger.become(an_owner(session, a_shop(session, now)))
    if "{" in path:
        assert stranger.submit(where, typed).status_code == 404
    assert door.submit(where, typed).status_code == 422  # no second factor yet
    a_second_factor(session, owner, now)
    session.commit()
    assert door.submit(where, typed).status_code == 422
    assert door.submit(where, typed | {"code": "000000"}).status_code == 422
    assert left() == untouched
    assert door.submit(where, typed | {"code": code_at(clock.now())}).status_code == 303
