"""Cash from the courier's bag to the bank: what is counted is booked, what differs is a break."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market import audit
from market.cash.collect import record_collection
from market.cash.deposit import make_deposit
from market.cash.hand_in import begin_hand_in, receive_hand_in
from market.cash.models import BreakKind, CashBreak, CashCollection, Deposit, HandIn, HandInState
from market.cash.queries import courier_cash_held, held_collections, is_banked
from market.cash.resolve_break import resolve_break
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.ledger.models import Entry
from market.ledger.queries import balance
from market.ledger.rules import BANK, CASH_DIFFERENCES, hub_cash
from tests.builders.cash import CASH_FEN, a_collection, a_received_hand_in
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.people import an_operator
from tests.builders.shops import a_shop

COUNTY = "610924"


@pytest.fixture
def courier(session, now):
    return a_courier(session, now)


@pytest.fixture
def operator(session, now):
    return an_operator(session, now)


@pytest.fixture
def parts(session, courier, now):
    """Two washers delivered against cash."""
    listing = a_listing(session, a_shop(session, now), now)
    return [a_collection(session, courier, listing, now) for _ in range(2)]


def balances(session, courier):
    accounts = hub_cash(COUNTY), BANK, CASH_DIFFERENCES
    return courier_cash_held(session, courier.id), *(balance(session, account) for account in accounts)


def found(session, now):
    """What the audit says, without the outbox: nobody works on it here."""
    return [it.detail for it in audit.run(session, now) if it.book != "outbox"]


def banked(session):
    rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "cash.banked"))
    return sorted(row.payload["reference"] for row in rows)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.code, caught.value.field


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_each_delivered_cash_order_is_one_collection_of_its_sum(session, courier, parts, now):
    rows = held_collections(session, courier.id)
    assert [(row.reference, row.amount_fen, number) for row, number in rows] == [
        (part.reference, CASH_FEN, part.order.number) for part in parts
    ]
    record_collection(session, parts[0].reference, courier.id, COUNTY, CASH_FEN, now, now)
    assert session.scalar(select(func.count()).select_from(CashCollection)) == 2
    assert balances(session, courier) == (2 * CASH_FEN, 0, 0, 0)
    assert found(session, now) == []


def test_what_cost_no_cash_has_nothing_to_bank(session, courier, now):
    record_collection(session, "shop_order:free", courier.id, COUNTY, 0, now, now)
    assert is_banked(session, "shop_order:free")
    assert banked(session) == ["shop_order:free"]
    assert refused(begin_hand_in, session, courier, now) == ("cash.nothing_held", None)


def test_cash_goes_from_the_bag_to_the_hub_to_the_bank(session, courier, operator, parts, now):
    hand_in, code = begin_hand_in(session, courier, now)
    assert (hand_in.expected_fen, hand_in.state) == (2 * CASH_FEN, HandInState.open)
    assert code not in hand_in.code_hash
    assert balances(session, courier) == (2 * CASH_FEN, 0, 0, 0)
    for _ in range(2):
        receive_hand_in(session, COUNTY, hand_in.id, code, 2 * CASH_FEN, operator.id, now)
    assert (hand_in.state, hand_in.counted_fen, hand_in.received_by) == (
        "received",
        2 * CASH_FEN,
        operator.id,
    )
    assert balances(session, courier) == (0, 2 * CASH_FEN, 0, 0)
    assert held_collections(session, courier.id) == []
    assert not any(is_banked(session, part.reference) for part in parts)
    assert found(session, now) == []
    deposit = make_deposit(session, COUNTY, [hand_in.id], 2 * CASH_FEN, " 20261123-07 ", operator.id, now)
    assert (deposit.slip_number, hand_in.deposit_id) == ("20261123-07", deposit.id)
    assert balances(session, courier) == (0, 0, 2 * CASH_FEN, 0)
    assert all(is_banked(session, part.reference) for part in parts)
    assert banked(session) == sorted(part.reference for part in parts)
    assert session.scalars(select(CashBreak)).all() == []
    assert found(session, now) == []


def test_a_second_opening_replaces_the_first(session, courier, operator, parts, now):
    first, old_code = begin_hand_in(session, courier, now)
    second, code = begin_hand_in(session, courier, now + timedelta(minutes=1))
    assert (first.state, second.state, second.expected_fen) == ("canceled", "open", 2 * CASH_FEN)
    args = (old_code, 2 * CASH_FEN, operator.id, now)
    assert refused(receive_hand_in, session, COUNTY, first.id, *args) == ("state.illegal_move", None)
    receive_hand_in(session, COUNTY, second.id, code, 2 * CASH_FEN, operator.id, now)
    assert balances(session, courier) == (0, 2 * CASH_FEN, 0, 0)
    assert found(session, now) == []


def test_cash_taken_while_a_hand_in_is_open_waits_for_the_next(session, courier, operator, parts, now):
    hand_in, code = begin_hand_in(session, courier, now)
    a_collection(session, courier, a_listing(session, a_shop(session, now, name="远山家电"), now), now)
    receive_hand_in(session, COUNTY, hand_in.id, code, 2 * CASH_FEN, operator.id, now)
    assert balances(session, courier)[:2] == (CASH_FEN, 2 * CASH_FEN)
    assert found(session, now) == []
    assert begin_hand_in(session, courier, now)[0].expected_fen == CASH_FEN


def test_five_wrong_codes_close_the_counter_even_to_the_right_one(session, courier, operator, parts, now):
    hand_in, code = begin_hand_in(session, courier, now)
    for _ in range(5):
        args = (wrong(code), 2 * CASH_FEN, operator.id, now)
        assert refused(receive_hand_in, session, COUNTY, hand_in.id, *args) == ("cash.code", "code")
    args = (code, 2 * CASH_FEN, operator.id, now)
    assert refused(receive_hand_in, session, COUNTY, hand_in.id, *args) == ("cash.code_spent", "code")
    assert (hand_in.state, hand_in.wrong_tries) == (HandInState.open, 5)
    assert balances(session, courier) == (2 * CASH_FEN, 0, 0, 0)


def test_a_code_of_half_an_hour_ago_opens_nothing(session, courier, operator, parts, now):
    hand_in, code = begin_hand_in(session, courier, now)
    args = (code, 2 * CASH_FEN, operator.id, now + timedelta(minutes=30))
    assert refused(receive_hand_in, session, COUNTY, hand_in.id, *args) == ("cash.code_spent", "code")
    assert balances(session, courier) == (2 * CASH_FEN, 0, 0, 0)


def test_another_countys_hand_in_is_not_found(session, courier, operator, parts, now):
    hand_in, code = begin_hand_in(session, courier, now)
    with pytest.raises(NotFound):
        receive_hand_in(session, "610728", hand_in.id, code, 2 * CASH_FEN, operator.id, now)
    receive_hand_in(session, COUNTY, hand_in.id, code, 2 * CASH_FEN, operator.id, now)
    with pytest.raises(NotFound):
        make_deposit(session, "610728", [hand_in.id], 2 * CASH_FEN, "slip-1", operator.id, now)
    assert balances(session, courier) == (0, 2 * CASH_FEN, 0, 0)


@pytest.mark.parametrize("difference", [-10_00, 10_00])
def test_a_difference_at_the_counter_stays_with_the_courier_until_it_is_written_off(
    session, courier, operator, parts, now, difference
):
    counted = 2 * CASH_FEN + difference
    a_received_hand_in(session, courier, counted, operator, now)
    assert balances(session, courier) == (-difference, counted, 0, 0)
    one = session.scalars(select(CashBreak)).one()
    assert (one.kind, one.expected_fen, one.counted_fen) == (BreakKind.hand_in, 2 * CASH_FEN, counted)
    sentence = f"{one.reference}: expected {2 * CASH_FEN} fen, counted {counted} fen"
    assert found(session, now) == [sentence]
    args = (session, COUNTY, one.id, " ", True, operator.id, now)
    assert refused(resolve_break, *args) == ("cash.note_missing", "note")
    assert balances(session, courier) == (-difference, counted, 0, 0)
    for _ in range(2):
        resolve_break(session, COUNTY, one.id, "点钞机吞了一张", True, operator.id, now)
    assert balances(session, courier) == (0, counted, 0, -difference)
    assert (one.state, one.note, one.written_off_fen) == ("resolved", "点钞机吞了一张", -difference)
    assert found(session, now) == []


def test_a_difference_that_is_explained_but_not_written_off_stays_on_the_account(
    session, courier, operator, parts, now
):
    a_received_hand_in(session, courier, 2 * CASH_FEN - 10_00, operator, now)
    one = session.scalars(select(CashBreak)).one()
    resolve_break(session, COUNTY, one.id, "明天补交", False, operator.id, now)
    assert balances(session, courier) == (10_00, 2 * CASH_FEN - 10_00, 0, 0)
    assert found(session, now) == []
    with pytest.raises(NotFound):
        resolve_break(session, "610728", one.id, "别的县", True, operator.id, now)


def test_a_difference_at_the_bank_stays_with_the_hub(session, courier, operator, parts, now):
    hand_in = a_received_hand_in(session, courier, 2 * CASH_FEN, operator, now)
    slip = 2 * CASH_FEN - 1_00
    deposit = make_deposit(session, COUNTY, [hand_in.id], slip, "slip-1", operator.id, now)
    assert balances(session, courier) == (0, 1_00, slip, 0)
    one = session.scalars(select(CashBreak)).one()
    assert (one.kind, one.reference, one.courier_id) == ("deposit", f"deposit:{deposit.id}", None)
    assert len(found(session, now)) == 1
    resolve_break(session, COUNTY, one.id, "假币没收", True, operator.id, now)
    assert balances(session, courier) == (0, 0, slip, 1_00)
    assert found(session, now) == []


def test_a_deposit_is_refused_by_its_field_and_changes_nothing(session, courier, operator, parts, now):
    hand_in = a_received_hand_in(session, courier, 2 * CASH_FEN, operator, now)
    waiting, _ = begin_hand_in_of_one_more(session, courier, now)
    whole = 2 * CASH_FEN
    for ids, fen, slip, code in (
        ([], whole, "slip-1", ("cash.no_hand_ins", "hand_ins")),
        ([hand_in.id], 0, "slip-1", ("cash.amount", "amount_fen")),
        ([hand_in.id], whole, " 1 ", ("cash.slip_number", "slip_number")),
        ([waiting.id], whole, "slip-1", ("cash.not_to_bank", "hand_ins")),
    ):
        assert refused(make_deposit, session, COUNTY, ids, fen, slip, operator.id, now) == code
    assert session.scalar(select(func.count()).select_from(Deposit)) == 0
    make_deposit(session, COUNTY, [hand_in.id], whole, "slip-1", operator.id, now)
    again = (session, COUNTY, [hand_in.id], whole, "slip-2", operator.id, now)
    assert refused(make_deposit, *again) == ("cash.not_to_bank", "hand_ins")
    assert balances(session, courier) == (CASH_FEN, 0, whole, 0)


def begin_hand_in_of_one_more(session, courier, now):
    a_collection(session, courier, a_listing(session, a_shop(session, now, name="远山家电"), now), now)
    return begin_hand_in(session, courier, now)


def test_a_slip_is_banked_once_in_a_county(session, courier, operator, parts, now):
    first = a_received_hand_in(session, courier, 2 * CASH_FEN, operator, now)
    make_deposit(session, COUNTY, [first.id], 2 * CASH_FEN, "slip-1", operator.id, now)
    hand_in, code = begin_hand_in_of_one_more(session, courier, now)
    receive_hand_in(session, COUNTY, hand_in.id, code, CASH_FEN, operator.id, now)
    args = (session, COUNTY, [hand_in.id], CASH_FEN, "slip-1", operator.id, now)
    assert refused(make_deposit, *args) == ("cash.slip_taken", "slip_number")
    assert balances(session, courier) == (0, CASH_FEN, 2 * CASH_FEN, 0)
    assert hand_in.deposit_id is None


def test_the_audit_finds_a_collection_that_is_missing_and_an_entry_without_rows(
    session, courier, operator, parts, now
):
    session.delete(session.scalars(select(CashCollection).order_by(CashCollection.id)).first())
    session.flush()
    code = f"courier:{courier.id}:cash"
    assert found(session, now) == [
        f"{code}: book {2 * CASH_FEN} fen, cash rows {CASH_FEN} fen",
        f"{parts[0].reference}: delivered for {CASH_FEN} fen in cash, collections say None fen",
    ]


def test_every_entry_of_cash_is_written_once(session, courier, operator, parts, now):
    hand_in = a_received_hand_in(session, courier, 2 * CASH_FEN, operator, now)
    make_deposit(session, COUNTY, [hand_in.id], 2 * CASH_FEN, "slip-1", operator.id, now)
    kinds = session.scalars(select(Entry.kind).where(Entry.kind.like("cash.%")).order_by(Entry.kind)).all()
    assert kinds == ["cash.banked", "cash.handed_in"]
    assert session.scalar(select(func.count()).select_from(HandIn)) == 1
