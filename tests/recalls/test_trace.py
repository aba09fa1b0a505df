"""The trace of a machine: one chain of rows from every room, and no person in it."""

import pytest
from sqlalchemy import select

from market.catalog.models import Product
from market.catalog.recall_rule import Scope, ScopeKind
from market.catalog.recalled import is_recalled, mark
from market.catalog.trace import TraceEvent, TraceKind, broken_at, record, trail
from market.delivery.drive import none_recalled
from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import Refused
from market.recalls.machine import machine
from market.recycling import send_in
from market.recycling.assess import assess
from market.recycling.hand_on import grade, resell
from market.recycling.models import DeviceGrade, WipeMethod
from market.recycling.pay_out import pay_out
from market.recycling.receive import receive
from market.recycling.states import RecyclingState
from market.recycling.wipe import certify_wipe
from market.subsidies import evidence
from market.subsidies.models import Claim
from market.subsidies.review_models import ClaimFlag
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, clean, delivered, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.recalls import a_published_recall
from tests.builders.recycling import a_labelled_phone, a_photo, a_recycler, a_recycler_clerk

SERIAL = "HR26A0001"
RUN = Scope(ScopeKind.serials, first=SERIAL, last="HR26A0009")


@pytest.fixture
def washer(session, now):
    return two_listings(session, now)[0]


@pytest.fixture
def recycled(session, now):
    """A phone that a recycler has received and paid for, the recycler, and who works there."""
    recycler = a_recycler(session, now)
    clerk = a_recycler_clerk(session, recycler, now)
    order = a_labelled_phone(session, an_account(session, now), now)
    send_in.mark_posted(session, order.account_id, order.id, "SF1234567890", now)
    receive(session, recycler, clerk.id, order.id, 198, "F-0001", a_photo(), now)
    assess(session, recycler, clerk.id, order.id, 2, ["battery_weak"], "", None, now)
    pay_out(session, order.id, now)
    return order, recycler, clerk


def test_a_machines_way_is_one_unbroken_chain(session, now, washer):
    add_serials(session, washer, [SERIAL], now, batch=" b7 ")
    order = an_order(session, an_account(session, now), [(washer, 1)], now)
    line = order.shop_orders[0].lines[0]
    sell_serials(session, {washer.id: line.reference}, [SERIAL], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    found = machine(session, " hr26 a0001")
    kinds = [row.kind.value for row in found.events]
    assert kinds == ["received", "sold", "delivered", "installed", "subsidized"]
    assert (found.serial, found.batch, found.broken_at) == (SERIAL, "B7", None)
    assert (found.products, found.recalls, found.is_recalled) == ([washer.product], [], False)
    said = str([row.details for row in found.events])
    assert "王秀英" not in said
    assert order.number not in said
    assert clean(session, now)


def test_a_row_that_was_changed_shows(session, now):
    for shop in ("甲", "乙", "丙"):
        record(session, SERIAL, TraceKind.received, now, details={"shop": shop})
    record(session, SERIAL, TraceKind.received, now, details={"shop": "乙"})
    assert [row.seq for row in trail(session, SERIAL)] == [0, 1, 2]
    rows = list(trail(session, SERIAL))
    with session.no_autoflush:
        rows[1].details = {"shop": "丁"}
        assert broken_at(rows) == 1
        session.expire(rows[1])
    session.add(TraceEvent(serial=SERIAL, seq=3, kind=TraceKind.sold, details={}, happened_at=now, hash="0"))
    session.flush()
    assert machine(session, SERIAL).broken_at == 3
    assert not clean(session, now)


def test_what_cannot_be_a_number_leaves_no_trace_and_is_not_found(session, now):
    record(session, "X1", TraceKind.wiped, now)
    assert session.scalars(select(TraceEvent)).all() == []
    assert machine(session, "X1") is None
    assert machine(session, "HR99Z9999") is None


def test_a_number_nobody_saw_is_recalled_where_it_is_in_the_run(session, now, washer):
    a_published_recall(session, washer, now, RUN)
    assert is_recalled(session, "hr26a0007")
    assert is_recalled(session, "HR26A0007", product_id=washer.product_id)
    assert not is_recalled(session, "HR26A0010")
    other = session.scalars(select(Product.id).where(Product.id != washer.product_id)).first()
    assert not is_recalled(session, "HR26A0007", product_id=other)
    assert machine(session, "HR26A0007").is_recalled


def test_a_recalled_machine_is_not_subsidized(session, now, washer):
    order = an_order(session, an_account(session, now), [(washer, 1)], now)
    line = order.shop_orders[0].lines[0]
    claim = session.scalars(select(Claim).where(Claim.reference == line.reference)).one()
    mark(session, "recall:x", washer.product_id, [SERIAL], now)
    evidence.gather(session, line.reference, {evidence.SERIAL: {"values": [SERIAL]}}, now)
    assert evidence.SERIAL in evidence.missing(session, claim)
    assert session.scalars(select(ClaimFlag.rule)).all() == ["serial_recalled"]


def test_a_recalled_device_is_wiped_and_graded_and_never_resold(session, now, washer, recycled):
    order, recycler, clerk = recycled
    certify_wipe(session, recycler, clerk.id, order.id, SERIAL, WipeMethod.overwrite, "抽读校验", now)
    grade(session, recycler, clerk.id, order.id, DeviceGrade.b, now)
    a_published_recall(session, washer, now, RUN)
    with pytest.raises(Refused, match=r"recycling\.recalled"):
        resell(session, recycler, clerk.id, order.id, SERIAL, 300_00, 3, now)
    assert order.state is RecyclingState.graded
    assert [row.kind.value for row in trail(session, SERIAL)] == ["wiped"]


def test_what_comes_back_and_is_sold_again_is_written_down_again(session, now):
    for kind in (TraceKind.sold, TraceKind.sold, TraceKind.taken_back, TraceKind.taken_back, TraceKind.sold):
        record(session, SERIAL, kind, now, details={"shop": "甲"} if kind is TraceKind.sold else None)
    assert [row.kind.value for row in trail(session, SERIAL)] == ["sold", "taken_back", "sold"]


def test_a_courier_does_not_hand_over_what_is_called_back(session, now, washer):
    mark(session, "recall:x", washer.product_id, [SERIAL], now)
    none_recalled(session, ["HR26A0002"])
    with pytest.raises(Refused, match=r"delivery\.serial_recalled"):
        none_recalled(session, ["HR26A0002", SERIAL.lower()])
