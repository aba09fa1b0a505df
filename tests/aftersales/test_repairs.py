"""A repair from the door to the station and home: warranty, consent, parts, two that did not hold."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.aftersales import queries
from market.aftersales.answer_quote import accept_quote, decline_quote, repair_due
from market.aftersales.cost import TripCost, trip_costs
from market.aftersales.models import Fault, Outcome, Repair, ReturnRequest, Way
from market.aftersales.repair_desk import (
    Diagnosis,
    diagnose,
    finish,
    hand_over,
    order_parts,
    parts_came,
    send_again,
    take_in,
)
from market.aftersales.request_repair import request_repair, withdraw_repair
from market.aftersales.rules import Remedy, Verdict
from market.aftersales.states import RepairState, ReturnState
from market.aftersales.take_in_return import accept_goods
from market.cash.models import CashCollection
from market.catalog.models import Listing
from market.catalog.trace import TraceKind, trail
from market.delivery.models import Batch, BatchShare, BatchState, JobKind, JobState
from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import BANK, REPAIRS
from tests.builders.aftersales import a_trouble, as_told, breaks, driven, job, not_taken
from tests.builders.life import COUNTY, react
from tests.builders.people import an_account

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FEE_FEN = 180_00


def repair(session, line, now, **changes):
    return request_repair(session, line.shop_order.order.account_id, line.id, a_trouble(**changes), now)


def at_station(session, line, now, **changes):
    case = repair(session, line, now, **changes)
    driven(session, f"{case.reference}:pickup", now)
    return take_in(session, COUNTY, case.id, now)


def home(session, line, now, **changes):
    """Mended under the warranty, and home again the same day."""
    case = at_station(session, line, now, **changes)
    diagnose(session, COUNTY, case.id, Diagnosis("皮带松了"), now)
    finish(session, COUNTY, case.id, True, "换了皮带", now)
    driven(session, f"{case.reference}:home:1", now)
    return case


def quoted(session, line, now):
    """Out of warranty by two years, and asked about."""
    case = at_station(session, line, now)
    return diagnose(session, COUNTY, case.id, Diagnosis("皮带断了", fee_fen=FEE_FEN), now)


@pytest.fixture
def years_later(line):
    return queries.delivered_at(line) + timedelta(days=3 * 366)


def test_a_fault_in_the_first_year_costs_nothing_on_a_pooled_trip(session, line, now):
    case = repair(session, line, now)
    assert (case.verdict, case.state) == (Verdict.whole, "requested")
    assert case.warranty_until == queries.delivered_at(line).replace(year=2027)
    pickup = job(session, f"{case.reference}:pickup")
    assert (pickup.kind, pickup.state, pickup.cash_due_fen) == (JobKind.collect, JobState.ready, 0)
    driven(session, pickup.reference, now)
    assert (case.state, case.clock_from) == ("collected", now)
    for _twice in range(2):
        take_in(session, COUNTY, case.id, now + DAY)
    diagnose(session, COUNTY, case.id, Diagnosis("皮带松了"), now + DAY)
    assert (case.state, case.is_covered, case.fee_fen) == ("repairing", True, 0)
    finish(session, COUNTY, case.id, True, "换了皮带", now + 2 * DAY)
    way = f"{case.reference}:home:1"
    assert (case.state, job(session, way).cash_due_fen) == ("going_home", 0)
    driven(session, way, now + 3 * DAY)
    assert (case.state, case.outcome, case.clock_to) == ("home", Outcome.fixed, now + 3 * DAY)
    assert balance(session, REPAIRS) == 0
    seen = queries.warranty_of(session, line, None, now + 4 * DAY)
    assert (seen.paused, seen.until) == (3 * DAY, queries.delivered_at(line).replace(year=2027) + 3 * DAY)
    assert breaks(session, now) == []


def test_a_machine_whose_number_is_known_has_its_repair_in_its_history(session, line, now):
    listing = session.get_one(Listing, line.listing_id)
    add_serials(session, listing, ["SN-MEND-1"], now)
    sell_serials(session, {line.listing_id: line.reference}, ["SN-MEND-1"], now)
    case = at_station(session, line, now)
    diagnose(session, COUNTY, case.id, Diagnosis("电机烧了", "motor"), now)
    finish(session, COUNTY, case.id, True, "换了电机", now)
    last = trail(session, "SN-MEND-1")[-1]
    assert (last.kind, last.details) == (TraceKind.repaired, {"part": "motor"})


def test_the_warranty_is_that_of_the_day_on_which_she_said_so(session, line, now):
    end = queries.delivered_at(line).replace(year=2027)
    case = repair(session, line, end - MINUTE)
    driven(session, f"{case.reference}:pickup", end + DAY)
    take_in(session, COUNTY, case.id, end + DAY)
    diagnose(session, COUNTY, case.id, Diagnosis("皮带松了"), end + DAY)
    assert (case.is_covered, case.state) == (True, "repairing")


def test_a_main_part_is_covered_for_three_years_and_misuse_never(session, line, now):
    at = queries.delivered_at(line).replace(year=2028)
    case = at_station(session, line, at)
    with pytest.raises(Refused, match=r"aftersales\.fee"), session.begin_nested():
        diagnose(session, COUNTY, case.id, Diagnosis("电机进水", "motor", by_misuse=True), at)
    session.expire_all()
    assert case.state is RepairState.at_station
    diagnose(session, COUNTY, case.id, Diagnosis("电机烧了", "motor"), at)
    assert (case.verdict, case.is_covered, case.state) == (Verdict.main_part, True, "repairing")


def test_who_agrees_pays_the_courier_who_brings_it_home(session, order, line, years_later):
    case = quoted(session, line, years_later)
    assert (case.verdict, case.state, case.due_at) == (Verdict.over, "quoted", years_later + 7 * DAY)
    accept_quote(session, order.account_id, case.id, years_later)
    finish(session, COUNTY, case.id, True, "换了皮带", years_later)
    way = f"{case.reference}:home:1"
    assert job(session, way).cash_due_fen == FEE_FEN
    not_taken(session, way, years_later)
    assert (case.state, case.out_refused, balance(session, REPAIRS)) == ("going_home", True, 0)
    send_again(session, COUNTY, case.id, years_later)
    driven(session, f"{case.reference}:home:2", years_later)
    assert (case.state, case.paid_at, balance(session, REPAIRS)) == ("home", years_later, FEE_FEN)
    taken = session.scalars(
        select(CashCollection.amount_fen).where(CashCollection.reference.like("repair:%"))
    ).all()
    assert taken == [FEE_FEN]
    assert breaks(session, years_later) == []


def test_who_fetches_it_herself_pays_at_the_desk_with_a_slip(session, order, line, operator, years_later):
    case = quoted(session, line, years_later)
    accept_quote(session, order.account_id, case.id, years_later)
    finish(session, COUNTY, case.id, True, "换了皮带", years_later)
    with pytest.raises(Refused, match=r"cash\.slip_number"):
        hand_over(session, COUNTY, operator.id, case.id, "1", years_later)
    before = balance(session, BANK)
    for _twice in range(2):
        hand_over(session, COUNTY, operator.id, case.id, "CK-20261123-7", years_later)
    assert (case.state, balance(session, BANK) - before, balance(session, REPAIRS)) == (
        "home",
        FEE_FEN,
        FEE_FEN,
    )
    assert job(session, f"{case.reference}:home:1").state is JobState.canceled
    assert breaks(session, years_later) == []


def test_silence_costs_nothing_and_it_comes_home_unmended(session, order, line, years_later):
    case = quoted(session, line, years_later)
    end = years_later + 7 * DAY
    with pytest.raises(Refused, match=r"aftersales\.late"):
        accept_quote(session, order.account_id, case.id, end)
    repair_due(session, case.id, end - MINUTE)
    assert case.state is RepairState.quoted
    # The worker was dead for a day, and then comes twice.
    for _twice in range(2):
        repair_due(session, case.id, end + DAY)
    assert (case.state, case.outcome, case.fee_fen) == ("going_home", Outcome.declined, 0)
    assert job(session, f"{case.reference}:home:1").cash_due_fen == 0


def test_who_declines_has_it_back_for_nothing(session, order, line, years_later):
    case = quoted(session, line, years_later)
    with pytest.raises(NotFound):
        decline_quote(session, case.id, case.id, years_later)
    decline_quote(session, order.account_id, case.id, years_later)
    assert (case.outcome, job(session, f"{case.reference}:home:1").cash_due_fen) == (Outcome.declined, 0)
    driven(session, f"{case.reference}:home:1", years_later)
    assert (case.state, balance(session, REPAIRS)) == ("home", 0)


def test_a_part_that_does_not_come_in_thirty_days_means_another_machine(session, order, line, operator, now):
    case = at_station(session, line, now)
    diagnose(session, COUNTY, case.id, Diagnosis("电机坏了", "motor"), now)
    order_parts(session, COUNTY, case.id, "等电机", now)
    parts_came(session, COUNTY, case.id, now + 10 * DAY)
    # A second part does not begin the thirty days anew.
    order_parts(session, COUNTY, case.id, "等轴承", now + 10 * DAY)
    assert case.due_at == now + 30 * DAY
    react(session, now + 30 * DAY - MINUTE)
    assert case.state is RepairState.waiting_parts
    react(session, now + 31 * DAY)
    new = session.scalars(select(ReturnRequest)).one()
    assert (case.state, case.outcome, new.repair_id) == ("replaced", Outcome.replaced, case.id)
    assert (new.state, new.remedy, new.received_quantity) == ("received", Remedy.exchange, 1)
    seen = as_told(sellable=0, write_off_reason="修不好")
    accept_goods(session, new.shop_id, order.account_id, new.id, seen, now + 31 * DAY)
    assert new.state is ReturnState.exchanging
    assert breaks(session, now) == []


def test_parts_that_do_not_come_for_a_paid_repair_send_it_home_for_nothing(session, order, line, years_later):
    case = quoted(session, line, years_later)
    accept_quote(session, order.account_id, case.id, years_later)
    order_parts(session, COUNTY, case.id, "等皮带", years_later)
    react(session, years_later + 30 * DAY)
    assert (case.state, case.outcome, case.fee_fen) == ("going_home", Outcome.not_fixed, 0)


def test_the_third_time_with_the_same_fault_it_is_replaced(session, line, now):
    home(session, line, now)
    home(session, line, now + DAY, fault=Fault.noise)
    home(session, line, now + 2 * DAY)
    third = repair(session, line, now + 3 * DAY)
    assert isinstance(third, ReturnRequest)
    assert (third.state, third.ground, third.remedy, third.freight_fen) == (
        "approved",
        "fault",
        "exchange",
        0,
    )
    assert job(session, f"{third.reference}:pickup").state is JobState.ready
    assert session.scalar(select(func.count()).select_from(Repair)) == 3


def test_what_cannot_be_mended_is_replaced_where_it_is_covered(session, line, now):
    case = at_station(session, line, now)
    diagnose(session, COUNTY, case.id, Diagnosis("主板烧了"), now)
    finish(session, COUNTY, case.id, False, "没有这块板了", now)
    assert case.state is RepairState.replaced
    assert session.scalars(select(ReturnRequest.state)).all() == ["received"]


def test_who_keeps_it_as_it_is_has_nobody_come(session, order, line, now):
    case = repair(session, line, now)
    with pytest.raises(Refused, match=r"aftersales\.pieces"):
        repair(session, line, now)
    for _twice in range(2):
        withdraw_repair(session, order.account_id, case.id, now)
    assert (case.state, job(session, f"{case.reference}:pickup").state) == ("withdrawn", JobState.canceled)
    assert queries.pieces_left(session, line) == 1


def test_who_brings_it_to_the_station_needs_no_courier(session, line, now):
    case = repair(session, line, now, way=Way.bring)
    take_in(session, COUNTY, case.id, now)
    assert (case.state, case.clock_from) == ("at_station", now)
    with pytest.raises(NotFound):
        take_in(session, "610728", case.id, now)


@pytest.mark.parametrize("words", ["", " ", "啊" * 301])
def test_what_is_wrong_has_to_be_said(session, line, now, words):
    with pytest.raises(Refused) as refused:
        repair(session, line, now, words=words)
    assert (refused.value.code, refused.value.field) == ("aftersales.words", "words")
    assert session.scalar(select(func.count()).select_from(Repair)) == 0


def test_a_trip_costs_less_pooled_than_alone_where_that_is_known(session, line, now):
    case = repair(session, line, now)
    assert trip_costs(session, case.reference) == [("pickup", None)]
    fetched = job(session, f"{case.reference}:pickup")
    batch = Batch(county_code=COUNTY, day=now.date() + 30 * DAY, wave=1, state=BatchState.planned)
    session.add(batch)
    session.flush()
    share = {"alone_fen": 240_00, "share_fen": 61_50, "error_fen": 0}
    session.add(BatchShare(batch_id=batch.id, party=fetched.party, jobs=2, **share))
    fetched.batch_id, fetched.state = batch.id, JobState.batched
    session.flush()
    assert trip_costs(session, case.reference) == [("pickup", TripCost(30_75, 120_00, 2))]


def test_a_stranger_mends_nothing_here(session, line, now):
    case = at_station(session, line, now)
    with pytest.raises(NotFound):
        diagnose(session, "610728", case.id, Diagnosis("皮带松了"), now)
    with pytest.raises(NotFound):
        accept_quote(session, an_account(session, now).id, case.id, now)
