"""Yuan through the book, lost parcels, devices that nobody took in at home."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import BANK, GOODWILL, POINTS_COST, recycler_due, seller_payable
from market.points.queries import balance as points
from market.recycling import answer, audit, hand_on, refused_return, send_in
from market.recycling.assess import assess
from market.recycling.claim_lost import settle_claim
from market.recycling.clocks import miss_parcel
from market.recycling.pay_out import pay_out, record_transfer
from market.recycling.payout_models import BankPayout
from market.recycling.receive import receive
from market.recycling.rules import TRANSIT_DAYS
from market.recycling.states import RecyclingState as S
from tests.builders.mail_in import SEAL, a_phone_for_yuan
from tests.builders.people import an_operator
from tests.builders.recycling import a_labelled_phone, a_photo, a_recycler, a_recycler_clerk


@pytest.fixture
def operator(session, now):
    return an_operator(session, now)


@pytest.fixture
def owed(session, consumer, recycler, clerk, now):
    """The phone of 382.50 yuan is as told: they are owed to a bank account."""
    order = a_phone_for_yuan(session, consumer, now)
    receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), now)
    assess(session, recycler, clerk.id, order.id, 2, ["battery_weak"], "", None, now)
    for _ in range(2):
        pay_out(session, order.id, now)
    return order


@pytest.fixture
def refused(session, consumer, recycler, clerk, now):
    """A phone of 210.37 yuan at second sight, declined, posted home, and not taken in there."""
    order = a_labelled_phone(session, consumer, now)
    who = (session, recycler, clerk.id, order.id)
    receive(*who, 198, "F-1", a_photo(), now)
    assess(*who, 2, ["battery_weak", "screen_broken"], "", a_photo(), now)
    answer.decline(session, consumer.id, order.id, now)
    hand_on.ship_back(*who, "YT1", now)
    refused_return.came_back(*who, now)
    return order


def test_yuan_are_owed_until_the_bank_has_paid(session, consumer, recycler, operator, owed, now):
    assert (owed.state, owed.paid_fen, owed.charged_fen) == (S.payout_pending, None, 38_250)
    assert balance(session, seller_payable(consumer.id)) == 38_250
    assert balance(session, recycler_due(recycler.id)) == 38_250
    assert list(audit.breaks(session)) == []
    for _ in range(2):
        record_transfer(session, "610924", operator.id, owed.id, "HD-0001", now)
    assert (owed.state, owed.paid_fen) == (S.paid, 38_250)
    assert (balance(session, seller_payable(consumer.id)), balance(session, BANK)) == (0, -38_250)
    assert points(session, consumer.id, now).available == 0
    assert list(audit.breaks(session)) == []


def test_points_are_charged_to_the_recycler_too(session, consumer, recycler, clerk, now):
    order = a_labelled_phone(session, consumer, now)
    receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), now)
    assess(session, recycler, clerk.id, order.id, 2, ["battery_weak"], "", None, now)
    pay_out(session, order.id, now)
    assert (balance(session, recycler_due(recycler.id)), balance(session, POINTS_COST)) == (38_250, -38_250)
    assert points(session, consumer.id, now).available == 38_250


def test_a_transfer_is_one_countys_with_a_slip_of_its_own(session, consumer, operator, owed, now):
    with pytest.raises(NotFound):
        record_transfer(session, "610728", operator.id, owed.id, "HD-0001", now)
    with pytest.raises(Refused, match="bank_reference"):
        record_transfer(session, "610924", operator.id, owed.id, "x", now)
    assert (owed.state, balance(session, BANK)) == (S.payout_pending, 0)


def test_one_slip_pays_one_thing(session, consumer, recycler, clerk, operator, owed, now):
    record_transfer(session, "610924", operator.id, owed.id, "HD-0001", now)
    other = a_phone_for_yuan(session, consumer, now)
    receive(session, recycler, clerk.id, other.id, 198, "F-2", a_photo(), now)
    assess(session, recycler, clerk.id, other.id, 2, ["battery_weak"], "", None, now)
    pay_out(session, other.id, now)
    with pytest.raises(Refused, match="transfer_taken"):
        record_transfer(session, "610924", operator.id, other.id, "HD-0001", now)
    session.expire_all()
    assert (other.state, other.paid_fen) == (S.payout_pending, None)


def test_the_account_number_is_kept_sealed(session, owed):
    kept = session.get_one(BankPayout, owed.id)
    assert (kept.tail, SEAL.open(kept.number_sealed)) == ("6789", "6217000123456789")
    assert "6217" not in kept.number_sealed


@pytest.mark.parametrize("in_yuan", [False, True])
def test_a_lost_parcel_is_paid_at_the_quote_whatever_the_carrier_pays(
    session, consumer, recycler, operator, now, in_yuan
):
    order = (a_phone_for_yuan if in_yuan else a_labelled_phone)(session, consumer, now)
    send_in.mark_posted(session, consumer.id, order.id, "", now)
    with pytest.raises(Refused, match="illegal_move"):
        settle_claim(session, "610924", operator.id, order.id, 300_00, now)
    session.refresh(order)
    miss_parcel(session, order.id, now + timedelta(days=TRANSIT_DAYS))
    settle_claim(session, "610924", operator.id, order.id, 300_00, now)
    assert order.state is S.compensated
    assert (balance(session, BANK), balance(session, GOODWILL)) == (30_000, 8_250)
    if in_yuan:
        assert balance(session, seller_payable(consumer.id)) == 38_250
        record_transfer(session, "610924", operator.id, order.id, "HD-0009", now)
        assert balance(session, seller_payable(consumer.id)) == 0
    else:
        assert points(session, consumer.id, now).available == 38_250
    assert (order.state, order.paid_fen, order.charged_fen) == (S.compensated, 38_250, None)
    assert list(audit.breaks(session)) == []


def test_a_parcel_that_was_paid_for_is_not_taken_in_any_more(
    session, consumer, recycler, clerk, operator, now
):
    order = a_labelled_phone(session, consumer, now)
    send_in.mark_posted(session, consumer.id, order.id, "", now)
    miss_parcel(session, order.id, now + timedelta(days=TRANSIT_DAYS))
    settle_claim(session, "610924", operator.id, order.id, 0, now)
    with pytest.raises(Refused, match="illegal_move"):
        receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), now)


def test_what_nobody_took_in_is_kept_and_sent_again(session, consumer, recycler, clerk, refused, now):
    refused_return.send_again(session, consumer.id, refused.id, now)
    hand_on.ship_back(session, recycler, clerk.id, refused.id, "YT2", now)
    answer.confirm_returned(session, consumer.id, refused.id, now)
    assert (refused.state, refused.return_tracking_number) == (S.returned, "YT2")
    assert points(session, consumer.id, now).available == 0


def test_what_nobody_took_in_is_sold_at_the_last_offer_if_she_says_so(session, consumer, refused, now):
    answer.sell_after_all(session, consumer.id, refused.id, now)
    pay_out(session, refused.id, now)
    assert (refused.state, refused.paid_fen) == (S.paid, 21_037)
    assert list(audit.breaks(session)) == []


def test_what_nobody_took_in_is_fetched(session, consumer, recycler, clerk, refused, now):
    refused_return.fetched(session, recycler, clerk.id, refused.id, now)
    assert refused.state is S.returned
    with pytest.raises(Refused, match="illegal_move"):
        answer.sell_after_all(session, consumer.id, refused.id, now)


@pytest.mark.race
def test_ten_desks_record_one_transfer_once(fresh_engine, now):
    with Session(fresh_engine) as session:
        recycler = a_recycler(session, now)
        clerk, operator = a_recycler_clerk(session, recycler, now), an_operator(session, now)
        order = a_phone_for_yuan(session, clerk, now)
        receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), now)
        assess(session, recycler, clerk.id, order.id, 2, ["battery_weak"], "", None, now)
        pay_out(session, order.id, now)
        order_id, operator_id = order.id, operator.id
        session.commit()

    def transfer(number):
        with Session(fresh_engine) as own, own.begin():
            record_transfer(own, "610924", operator_id, order_id, f"HD-{number:04d}", now)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(transfer, range(10)))
    with Session(fresh_engine) as session:
        assert balance(session, BANK) == -38_250
        assert list(audit.breaks(session)) == []
