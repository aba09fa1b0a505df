"""A recall from its signal to its close, by the use cases and the worker's own handlers."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from market.catalog.edit_listing import set_state
from market.catalog.evidence import ZoneMembership
from market.catalog.models import ListingState
from market.catalog.recall_rule import Scope, ScopeKind
from market.catalog.recalled import is_recalled
from market.catalog.trace import trail
from market.catalog.zone import open_stay
from market.credit.models import RatingEvent
from market.inventory.models import Stock
from market.inventory.receive import receive
from market.inventory.reserve import reserve
from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import maker_due, recall_costs
from market.notices.models import Call, Notice
from market.orders.cart import Owner, find, put
from market.orders.deliver import job_departed, job_done
from market.orders.fulfill import confirm_shop_order, hand_over, receive_at_hub
from market.orders.models import Fulfillment, OrderState
from market.payments.queries import refund_asked
from market.payments.refund import approve
from market.recalls.close import close, tallies
from market.recalls.declare import confirm, declare, dismiss, investigate
from market.recalls.models import RecallStep, RecallUnit, ShelfCheck
from market.recalls.publish import preview, publish
from market.recalls.remedy import (
    called,
    choose,
    choose_for,
    complete,
    has_read,
    mark_unreachable,
    not_affected,
)
from market.recalls.shelf import answer_shelf
from market.recalls.states import RecallState, Remedy, UnitState
from tests.builders.catalog import a_listing, a_product_draft
from tests.builders.delivery import a_courier
from tests.builders.life import clean, delivered, react, to_the_hub, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.recalls import (
    COUNTY,
    a_confirmed_recall,
    a_declaration,
    a_published_recall,
)
from tests.builders.shops import a_shop

BY_HAND = frozenset({"delivery.batch_closed", "delivery.batch_planned", "payments.refund_requested"})


def follow(session, now):
    react(session, now, BY_HAND)


def units(session):
    return session.scalars(select(RecallUnit).order_by(RecallUnit.key)).all()


def notices(session, account):
    found = select(Notice.kind).where(Notice.account_id == account.id, Notice.kind.startswith("recall"))
    return sorted(session.scalars(found))


@pytest.fixture
def washer(session, now):
    return two_listings(session, now)[0]


@pytest.fixture
def operator(session, now, washer):
    return an_operator(session, now)


@pytest.fixture
def buyer(session, now):
    return an_account(session, now)


@pytest.fixture
def sold(session, now, washer, buyer):
    """Two washers with numbers in stock; one was delivered to the buyer with its number on the handover."""
    add_serials(session, washer, ["HR26A0001", "HR26A0002"], now, batch="B7")
    order = an_order(session, buyer, [(washer, 1)], now)
    [part] = order.shop_orders
    sell_serials(session, {line.listing_id: line.reference for line in part.lines}, ["HR26A0001"], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    follow(session, now)
    return order


def test_a_declaration_says_what_can_happen_and_whom_it_is_about(session, now, washer, operator):
    def refused(code, **changes):
        with pytest.raises(Refused, match=code):
            declare(session, COUNTY, washer.product_id, a_declaration(**changes), operator.id, now)

    refused(r"recalls\.maker", maker=" ")
    refused(r"recalls\.hazard", hazard="火")
    refused(r"recalls\.advice", advice="")
    refused(r"recalls\.source", source="")
    refused(r"recalls\.remedies", remedies=())
    refused(r"recalls\.gtin_unknown", scope=Scope(ScopeKind.gtin))
    refused(r"recalls\.batch", scope=Scope(ScopeKind.batch, batch=" "))
    refused(r"recalls\.serials", scope=Scope(ScopeKind.serials, first="HR26A0002", last="HR26A0001"))
    with pytest.raises(NotFound):
        declare(session, "610728", washer.product_id, a_declaration(), operator.id, now)
    assert session.scalars(select(RecallStep)).all() == []


def test_a_signal_that_nothing_comes_of_is_dismissed_with_a_reason(session, now, washer, operator):
    recall = declare(session, COUNTY, washer.product_id, a_declaration(), operator.id, now)
    with pytest.raises(Refused, match=r"recalls\.note"):
        dismiss(session, COUNTY, recall.id, " ", operator.id, now)
    with pytest.raises(NotFound):
        investigate(session, "610728", recall.id, "", operator.id, now)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        confirm(session, COUNTY, recall.id, "", operator.id, now)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        publish(session, COUNTY, recall.id, operator.id, now)
    dismiss(session, COUNTY, recall.id, "查无此事", operator.id, now)
    assert (recall.state, washer.state) == (RecallState.dismissed, ListingState.active)
    assert clean(session, now)


def test_whoever_confirmed_a_recall_does_not_publish_it(session, now, washer):
    recall = a_confirmed_recall(session, washer, now)
    with pytest.raises(Refused, match=r"recalls\.own_recall"):
        publish(session, COUNTY, recall.id, recall.confirmed_by, now)
    assert (recall.state, washer.state) == (RecallState.confirmed, ListingState.active)


def test_the_preview_counts_what_publishing_hits(session, now, washer, sold):
    recall = a_confirmed_recall(session, washer, now)
    an_order(session, an_account(session, now), [(washer, 2)], now)
    seen = preview(session, COUNTY, recall.id)
    assert (seen.listings, seen.on_hand, seen.in_shops, seen.sold, seen.buyers) == (1, 9, 1, 1, 1)
    assert (seen.orders_stopped, seen.without_number) == (1, 0)
    assert (recall.state, washer.state) == (RecallState.confirmed, ListingState.active)


def test_publishing_stops_sale_empties_carts_and_leaves_the_zone(session, now, washer, buyer):
    assert open_stay(session, washer.product_id) is not None
    put(session, Owner(account_id=buyer.id), washer.id, 1, now)
    put(session, Owner(token_hash="visitor"), washer.id, 2, now)
    recall = a_published_recall(session, washer, now)
    session.expire_all()
    assert (recall.state, washer.state) == (RecallState.listing_frozen, ListingState.recalled)
    assert not washer.is_for_sale
    for owner in (Owner(account_id=buyer.id), Owner(token_hash="visitor")):
        cart = find(session, owner)
        assert (cart.lines, cart.recalled_titles) == ([], [washer.product.name_zh])
    assert notices(session, buyer) == ["recall.cart"]
    stay = session.scalars(select(ZoneMembership)).one()
    assert (stay.until, stay.reason) == (now, "recalled")
    with pytest.raises(Refused, match=r"inventory\.frozen"):
        reserve(session, washer.id, 1, "order_line:x", now)
    with pytest.raises(Refused, match=r"cart\.not_for_sale"):
        put(session, Owner(account_id=buyer.id), washer.id, 1, now)
    receive(session, washer.id, 5, "进货", now)
    assert session.get_one(Stock, washer.id).left == 0
    assert clean(session, now)


def test_an_order_in_its_shop_and_one_at_the_hub_are_stopped_and_paid_back(session, now, washer):
    first, second = an_account(session, now), an_account(session, now)
    in_shop = an_order(session, first, [(washer, 1)], now)
    at_hub = an_order(session, second, [(washer, 2)], now)
    [part] = at_hub.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    hand_over(session, part.shop_id, part.id, now)
    receive_at_hub(session, COUNTY, part.id, now)
    a_published_recall(session, washer, now)
    [waiting] = in_shop.shop_orders
    with pytest.raises(Refused, match=r"order\.recalled"):
        confirm_shop_order(session, waiting.shop_id, waiting.id, now)
    follow(session, now)
    assert (in_shop.state, waiting.state) == (OrderState.canceled, Fulfillment.canceled)
    assert (at_hub.state, part.state, part.reason) == (OrderState.canceled, Fulfillment.refused, "recalled")
    stock = session.get_one(Stock, washer.id)
    assert (stock.on_hand, stock.reserved, stock.allocated) == (8, 0, 0)
    assert clean(session, now)
    follow(session, now)
    assert clean(session, now)


def test_buyers_are_told_and_those_a_text_would_not_reach_are_to_be_called(session, now, washer, buyer, sold):
    recall = a_published_recall(session, washer, now)
    follow(session, now)
    assert recall.state is RecallState.notice_sent
    mine, on_shelf = units(session)
    assert (mine.serial, mine.account_id, mine.state) == ("HR26A0001", buyer.id, UnitState.told)
    assert (on_shelf.serial, on_shelf.account_id, on_shelf.state) == ("HR26A0002", None, UnitState.listed)
    assert notices(session, buyer) == ["recall.buyer"]
    call = session.scalars(select(Call)).one()
    assert (call.account_id, call.reason) == (buyer.id, "no_text")
    for serial in ("HR26A0001", "hr26a0002"):
        assert is_recalled(session, serial)
    assert [row.kind for row in trail(session, "HR26A0001")][-1] == "recalled"
    follow(session, now)
    assert len(notices(session, buyer)) == 1


def test_a_recall_runs_to_its_close_with_every_remedy(session, now, washer, buyer, sold, operator):
    recall = a_published_recall(session, washer, now)
    follow(session, now)
    unit, on_shelf = units(session)
    with pytest.raises(NotFound):
        choose(session, operator.id, unit.id, Remedy.refund, now)
    has_read(session, buyer.id, unit.id, now)
    assert unit.state is UnitState.reached
    choose(session, buyer.id, unit.id, Remedy.refund, now)
    assert (unit.state, recall.state) == (UnitState.chosen, RecallState.remedy)
    with pytest.raises(Refused, match=r"recalls\.refund_open"):
        complete(session, COUNTY, unit.id, 50_00, "旧机已收回", operator.id, now)
    asked = refund_asked(session, unit.refund_key)
    approve(session, COUNTY, operator.id, asked.id, now)
    with pytest.raises(Refused, match=r"recalls\.units_open"):
        close(session, COUNTY, recall.id, "", operator.id, now)
    complete(session, COUNTY, unit.id, 50_00, "旧机已收回", operator.id, now)
    owed = asked.amount_fen + 50_00
    assert (unit.cost_fen, balance(session, maker_due(recall.id))) == (owed, owed)
    assert balance(session, recall_costs(COUNTY)) == owed
    with pytest.raises(Refused, match=r"recalls\.shelves_open"):
        close(session, COUNTY, recall.id, "", operator.id, now)
    clerk = an_account(session, now)
    with pytest.raises(Refused, match=r"recalls\.pieces"):
        answer_shelf(session, washer.shop_id, recall.id, 0, clerk.id, now)
    answer_shelf(session, washer.shop_id, recall.id, 9, clerk.id, now)
    assert on_shelf.state is UnitState.pulled
    assert clean(session, now)
    close(session, COUNTY, recall.id, "都处理完了", operator.id, now)
    session.expire_all()
    assert (recall.state, recall.rate_bp) == (RecallState.closed, 10_000)
    assert (washer.state, session.get_one(Stock, washer.id).frozen) == (ListingState.paused, False)
    assert open_stay(session, washer.product_id) is not None
    assert is_recalled(session, "HR26A0001", product_id=washer.product_id)
    assert clean(session, now)


def test_a_repaired_piece_is_safe_again(session, now, washer, buyer, sold, operator):
    a_published_recall(session, washer, now, Scope(ScopeKind.serials, first="HR26A0001", last="HR26A0009"))
    follow(session, now)
    unit = units(session)[0]
    choose_for(session, COUNTY, unit.id, Remedy.repair, operator.id, now)
    for cost, note, code in ((-1, "换了电源线", "cost"), (0, " ", "note")):
        with pytest.raises(Refused, match=rf"recalls\.{code}"):
            complete(session, COUNTY, unit.id, cost, note, operator.id, now)
    complete(session, COUNTY, unit.id, 80_00, "换了电源线", operator.id, now)
    complete(session, COUNTY, unit.id, 80_00, "换了电源线", operator.id, now)
    assert not is_recalled(session, "HR26A0001")
    assert is_recalled(session, "HR26A0002")
    assert trail(session, "HR26A0001")[-1].details["remedy"] == "repair"
    assert clean(session, now)


def test_nobody_is_out_of_reach_before_three_calls_in_vain(session, now, washer, buyer, sold, operator):
    recall = a_published_recall(session, washer, now)
    follow(session, now)
    [unit, _] = units(session)
    call = session.scalars(select(Call)).one()
    for _ in range(2):
        called(session, COUNTY, call.id, False, "没人接", operator.id, now)
    with pytest.raises(Refused, match=r"recalls\.too_few_calls"):
        mark_unreachable(session, COUNTY, unit.id, "打了三次没人接", operator.id, now)
    with pytest.raises(NotFound):
        called(session, "610728", call.id, True, "", operator.id, now)
    called(session, COUNTY, call.id, False, "停机", operator.id, now)
    mark_unreachable(session, COUNTY, unit.id, "打了三次没人接", operator.id, now)
    assert (unit.state, unit.failed_by) == (UnitState.unreachable, operator.id)
    tally = tallies(session, [recall.id])[recall.id]
    assert (tally.affected, tally.unreachable, tally.open, tally.rate_bp) == (1, 1, 0, 0)
    has_read(session, buyer.id, unit.id, now)
    assert unit.state is UnitState.reached


def test_a_piece_without_a_number_counts_until_its_plate_was_read(session, now, washer, buyer, operator):
    order = an_order(session, buyer, [(washer, 1)], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    run = Scope(ScopeKind.serials, first="HR26A0001", last="HR26A0009")
    recall = a_published_recall(session, washer, now, run)
    follow(session, now)
    [unit] = units(session)
    assert (unit.serial, unit.state) == (None, UnitState.told)
    with pytest.raises(Refused, match=r"recalls\.affected"):
        not_affected(session, COUNTY, unit.id, "HR26A0005", operator.id, now)
    not_affected(session, COUNTY, unit.id, "hr26b0005", operator.id, now)
    assert unit.state is UnitState.not_affected
    assert tallies(session, [recall.id])[recall.id].affected == 0


def test_what_was_on_the_truck_is_told_of_when_it_arrives(session, now, washer, buyer):
    order = an_order(session, buyer, [(washer, 1)], now)
    [part] = order.shop_orders
    to_the_hub(session, order, now)
    job_departed(session, part.reference, now)
    a_published_recall(session, washer, now)
    follow(session, now)
    assert (part.state, units(session)) == (Fulfillment.out_for_delivery, [])
    job_done(session, part.reference, a_courier(session, now, COUNTY).id, now, now)
    follow(session, now)
    [unit] = units(session)
    assert (unit.account_id, unit.state) == (buyer.id, UnitState.told)
    follow(session, now)
    assert len(units(session)) == 1


def test_the_rest_of_a_partly_recalled_model_is_sold_by_its_numbers(session, now, washer, buyer, operator):
    add_serials(session, washer, ["HR26A0001", "HR26A0100"], now)
    run = Scope(ScopeKind.serials, first="HR26A0001", last="HR26A0009")
    recall = a_published_recall(session, washer, now, run)
    follow(session, now)
    with pytest.raises(Refused, match=r"inventory\.serial_recalled"):
        add_serials(session, washer, ["HR26A0003"], now)
    answer_shelf(session, washer.shop_id, recall.id, 1, operator.id, now)
    session.expire_all()
    stock = session.get_one(Stock, washer.id)
    assert (washer.state, stock.on_hand, stock.left) == (ListingState.paused, 9, 9)
    set_state(session, washer.shop_id, washer.id, ListingState.active, now)
    order = an_order(session, buyer, [(washer, 1)], now)
    [part] = order.shop_orders
    confirm_shop_order(session, part.shop_id, part.id, now)
    with pytest.raises(Refused, match=r"order\.serials_needed"):
        hand_over(session, part.shop_id, part.id, now)
    references = {line.listing_id: line.reference for line in part.lines}
    with pytest.raises(Refused, match=r"inventory\.serial_recalled"):
        sell_serials(session, references, ["HR26A0001"], now)
    sell_serials(session, references, ["HR26A0100"], now)
    hand_over(session, part.shop_id, part.id, now)
    assert part.state is Fulfillment.handed_over
    assert clean(session, now)


def test_a_shop_that_starts_with_a_recalled_model_is_refused(session, now, washer):
    a_published_recall(session, washer, now)
    product = washer.product
    draft = a_product_draft(brand=product.brand, model=product.model)
    other = a_shop(session, now, name="另一家")
    with pytest.raises(Refused, match=r"catalog\.recalled"):
        a_listing(session, other, now, product=draft)
    for state in (ListingState.active, ListingState.paused):
        with pytest.raises(Refused, match=r"catalog\.recalled"):
            set_state(session, washer.shop_id, washer.id, state, now)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE recall_steps SET note = ''",
        "DELETE FROM recalls",
        "DELETE FROM recall_units",
        "UPDATE trace_events SET seq = 9",
    ],
)
def test_the_records_of_a_recall_are_kept(session: Session, now, washer, sold, statement):
    a_published_recall(session, washer, now)
    with pytest.raises(DBAPIError, match="kept"):
        session.execute(text(statement))


def test_every_shop_is_asked_and_answers_by_its_time(session, now, washer, operator):
    recall = a_published_recall(session, washer, now)
    check = session.scalars(select(ShelfCheck)).one()
    assert check.due_at == now + timedelta(hours=24)
    with pytest.raises(NotFound):
        answer_shelf(session, a_shop(session, now).id, recall.id, 0, operator.id, now)
    answer_shelf(session, washer.shop_id, recall.id, 10, operator.id, check.due_at)
    kinds = session.scalars(select(RatingEvent.kind).order_by(RatingEvent.id)).all()
    assert kinds == ["recall_opened", "recall_answered_late", "recall_resolved"]
