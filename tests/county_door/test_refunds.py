"""Refunds at the shop's and the county's desk, and on the buyer's page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from market.groups.join import leave
from market.kernel import clock
from market.kernel.outbox import OutboxRow
from market.orders.models import PaymentMethod
from market.payments.models import Bearer, Refund, RefundKind, RefundState
from market.people.models import Account
from market.shops.models import Shop
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.groups import a_group, a_place
from tests.builders.life import COUNTY, clean, delivered, react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.second_factor import a_second_factor, code_at
from tests.builders.shops import a_shop, an_owner
from tests.builders.web import Browser


@pytest.fixture
def part(session, now):
    """A delivered washer that was paid in cash."""
    washer, _ = two_listings(session, now)
    order = an_order(session, an_account(session, now), [(washer, 1)], now, PaymentMethod.cash)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    return order.shop_orders[0]


def test_a_shop_asks_the_county_approves_and_the_buyer_follows_it(app, client, session, part, now):
    owner = an_owner(session, session.get_one(Shop, part.shop_id))
    a_second_factor(session, owner, now)
    client.become(owner)
    whole = {"kind": "returned", "line": "all", "reason": "不制冷", "code": code_at(clock.now())}
    assert client.submit(f"/shop/orders/{part.id}/refund", whole).status_code == 303
    refund = session.scalars(select(Refund)).one()
    assert (refund.kind, refund.state) == (RefundKind.returned, RefundState.requested)
    assert "等县里批准" in client.get(f"/shop/orders/{part.id}").text

    buyer = Browser(app)
    buyer.become(session.get_one(Account, part.order.account_id))
    assert "不制冷" in buyer.get(f"/orders/{part.order_id}").text

    operator = Browser(app)
    operator.become(an_operator(session, now))
    assert part.number in operator.get("/county/refunds").text
    assert operator.submit(f"/county/refunds/{refund.id}/approve").status_code == 303
    pay_out = f"/county/refunds/{refund.id}/pay-out"
    nameless = operator.submit(pay_out, {"recipient_name": ""})
    assert nameless.status_code == 422
    assert "请写领款人的名字" in nameless.text
    strange = Browser(app)
    strange.become(an_operator(session, now, "610728"))
    assert strange.submit(pay_out, {"recipient_name": ""}).status_code == 404
    assert operator.submit(pay_out, {"recipient_name": "王秀英"}).status_code == 303
    session.refresh(refund)
    assert (refund.state, refund.paid_to) == (RefundState.succeeded, "王秀英")
    assert "领款人：王秀英" in operator.get("/county/refunds").text
    assert "已退到" in buyer.get(f"/orders/{part.order_id}").text
    assert clean(session, now)


def test_a_form_with_faults_says_so_by_the_field_and_keeps_what_was_typed(client, session, part, now):
    client.become(an_owner(session, session.get_one(Shop, part.shop_id)))
    page = f"/shop/orders/{part.id}/refund"
    for typed, said in (
        ({"kind": "reduced", "line": "all", "cut": "abc", "reason": "旧款"}, "请填金额"),
        ({"kind": "reduced", "line": "all", "cut": "99999", "reason": "旧款"}, "退的钱不能多过"),
        ({"kind": "goodwill", "line": "all", "cut": "50", "reason": "晚到"}, "请选这笔补偿由谁承担"),
        ({"kind": "returned", "line": str(part.lines[0].id), "pieces": "2", "reason": "x"}, "还能退 1 件"),
        ({"kind": "returned", "line": "all", "reason": ""}, "请写明原因"),
    ):
        answer = client.submit(page, typed)
        assert (answer.status_code, said in answer.text) == (422, True), said
        assert all(value in answer.text for value in typed.values())
    assert session.scalars(select(Refund)).all() == []


def test_an_operator_finds_a_delivered_order_by_its_number_and_cannot_approve_herself(
    client, session, part, now
):
    client.become(an_operator(session, now))
    assert client.get(f"/county/refunds?number={part.number}").location == f"/county/refunds/new/{part.id}"
    assert "没有找到" in client.get("/county/refunds?number=LX0").text
    gift = {"kind": "goodwill", "line": "all", "cut": "20", "bearer": "county", "reason": "晚到三天"}
    asked = client.submit(f"/county/refunds/new/{part.id}", gift)
    assert asked.status_code == 303
    refund = session.scalars(select(Refund)).one()
    client.submit(f"/county/refunds/{refund.id}/approve")
    assert "要由另一位同事批准" in client.get("/county/refunds").text
    session.refresh(refund)
    assert (refund.state, refund.amount_fen) == (RefundState.requested, 20_00)
    client.submit(f"/county/refunds/{refund.id}/reject")
    session.refresh(refund)
    assert refund.state is RefundState.rejected


def test_what_is_not_delivered_or_not_theirs_is_not_found(client, session, part, now):
    client.become(an_account(session, now))
    assert client.get(f"/shop/orders/{part.id}/refund").status_code == 404
    assert client.get(f"/county/refunds/new/{part.id}").status_code == 404


def test_a_deposit_that_did_not_go_back_waits_at_its_own_countys_desk_and_is_sent_again(client, session, now):
    place = a_place(session, a_group(session, a_listing(session, a_shop(session, now), now), now), now)
    leave(session, place.account_id, place.id, now)
    react(session, now)
    refund = session.scalars(select(Refund)).one()
    refund.state, refund.failure = RefundState.failed, "expired_or_canceled_card"
    session.flush()
    client.become(an_operator(session, now, "610728"))
    assert refund.number not in client.get("/county/refunds").text
    assert client.submit(f"/county/refunds/{refund.id}/again").status_code == 404
    client.become(an_operator(session, now))
    page = client.get("/county/refunds").text
    for part in ("没退成", "拼单的定金", refund.number, "500.00", "expired_or_canceled_card"):
        assert part in page, part
    assert client.submit(f"/county/refunds/{refund.id}/again").status_code == 303
    session.refresh(refund)
    assert (refund.state, refund.attempt, refund.failure) == (RefundState.approved, 2, None)
    assert session.scalar(select(OutboxRow.kind).where(OutboxRow.dedupe_key == f"refund:{refund.id}:2"))


def test_what_was_done_last_stands_first_however_much_was_done(client, session, part, now):
    buyer = part.order.account_id
    session.add_all(
        Refund(
            kind=RefundKind.goodwill,
            bearer=Bearer.county,
            account_id=buyer,
            county_code=COUNTY,
            shop_order_id=part.id,
            reference=f"request:{number}",
            reason=f"晚到 {number} 天",
            amount_fen=100,
            state=RefundState.rejected,
            created_at=now + timedelta(minutes=number),
            settled_at=now + timedelta(minutes=number),
        )
        for number in range(1, 102)
    )
    client.become(an_operator(session, now))
    page = client.get("/county/refunds").text
    assert ("晚到 101 天" in page, "晚到 82 天" in page, "晚到 81 天" in page) == (True, True, False)
