"""The register: who may take what until when, and what moves when somebody may not."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from market.recycling import audit, custody, register, send_in
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.events import LicenceLapses
from market.recycling.models import (
    Recycler,
    RecyclerDocument,
    RecyclerState,
    RegisterAct,
    RegisterChange,
    TradeIn,
)
from market.recycling.receive import receive
from market.recycling.register import Entry
from market.recycling.states import RecyclingState, TradeInState
from market.recycling.suspend import lapse, reopen, suspend
from market.recycling.trade_in import open_trade_in, trade_in_collected
from tests.builders.custody import to_the_recycler
from tests.builders.delivery import a_courier
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import (
    a_labelled_phone,
    a_photo,
    a_recycler,
    a_recycler_clerk,
    price_tables,
)

COUNTY = "610924"
ENTRY = Entry("清流再生", "610924-HS-901", ("phone", "fridge"), "蒿坪镇工业路 9 号", "09154422001")
OVER = datetime(2029, 1, 1, 0, 0, tzinfo=SHANGHAI)  # the builder's licence holds to 2028-12-31


@pytest.fixture
def operator(session, now):
    return an_operator(session, now)


@pytest.fixture
def parcel(session, consumer, recycler, now):
    """A phone with its label to the only recycler."""
    return a_labelled_phone(session, consumer, now)


def refused(code, act, *args):
    with pytest.raises(Refused) as caught:
        act(*args)
    assert caught.value.code == code


def acts(session, recycler):
    changes = select(RegisterChange.act).where(RegisterChange.recycler_id == recycler.id)
    return list(session.scalars(changes.order_by(RegisterChange.id)))


def told(session, account):
    kinds = select(Notice.kind).where(Notice.account_id == account.id).order_by(Notice.id)
    return list(session.scalars(kinds))


def test_a_suspension_moves_a_parcel_on_its_way_to_another_and_says_so(
    session, consumer, recycler, operator, parcel, now
):
    send_in.mark_posted(session, consumer.id, parcel.id, "SF1", now)
    other = a_recycler(session, now, name="另一家")
    assert suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now) == 1
    assert (parcel.recycler_id, parcel.state) == (other.id, RecyclingState.in_transit)
    assert (recycler.state, recycler.state_reason) == (RecyclerState.suspended, "私自拆解")
    assert told(session, consumer) == ["recycling.rerouted"]
    last = custody.trail(session, parcel.id)[-1]
    assert last.details == {"rerouted_to": other.licence_number}
    assert list(audit.breaks(session)) == []


def test_with_nobody_else_it_waits_and_goes_to_the_first_who_may(
    session, consumer, recycler, operator, parcel, now
):
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now)
    assert parcel.recycler_id is None
    reopen(session, COUNTY, operator.id, recycler.id, now + timedelta(hours=1))
    assert parcel.recycler_id == recycler.id
    assert told(session, consumer) == ["recycling.waits_for_recycler", "recycling.rerouted"]
    assert acts(session, recycler) == [RegisterAct.suspended, RegisterAct.reopened]


def test_a_new_recycler_gets_what_waits(session, consumer, recycler, operator, parcel, now):
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now)
    made = register.add_recycler(
        session, COUNTY, operator.id, ENTRY, date(2026, 1, 1), date(2027, 12, 31), now
    )
    assert parcel.recycler_id == made.id


def test_what_was_received_stays_and_is_finished(session, consumer, recycler, clerk, operator, parcel, now):
    receive(session, recycler, clerk.id, parcel.id, 210, "F1", a_photo(), now)
    a_recycler(session, now, name="另一家")
    assert suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now) == 0
    assert (parcel.recycler_id, parcel.state) == (recycler.id, RecyclingState.received)


def test_a_suspended_recycler_gets_no_new_order(session, consumer, recycler, operator, now):
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now)
    refused("recycling.no_recycler", a_labelled_phone, session, consumer, now)


def test_a_suspension_needs_its_reason_and_happens_once(session, recycler, operator, parcel, now):
    refused("register.reason", suspend, session, COUNTY, operator.id, recycler.id, "  ", now)
    assert (recycler.state, parcel.recycler_id) == (RecyclerState.active, recycler.id)
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now)
    refused("state.illegal_move", suspend, session, COUNTY, operator.id, recycler.id, "又一次", now)
    assert acts(session, recycler) == [RegisterAct.suspended]


def test_another_countys_recycler_is_not_found(session, operator, now):
    elsewhere = a_recycler(session, now, "610728")
    with pytest.raises(NotFound):
        suspend(session, COUNTY, operator.id, elsewhere.id, "私自拆解", now)


def an_unsettled_fridge(session, consumer, recycler, clerk, now):
    price_tables(session)
    old = open_trade_in(session, consumer.id, COUNTY, "order:x", "fridge", 3, True, True, now)
    trade_in_collected(session, f"trade_in:{old.id}", now, a_courier(session, now).id)
    to_the_recycler(session, old, recycler, now)
    assess_trade_in(session, recycler, clerk.id, old.id, 60_000, 3, ["not_working"], "", a_photo(), now)
    return old


def test_an_unsettled_trade_in_at_the_hub_goes_to_another(session, consumer, recycler, clerk, operator, now):
    old = an_unsettled_fridge(session, consumer, recycler, clerk, now)
    other = a_recycler(session, now, name="另一家")
    assert suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now) == 1
    found = session.get_one(TradeIn, old.id)
    assert (found.recycler_id, found.state) == (other.id, TradeInState.reoffer)
    assert told(session, consumer)[-1] == "trade_in.rerouted"


def test_a_suspended_recycler_assesses_nothing(session, consumer, recycler, clerk, operator, now):
    price_tables(session)
    old = open_trade_in(session, consumer.id, COUNTY, "order:x", "fridge", 3, True, True, now)
    trade_in_collected(session, f"trade_in:{old.id}", now)
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now)
    weighed = (60_000, 3, [], "", None, now)
    refused("register.stopped", assess_trade_in, session, recycler, clerk.id, old.id, *weighed)
    assert (old.state, old.recycler_id) == (TradeInState.collected, None)


def test_what_a_licence_does_not_name_is_not_taken(session, consumer, recycler, clerk, now):
    price_tables(session)
    old = open_trade_in(session, consumer.id, COUNTY, "order:x", "washer", 3, True, True, now)
    trade_in_collected(session, f"trade_in:{old.id}", now)
    weighed = (60_000, 3, [], "", None, now)
    refused("register.outside_scope", assess_trade_in, session, recycler, clerk.id, old.id, *weighed)


def test_a_licence_lapses_at_the_midnight_after_its_last_day(
    session, consumer, recycler, operator, parcel, now
):
    other = a_recycler(session, now, name="另一家")
    other.valid_to = date(2029, 12, 31)
    session.flush()
    lapse(session, recycler.id, OVER - timedelta(minutes=1))
    assert (recycler.state, parcel.recycler_id) == (RecyclerState.active, recycler.id)
    for _ in range(2):
        lapse(session, recycler.id, OVER)
    assert (recycler.state, parcel.recycler_id) == (RecyclerState.lapsed, other.id)
    assert acts(session, recycler) == [RegisterAct.lapsed]


def test_with_the_worker_dead_for_a_day_a_lapsed_licence_takes_nothing(
    session, consumer, recycler, clerk, operator, parcel, now
):
    late = OVER + timedelta(days=1)
    refused("register.stopped", receive, session, recycler, clerk.id, parcel.id, 210, "F1", a_photo(), late)
    refused("recycling.no_recycler", a_labelled_phone, session, consumer, late)
    assert parcel.state is RecyclingState.label_issued
    lapse(session, recycler.id, late)
    assert (recycler.state, parcel.recycler_id) == (RecyclerState.lapsed, None)


def test_a_renewed_licence_does_not_lapse_on_the_old_date(session, recycler, operator, now):
    new = date(2026, 1, 1), date(2030, 12, 31)
    register.renew_licence(session, COUNTY, operator.id, recycler.id, *new, now)
    lapse(session, recycler.id, OVER)
    assert recycler.state is RecyclerState.active
    due = select(OutboxRow.due_at).where(OutboxRow.kind == LicenceLapses.kind)
    assert session.scalars(due).all() == [datetime(2031, 1, 1, 0, 0, tzinfo=SHANGHAI)]


def test_renewal_wakes_a_lapsed_one_and_leaves_a_suspended_one(session, recycler, operator, now):
    lapse(session, recycler.id, OVER)
    new = date(2029, 1, 1), date(2031, 12, 31)
    register.renew_licence(session, COUNTY, operator.id, recycler.id, *new, OVER)
    assert recycler.state is RecyclerState.active
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", OVER)
    register.renew_licence(session, COUNTY, operator.id, recycler.id, *new, OVER)
    assert recycler.state is RecyclerState.suspended


def test_a_suspended_one_with_a_licence_that_is_over_is_not_reopened(session, recycler, operator, now):
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now)
    refused("register.licence_over", reopen, session, COUNTY, operator.id, recycler.id, OVER)
    assert recycler.state is RecyclerState.suspended


def test_a_kind_that_is_struck_off_moves_on(session, consumer, recycler, operator, parcel, now):
    other = a_recycler(session, now, name="另一家")
    entry = Entry(recycler.name, recycler.licence_number, ("fridge",), recycler.address, recycler.phone)
    register.edit_recycler(session, COUNTY, operator.id, recycler.id, entry, now)
    assert (recycler.scope, parcel.recycler_id) == (["fridge"], other.id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "register.name"),
        ({"licence_number": "1"}, "register.licence"),
        ({"scope": ()}, "register.scope"),
        ({"scope": ("spaceship",)}, "register.scope"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(session, operator, now, change, code):
    price_tables(session)
    dates = date(2026, 1, 1), date(2027, 1, 1)
    refused(code, register.add_recycler, session, COUNTY, operator.id, replace(ENTRY, **change), *dates, now)
    assert session.scalar(select(func.count()).select_from(Recycler)) == 0


def test_a_licence_is_entered_once_and_not_after_it_is_over(session, operator, now):
    price_tables(session)
    add = register.add_recycler
    refused(
        "register.dates", add, session, COUNTY, operator.id, ENTRY, date(2025, 1, 1), date(2026, 11, 22), now
    )
    dates = date(2026, 1, 1), date(2026, 11, 23)
    add(session, COUNTY, operator.id, ENTRY, *dates, now)
    refused("register.licence_taken", add, session, COUNTY, operator.id, ENTRY, *dates, now)
    assert session.scalar(select(func.count()).select_from(Recycler)) == 1


def test_a_paper_is_kept_once_and_without_its_metadata(session, recycler, operator, now):
    keep = register.keep_document
    refused("register.title", keep, session, COUNTY, operator.id, recycler.id, "", a_photo(), now)
    refused("photo.unreadable", keep, session, COUNTY, operator.id, recycler.id, "许可证", b"no", now)
    for _ in range(2):
        keep(session, COUNTY, operator.id, recycler.id, "许可证", a_photo(), now)
    paper = session.scalars(select(RecyclerDocument)).one()
    assert (paper.title, paper.jpeg[:2], b"Exif" in paper.jpeg) == ("许可证", b"\xff\xd8", False)


def test_the_audit_says_what_is_left_with_a_suspended_recycler(session, recycler, parcel):
    recycler.state = RecyclerState.suspended
    session.flush()
    said = f"recycling order {parcel.code}: bound for {recycler.licence_number}, which is suspended"
    assert said in list(audit.breaks(session))


def test_the_staff_hear_of_it(session, recycler, operator, now):
    clerk = a_recycler_clerk(session, recycler, now)
    suspend(session, COUNTY, operator.id, recycler.id, "私自拆解", now)
    assert told(session, clerk) == ["register.suspended"]
    assert told(session, an_account(session, now)) == []
