"""The maker's money goes on to the shops that had borne the refunds, to the fen and once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import Refused
from market.kernel.money import allocate
from market.ledger.queries import balance
from market.ledger.rules import recall_costs, shop_available, shop_pending
from market.payments.queries import refund_asked
from market.payments.refund import approve
from market.recalls import audit
from market.recalls.claim import pay_in
from market.recalls.models import RecallUnit
from market.recalls.remedy import choose, complete
from market.recalls.share_out import borne_by_shops, share_out
from market.recalls.states import Remedy
from market.settlements.models import ItemKind, SettlementItem
from market.settlements.pay import draw_up
from market.settlements.rules import week_of
from market.web.settlement_sheet import what
from tests.builders.delivery import a_courier
from tests.builders.life import clean, delivered, react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.recalls import COUNTY, a_published_recall

BY_HAND = frozenset({"delivery.batch_closed", "delivery.batch_planned", "payments.refund_requested"})


@pytest.fixture
def washer(session, now):
    return two_listings(session, now)[0]


@pytest.fixture
def operator(session, washer, now):
    return an_operator(session, now)


@pytest.fixture
def recall(session, washer, operator, now):
    """One washer was sold, refunded, and fetched for 50 yuan."""
    buyer = an_account(session, now)
    add_serials(session, washer, ["HR26A0001"], now)
    order = an_order(session, buyer, [(washer, 1)], now - timedelta(days=1))
    lines = order.shop_orders[0].lines
    sell_serials(session, {it.listing_id: it.reference for it in lines}, ["HR26A0001"], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    react(session, now, BY_HAND)
    made = a_published_recall(session, washer, now)
    react(session, now, BY_HAND)
    unit = session.scalars(select(RecallUnit).where(RecallUnit.account_id.is_not(None))).one()
    choose(session, buyer.id, unit.id, Remedy.refund, now)
    approve(session, COUNTY, operator.id, refund_asked(session, unit.refund_key).id, now)
    complete(session, COUNTY, unit.id, 50_00, "旧机已收回", operator.id, now)
    react(session, now, BY_HAND)
    return made


def items(session):
    found = select(SettlementItem).where(SettlementItem.kind == ItemKind.recall).order_by(SettlementItem.id)
    return session.scalars(found).all()


def test_what_the_refund_took_comes_back_in_parts_and_in_the_end_whole(
    session, recall, washer, operator, now
):
    (row,) = borne_by_shops(session, recall.id)
    unit = session.get_one(RecallUnit, row.unit_id)
    pending = balance(session, shop_pending(washer.shop_id))
    half_fen = unit.cost_fen // 2
    pay_in(session, COUNTY, recall.id, half_fen, "HD-1001", operator.id, now)
    first, _ = allocate(half_fen, [row.borne_fen, unit.cost_fen - row.borne_fen])
    assert [it.net_fen for it in items(session)] == [first]
    assert balance(session, shop_pending(washer.shop_id)) == pending + first
    pay_in(session, COUNTY, recall.id, unit.cost_fen - half_fen, "HD-1002", operator.id, now)
    assert sum(it.net_fen for it in items(session)) == row.borne_fen
    assert [it.open_fen for it in borne_by_shops(session, recall.id)] == [0]
    assert balance(session, recall_costs(COUNTY)) == unit.cost_fen - row.borne_fen
    react(session, now, BY_HAND)
    assert (clean(session, now), list(audit.breaks(session))) == (True, [])


def test_what_is_shared_out_again_gives_nothing(session, recall, operator, now):
    cost_fen = session.scalars(select(RecallUnit.cost_fen).where(RecallUnit.cost_fen > 0)).one()
    paid = pay_in(session, COUNTY, recall.id, cost_fen, "HD-1001", operator.id, now)
    there = [(it.id, it.net_fen) for it in items(session)]
    share_out(session, paid, cost_fen, now)
    assert [(it.id, it.net_fen) for it in items(session)] == there


def test_the_shop_sees_it_on_its_sheet_and_it_is_due_at_once(session, recall, washer, operator, now):
    cost_fen = session.scalars(select(RecallUnit.cost_fen).where(RecallUnit.cost_fen > 0)).one()
    pay_in(session, COUNTY, recall.id, cost_fen, "HD-1001", operator.id, now)
    react(session, now, BY_HAND)
    (item,) = items(session)
    assert balance(session, shop_available(washer.shop_id)) >= item.net_fen
    later = now + timedelta(days=8)
    react(session, later, BY_HAND)
    draw_up(session, COUNTY, week_of(now), later)
    session.refresh(item)
    assert (item.sheet_id is not None, what(item)) == (True, "召回：生产者付还的钱")


def test_a_refused_payment_gives_no_shop_anything(session, recall, operator, now):
    with pytest.raises(Refused, match=r"recalls\.paid_in"):
        pay_in(session, COUNTY, recall.id, 10_000_000_00, "HD-1001", operator.id, now)
    assert items(session) == []


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.data())
def test_nobody_ever_gets_more_than_was_borne_and_all_of_it_in_the_end(borne, data):
    left = list(borne)
    while sum(left):
        amount = data.draw(st.integers(1, sum(left)))
        left = [have - part for have, part in zip(left, allocate(amount, left), strict=True)]
        assert min(left) >= 0
        if len(left) and data.draw(st.booleans()):
            left = [have - part for have, part in zip(left, allocate(sum(left), left), strict=True)]
    assert left == [0] * len(borne)
