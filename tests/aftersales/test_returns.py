"""A return from its request to its end: money, subsidy, points, stock and serial numbers to the fen."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.aftersales import queries
from market.aftersales.answer_return import approve_return, decide_return, dispute_return, refuse_return
from market.aftersales.exchange import new_at_hub, refund_instead, send_new
from market.aftersales.models import Actor, Decision, Found, ReturnRequest, Way
from market.aftersales.request_return import request_return, withdraw
from market.aftersales.return_clocks import return_due
from market.aftersales.rules import Remedy
from market.aftersales.states import ReturnState
from market.aftersales.take_in_return import accept_goods, object_to_goods, receive_return
from market.cash.models import CashCollection
from market.catalog.models import Listing
from market.catalog.trace import TraceKind, trail
from market.delivery.models import JobKind, JobState
from market.inventory.models import Movement, MovementKind, SerialNumber, SerialState, Stock
from market.inventory.receive import adjust
from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.ledger.queries import balance
from market.ledger.rules import DELIVERY_FEES, pot, shop_pending
from market.notices.models import Notice
from market.payments import refund
from market.payments.models import Refund, RefundState
from market.subsidies import serials as claimed
from tests.builders.aftersales import (
    a_damaged_wish,
    a_faulty_wish,
    a_wish,
    as_told,
    asked,
    breaks,
    driven,
    job,
    not_taken,
)
from tests.builders.claims import claim_of
from tests.builders.life import COUNTY, react
from tests.builders.people import an_account
from tests.builders.recycling import a_photo
from tests.builders.subsidies import GB_2026

PAID_FEN, SUBSIDY_FEN = 2_209_15, 389_85
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop_id(order):
    return order.shop_orders[0].shop_id


def stock(session, line):
    return session.get(Stock, line.listing_id, populate_existing=True).on_hand


def received(session, line, now, wish=None):
    """Asked for, agreed, fetched and counted."""
    case = request_return(session, line.shop_order.order.account_id, line.id, wish or a_wish(), now)
    shop_id = line.shop_order.shop_id
    approve_return(session, shop_id, case.id, now)
    driven(session, f"{case.reference}:pickup", now)
    receive_return(session, shop_id, case.id, case.quantity, now)
    return case


def approved_by_county(session, case, operator, now):
    refund.approve(session, COUNTY, operator.id, case.refund_id, now)
    react(session, now)
    session.expire_all()


def test_seven_days_without_reason_cost_the_freight_and_nothing_else(
    session, order, line, shop_id, operator, now
):
    fee_fen = balance(session, DELIVERY_FEES)
    case = asked(session, line, now)
    assert (case.state, case.due_at) == ("requested", now + timedelta(hours=48))
    approve_return(session, shop_id, case.id, now)
    pickup = job(session, f"{case.reference}:pickup")
    assert (pickup.kind, pickup.state, pickup.party) == (JobKind.collect, JobState.ready, "county")
    assert pickup.cash_due_fen == case.freight_fen == order.delivery_fee_fen == 36_00
    driven(session, pickup.reference, now)
    assert (case.state, balance(session, DELIVERY_FEES) - fee_fen) == ("collected", 36_00)
    taken = select(CashCollection.amount_fen).where(CashCollection.reference == pickup.reference)
    assert session.scalars(taken).all() == [36_00]
    assert breaks(session, now) == []

    receive_return(session, shop_id, case.id, 1, now)
    before = stock(session, line)
    accept_goods(session, shop_id, an_account(session, now).id, case.id, as_told(), now)
    assert (case.state, case.due_at, stock(session, line)) == (
        "settling",
        now + timedelta(days=7),
        before + 1,
    )
    assert session.get_one(Refund, case.refund_id).state is RefundState.requested
    assert breaks(session, now) == []

    approved_by_county(session, case, operator, now)
    paid = session.get_one(Refund, case.refund_id)
    assert (case.state, paid.amount_fen, paid.delivery_fee_fen) == ("refunded", PAID_FEN, 0)
    assert [(row.money_fen, row.subsidy_fen) for row in paid.lines] == [(PAID_FEN, SUBSIDY_FEN)]
    assert balance(session, pot(GB_2026, COUNTY)) == 1_000_000_00
    assert balance(session, shop_pending(shop_id)) == 0
    assert claim_of(session, order).state == "returned"
    assert claimed.of_claim(session, claim_of(session, order).id) == []
    assert breaks(session, now) == []


def test_a_fault_gives_the_delivery_fee_back_too_and_tells_the_shops_rating(
    session, order, line, shop_id, operator, now
):
    case = received(session, line, now, a_faulty_wish())
    assert case.freight_fen == job(session, f"{case.reference}:pickup").cash_due_fen == 0
    assert job(session, f"{case.reference}:pickup").party == str(shop_id)
    seen = as_told(found=Found.faulty, sellable=0, write_off_reason="电机坏了，退厂家")
    before = stock(session, line)
    accept_goods(session, shop_id, an_account(session, now).id, case.id, seen, now)
    assert (case.restocked, case.written_off, stock(session, line)) == (0, 1, before)
    moved = session.execute(
        select(Movement.kind, Movement.quantity, Movement.reason)
        .where(Movement.listing_id == line.listing_id)
        .order_by(Movement.id.desc())
        .limit(2)
    ).all()
    assert moved == [(MovementKind.adjusted, -1, "电机坏了，退厂家"), (MovementKind.returned, 1, None)]
    approved_by_county(session, case, operator, now)
    assert session.get_one(Refund, case.refund_id).amount_fen == PAID_FEN + order.delivery_fee_fen
    assert breaks(session, now) == []


def test_a_lower_price_needs_no_goods_and_gives_the_state_its_part(
    session, order, line, shop_id, operator, now
):
    wish = a_damaged_wish(remedy=Remedy.price_cut, cut_fen=200_00)
    case = request_return(session, order.account_id, line.id, wish, now)
    with pytest.raises(Refused, match=r"aftersales\.cut"):
        approve_return(session, shop_id, case.id, now, cut_fen=200_01)
    assert case.state is ReturnState.requested
    approve_return(session, shop_id, case.id, now, cut_fen=200_00)
    assert case.state is ReturnState.settling
    approved_by_county(session, case, operator, now)
    assert (case.state, session.get_one(Refund, case.refund_id).amount_fen) == ("refunded", 170_00)
    assert claim_of(session, order).returned_fen == 30_00
    assert (case.received_at, case.restocked, stock(session, line)) == (None, 0, stock(session, line))
    assert breaks(session, now) == []


def test_the_seven_days_end_at_their_minute(session, order, line, now):
    end = queries.delivered_at(line) + timedelta(days=7)
    with pytest.raises(Refused, match=r"aftersales\.window"):
        asked(session, line, end)
    assert session.scalar(select(func.count()).select_from(ReturnRequest)) == 0
    assert asked(session, line, end - MINUTE).state is ReturnState.requested


def test_what_was_made_for_her_alone_comes_back_for_a_fault_only(session, line, now):
    line.snapshot = {**line.snapshot, "made_to_order": True}
    session.flush()
    with pytest.raises(Refused, match=r"aftersales\.window"):
        asked(session, line, now)
    assert request_return(session, line.shop_order.order.account_id, line.id, a_faulty_wish(), now)


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        (a_wish(quantity=2), "aftersales.pieces", "quantity"),
        (a_wish(quantity=0), "aftersales.pieces", "quantity"),
        (a_faulty_wish(words=" "), "aftersales.words", "words"),
        (a_damaged_wish(photos=[]), "aftersales.photo_needed", "photos"),
        (a_faulty_wish(remedy=Remedy.price_cut, cut_fen=PAID_FEN + 1), "aftersales.cut", "cut"),
        (a_faulty_wish(remedy=Remedy.price_cut), "aftersales.cut", "cut"),
        (a_wish(remedy=Remedy.price_cut, cut_fen=1), "aftersales.window", "ground"),
        (a_damaged_wish(photos=[b"x"]), "photo.unreadable", "photos"),
    ],
)
def test_a_request_that_cannot_be_is_refused_by_its_field(session, order, line, now, wish, code, field):
    with pytest.raises(Refused) as refused, session.begin_nested():
        request_return(session, order.account_id, line.id, wish, now)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert session.scalar(select(func.count()).select_from(ReturnRequest)) == 0


def test_nobody_elses_goods_can_be_given_back(session, line, shop_id, now):
    with pytest.raises(NotFound):
        request_return(session, an_account(session, now).id, line.id, a_wish(), now)
    case = asked(session, line, now)
    for stranger in (lambda: approve_return(session, case.id, case.id, now),
                     lambda: receive_return(session, case.id, case.id, 1, now),
                     lambda: withdraw(session, case.id, case.id, now)):  # fmt: skip
        with pytest.raises(NotFound):
            stranger()
    assert case.state is ReturnState.requested


def test_one_piece_is_asked_back_once(session, line, now):
    asked(session, line, now)
    with pytest.raises(Refused) as refused:
        asked(session, line, now)
    assert (refused.value.code, refused.value.values["left"]) == ("aftersales.pieces", 0)


def test_who_keeps_it_after_all_has_nobody_come(session, order, line, shop_id, now):
    case = asked(session, line, now)
    approve_return(session, shop_id, case.id, now)
    for _twice in range(2):
        assert withdraw(session, order.account_id, case.id, now).state is ReturnState.withdrawn
    assert job(session, f"{case.reference}:pickup").state is JobState.canceled
    assert queries.pieces_left(session, line) == 1
    # The courier was out of reach and has it all the same.
    driven(session, f"{case.reference}:pickup", now)
    assert case.state is ReturnState.collected


def test_the_law_asks_no_shop_for_its_consent_to_a_return_without_reason(session, line, shop_id, now):
    case = asked(session, line, now)
    with pytest.raises(Refused, match=r"aftersales\.no_reason_needed"):
        refuse_return(session, shop_id, case.id, "不想退", now)
    end = now + timedelta(hours=48)
    return_due(session, case.id, end - MINUTE)
    assert case.state is ReturnState.requested
    react(session, end)
    assert (case.state, job(session, f"{case.reference}:pickup").state) == ("approved", JobState.ready)


def test_an_unanswered_fault_goes_to_the_county_though_the_worker_was_dead_for_a_day(
    session, order, line, now
):
    case = request_return(session, order.account_id, line.id, a_faulty_wish(), now)
    react(session, now + timedelta(hours=72))
    assert case.state is ReturnState.disputed
    return_due(session, case.id, now + timedelta(days=9))
    assert case.state is ReturnState.disputed


def test_a_refusal_can_be_disputed_for_seven_days_and_then_ends(session, order, line, shop_id, now):
    case = request_return(session, order.account_id, line.id, a_faulty_wish(), now)
    with pytest.raises(Refused, match=r"aftersales\.note"):
        refuse_return(session, shop_id, case.id, " ", now)
    refuse_return(session, shop_id, case.id, "人为损坏", now)
    end = now + timedelta(days=7)
    with pytest.raises(Refused, match=r"aftersales\.late"):
        dispute_return(session, order.account_id, case.id, "没有的事", end)
    react(session, end - MINUTE)
    assert case.state is ReturnState.refused
    react(session, end)
    assert (case.state, queries.pieces_left(session, line)) == ("closed", 1)


def test_the_county_decides_for_the_buyer_and_it_goes_on(session, order, line, shop_id, operator, now):
    case = request_return(session, order.account_id, line.id, a_faulty_wish(), now)
    refuse_return(session, shop_id, case.id, "人为损坏", now)
    dispute_return(session, order.account_id, case.id, "没有的事", now + timedelta(days=7) - MINUTE)
    with pytest.raises(Refused, match=r"aftersales\.note"):
        decide_return(session, COUNTY, operator.id, case.id, Decision.for_buyer, "", now)
    decide_return(session, COUNTY, operator.id, case.id, Decision.for_buyer, "看过照片", now)
    assert (case.state, case.decided_by_id) == ("approved", operator.id)
    assert [(step.state, step.by) for step in queries.steps(session, case.reference)] == [
        ("requested", Actor.buyer),
        ("refused", Actor.shop),
        ("disputed", Actor.buyer),
        ("approved", Actor.county),
    ]


def test_goods_that_are_not_as_they_were_go_home_when_the_county_says_so(
    session, line, shop_id, operator, now
):
    case = received(session, line, now)
    with pytest.raises(Refused, match=r"aftersales\.photo_needed"):
        object_to_goods(session, shop_id, case.id, Found.used, "用过一个月", [], now)
    object_to_goods(session, shop_id, case.id, Found.used, "用过一个月", [a_photo()], now)
    decide_return(session, COUNTY, operator.id, case.id, Decision.for_shop, "确实用过", now)
    assert (case.state, case.refund_id) == ("going_home", None)
    not_taken(session, f"{case.reference}:home:1", now)
    assert (case.state, case.out_refused) == ("going_home", True)
    driven(session, f"{case.reference}:home:1", now)
    assert (case.state, case.restocked + case.written_off) == ("home", 0)
    assert breaks(session, now) == []


def test_disputed_goods_that_the_shop_has_to_take_are_not_sold_again(session, line, shop_id, operator, now):
    case = received(session, line, now)
    object_to_goods(session, shop_id, case.id, Found.used, "用过一个月", [a_photo()], now)
    before = stock(session, line)
    decide_return(session, COUNTY, operator.id, case.id, Decision.for_buyer, "只拆了箱", now)
    assert (case.state, case.written_off, stock(session, line)) == ("settling", 1, before)
    assert breaks(session, now) == []


def test_a_refund_that_the_county_rejects_is_a_dispute_and_may_be_asked_for_again(
    session, line, shop_id, operator, now
):
    case = received(session, line, now)
    accept_goods(session, shop_id, an_account(session, now).id, case.id, as_told(), now)
    refund.reject(session, COUNTY, operator.id, case.refund_id, now)
    react(session, now)
    assert (case.state, case.refund_id) == ("disputed", None)
    with pytest.raises(Refused, match=r"aftersales\.goods_taken"):
        decide_return(session, COUNTY, operator.id, case.id, Decision.for_shop, "不退", now)
    session.expire_all()
    later = now + timedelta(hours=1)
    decide_return(session, COUNTY, operator.id, case.id, Decision.for_buyer, "该退", later)
    approved_by_county(session, case, operator, later)
    assert (case.state, session.get_one(Refund, case.refund_id).amount_fen) == ("refunded", PAID_FEN)
    assert breaks(session, now) == []


def test_the_seven_days_to_pay_run_from_the_receipt_and_the_late_are_seen(session, line, shop_id, now):
    case = received(session, line, now)
    end = now + timedelta(days=7)
    return_due(session, case.id, end - MINUTE)
    assert case.late_at is None
    # Beat was dead for a day; and comes twice.
    for _twice in range(2):
        return_due(session, case.id, end + timedelta(days=1))
    assert (case.state, case.late_at) == ("received", end + timedelta(days=1))
    assert session.scalars(select(Notice.kind).where(Notice.kind == "return.late")).all() == ["return.late"]
    assert [row.id for row in queries.returns_of_county(session, COUNTY)] == [case.id]
    accept_goods(session, shop_id, an_account(session, now).id, case.id, as_told(), end + timedelta(days=2))
    assert case.state is ReturnState.settling


def test_what_nobody_hands_in_ends_after_fifteen_days(session, line, shop_id, now):
    case = asked(session, line, now, way=Way.bring)
    approve_return(session, shop_id, case.id, now)
    assert case.freight_fen == 0
    end = now + timedelta(days=15)
    react(session, end - MINUTE)
    assert case.state is ReturnState.approved
    react(session, end + timedelta(days=1))
    assert (case.state, queries.pieces_left(session, line)) == ("withdrawn", 1)


def test_what_is_on_the_road_when_its_time_is_over_is_waited_for(session, line, shop_id, now):
    case = asked(session, line, now)
    approve_return(session, shop_id, case.id, now)
    job(session, f"{case.reference}:pickup").state = JobState.done
    session.flush()
    end = now + timedelta(days=15)
    return_due(session, case.id, end)
    assert (case.state, case.due_at) == ("approved", end + timedelta(days=15))


def test_another_of_the_same_keeps_the_subsidy_and_writes_both_numbers_down(
    session, order, line, shop_id, now
):
    listing = session.get_one(Listing, line.listing_id)
    [old] = claimed.of_claim(session, claim_of(session, order).id)
    add_serials(session, listing, [old, "SN-NEW-1"], now)
    sell_serials(session, {line.listing_id: line.reference}, [old], now)
    case = received(session, line, now, a_faulty_wish(remedy=Remedy.exchange))
    with pytest.raises(Refused, match=r"aftersales\.serials"), session.begin_nested():
        accept_goods(session, shop_id, order.account_id, case.id, as_told(), now)
    with pytest.raises(Refused, match=r"inventory\.serial_not_hers"), session.begin_nested():
        accept_goods(session, shop_id, order.account_id, case.id, as_told(serials=["SN-NEW-1"]), now)
    session.expire_all()
    accept_goods(
        session, shop_id, order.account_id, case.id,
        as_told(sellable=0, write_off_reason="故障", serials=[old]), now,
    )  # fmt: skip
    assert case.state is ReturnState.exchanging
    before = stock(session, line)
    for _twice in range(2):
        send_new(session, shop_id, case.id, [old], ["SN-NEW-1"], now)
    assert (stock(session, line), claimed.of_claim(session, claim_of(session, order).id)) == (
        before - 1,
        ["SN-NEW-1"],
    )
    states = dict(session.execute(select(SerialNumber.serial, SerialNumber.state)).all())
    assert (states[old], states["SN-NEW-1"]) == (SerialState.written_off, SerialState.sold)
    assert trail(session, old)[-1].kind is TraceKind.taken_back
    new = f"{case.reference}:new:1"
    assert job(session, new).state is JobState.waiting
    new_at_hub(session, COUNTY, case.id, now)
    driven(session, new, now)
    assert (case.state, case.refund_id) == ("exchanged", None)
    assert claim_of(session, order).returned_fen == 0
    assert breaks(session, now) == []


def test_where_there_is_no_other_one_she_has_her_money(session, order, line, shop_id, operator, now):
    case = received(session, line, now, a_faulty_wish(remedy=Remedy.exchange))
    seen = as_told(sellable=0, write_off_reason="故障")
    accept_goods(session, shop_id, order.account_id, case.id, seen, now)
    with pytest.raises(Refused, match=r"aftersales\.in_stock"):
        refund_instead(session, shop_id, case.id, now)
    adjust(session, line.listing_id, -stock(session, line), "清仓", now)
    refund_instead(session, shop_id, case.id, now)
    approved_by_county(session, case, operator, now)
    assert (case.state, session.get_one(Refund, case.refund_id).amount_fen) == (
        "refunded",
        PAID_FEN + order.delivery_fee_fen,
    )
    assert breaks(session, now) == []


def test_every_step_tells_the_buyer_and_every_wait_has_its_timer(session, line, shop_id, now):
    received(session, line, now)
    told = session.scalars(select(Notice.kind).where(Notice.kind.like("return.%")).order_by(Notice.id))
    assert list(told) == ["return.approved", "return.collected", "return.received"]
    timers = session.scalars(
        select(OutboxRow.due_at).where(OutboxRow.kind == "aftersales.return_due").order_by(OutboxRow.due_at)
    )
    assert [due_at - now for due_at in timers] == [timedelta(hours=48), timedelta(days=7), timedelta(days=15)]
