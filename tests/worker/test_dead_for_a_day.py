"""Every clock rings through the worker: at its minute, or a day late where the worker was dead; and once."""

import os
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.collection.bring import book
from market.kernel.outbox import OutboxRow, OutboxState
from market.kernel.seal import Seal
from market.ledger.post import post
from market.ledger.queries import balance
from market.ledger.rules import BANK, credit, debit, pot, shop_available, shop_pending
from market.notices.models import Notice
from market.orders.models import PaymentMethod
from market.oversight import cases
from market.oversight.draw_inspections import SEAL_PURPOSE as DRAWS
from market.oversight.draw_inspections import announce
from market.oversight.states import CaseKind
from market.points.earn import earn
from market.points.models import PointsLot
from market.recycling import register
from market.savings.appliances import About, remember
from market.settlements.items import record
from market.settlements.models import ItemKind, SettlementItem
from market.subsidies import coupons, draft, lottery, pots, programmes, real_name
from tests.builders.catalog import a_listing, categories
from tests.builders.collection import a_point
from tests.builders.delivery import a_courier
from tests.builders.orders import an_order
from tests.builders.oversight import a_published_finding
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county, a_station
from tests.builders.recycling import a_recycler
from tests.builders.shops import a_shop
from tests.builders.stations import a_paid_part, left_at_station
from tests.builders.subsidies import a_funded_programme
from worker.handlers import HANDLERS
from worker.work import work

COUNTY = "610924"
SECRET = "tests-only-secret-key-of-40-characters-00"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BY_DAY = ("an appliance",)  # it may be said at any hour of the day
Shown = Callable[[], Any]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handlers find their settings where the worker does: in the environment."""
    monkeypatch.setitem(os.environ, "SECRET_KEY", SECRET)


def work_through(session: Session, kind: str, now: datetime) -> int:
    """The worker does what is due of `kind`, as the relay would hand it out. How many it was."""
    due = (OutboxRow.kind == kind) & (OutboxRow.state == OutboxState.pending) & (OutboxRow.due_at <= now)
    found = session.scalars(select(OutboxRow.id).where(due).order_by(OutboxRow.due_at)).all()
    for row_id in found:
        assert work(session, row_id, HANDLERS, now) is OutboxState.done, session.get_one(OutboxRow, row_id)
    session.expire_all()
    return len(found)


def told(session: Session, *kinds: str) -> int:
    return len(session.scalars(select(Notice.id).where(Notice.kind.in_(kinds))).all())


def a_draw(session: Session, now: datetime) -> Shown:
    a_recycler(session, now)
    staff = [an_operator(session, now) for _ in range(3)]
    seal = Seal([SECRET], DRAWS)
    found = announce(session, COUNTY, staff[0].id, 1, 2, now + timedelta(days=2), seal, now)
    return lambda: (found.state.value, found.seed is not None, told(session, "oversight.drawn"))


def a_filed_case(session: Session, now: datetime) -> Shown:
    an_operator(session, now)
    found = cases.file_case(session, COUNTY, None, CaseKind.other, "", "夜里在后院烧电线，烟很大", [], now)
    return lambda: (found.state.value, bool(found.overdue_at), told(session, "oversight.case_late"))


def a_case_in_hand(session: Session, now: datetime) -> Shown:
    shown = a_filed_case(session, now)
    found = session.scalars(select(cases.ReportedCase)).one()
    session.execute(OutboxRow.__table__.delete().where(OutboxRow.kind == "oversight.case_due"))
    cases.take_up(session, COUNTY, an_operator(session, now).id, found.id, now)
    return shown


def a_finding(session: Session, now: datetime) -> Shown:
    a_recycler(session, now)
    staff = [an_operator(session, now) for _ in range(3)]
    found, _ = a_published_finding(session, staff, Seal([SECRET], DRAWS), now, date(2026, 12, 7))
    return lambda: (bool(found.overdue_at), told(session, "oversight.overdue"))


def goods_with_a_keeper(session: Session, now: datetime) -> Shown:
    courier, station = a_courier(session, now), a_station(session)
    listing = a_listing(session, a_shop(session, now), now)
    a_paid_part(session, an_account(session, now), listing, station, now)
    left_at_station(session, courier, now)
    timers = select(OutboxRow).where(OutboxRow.kind == "delivery.pick_up_due").order_by(OutboxRow.due_at)
    session.delete(session.scalars(timers).all()[1])  # the second word, on the sixth day
    reminders = select(OutboxRow.id).where(OutboxRow.kind == "delivery.job_still_kept")
    return lambda: len(session.scalars(reminders).all())


def an_unpaid_order(session: Session, now: datetime) -> Shown:
    listing = a_listing(session, a_shop(session, now), now)
    order = an_order(session, an_account(session, now), [(listing, 1)], now, PaymentMethod.stripe)
    return lambda: (order.state.value, order.payment_state.value, told(session, "order.lapsed"))


def a_round(session: Session, now: datetime) -> Shown:
    a_county(session, COUNTY)
    data = deepcopy(next(row for row in programmes.shipped() if row["id"] == "DIGI-2026"))
    data["id"] = "LOTTERY-TEST"
    data["rules"]["coupon"] |= {"issue": "lottery", "ttl": "P14D"}
    programmes.publish(session, data)
    programmes.fund(session, "LOTTERY-TEST:1", COUNTY, 10_000_00, now)
    pots.require_coupons(session, COUNTY, "LOTTERY-TEST:1", True)
    pots.set_places(session, COUNTY, "LOTTERY-TEST:1", "phone", 5)
    seal, by = Seal([SECRET], lottery.SEAL_PURPOSE), an_operator(session, now).id
    found = lottery.open_round(session, COUNTY, by, "LOTTERY-TEST:1", "phone", 2, now + 7 * DAY, seal, now)
    return lambda: (found.state.value, found.seed is not None)


def a_coupon(session: Session, now: datetime) -> Shown:
    a_county(session, COUNTY)
    a_funded_programme(session, COUNTY, now, code="DIGI-2026")
    pots.require_coupons(session, COUNTY, "DIGI-2026:1", True)
    pots.set_places(session, COUNTY, "DIGI-2026:1", "phone", 2)
    account, seal = an_account(session, now), Seal([SECRET], real_name.SEAL_PURPOSE)
    real_name.check_name(session, account, "王秀英", "11010519491231002X", True, seal, now)
    coupon = coupons.claim_coupon(session, account, COUNTY, "DIGI-2026:1", "phone", now)
    return lambda: coupon.state.value


def earned_points(session: Session, now: datetime) -> Shown:
    earn(session, an_account(session, now).id, 100, "shop_order:1", now, now)
    lot = session.scalars(select(PointsLot)).one()
    return lambda: (lot.state.value, lot.remaining)


def vested_points(session: Session, now: datetime) -> Shown:
    shown = earned_points(session, now)
    work_through(session, "points.lot_vests", now + timedelta(days=7))
    return shown


def a_booked_place(session: Session, now: datetime) -> Shown:
    item = book(session, a_point(session, now), an_account(session, now).id, "phone", now)
    return lambda: (item.state.value, told(session, "collection.lapsed"))


def an_open_point(session: Session, now: datetime) -> Shown:
    point = a_point(session, now)
    return lambda: (point.state.value, point.closed_reason)


def a_licence(session: Session, now: datetime) -> Shown:
    recycler, by = a_recycler(session, now), an_operator(session, now).id
    register.renew_licence(session, COUNTY, by, recycler.id, date(2026, 1, 1), date(2027, 6, 30), now)
    return lambda: recycler.state.value


def an_old_appliance(session: Session, now: datetime) -> Shown:
    categories(session)
    remember(
        session,
        an_account(session, now).id,
        About("ac", "堂屋的空调", date(2017, 3, 1), date(2017, 3, 5)),
        now,
    )
    return lambda: told(session, "savings.safe_life_over")


def a_shops_share(session: Session, now: datetime) -> Shown:
    """A deposit that is the shop's own from a day on, with nothing else in its book."""
    shop = a_shop(session, now)
    lines = [debit(BANK, 500_00), credit(shop_pending(shop.id), 500_00)]
    post(session, "order.earned", "order:1", "earn:1", lines, now)
    item = SettlementItem(
        shop_id=shop.id, kind=ItemKind.deposit, reference="group_place:1", number="DJ-1", reason="",
        goods_fen=500_00, commission_fen=0, carriage_fen=0, delivery_fee_fen=0, money_fen=500_00,
        subsidy_fen=0, points_fen=0, trade_in_fen=0, net_fen=500_00, waits_for_cash=False,
        available_at=now + 7 * DAY,
    )  # fmt: skip
    record(session, item, now)
    state = select(SettlementItem.state)
    accounts = shop_pending(shop.id), shop_available(shop.id)
    return lambda: (session.scalars(state).one().value, *(balance(session, it) for it in accounts))


def a_version_to_come(session: Session, now: datetime) -> Shown:
    a_county(session, COUNTY)
    a_funded_programme(session, COUNTY, now, 1_000_00, code="GB-2026")
    author, reviewer = (an_operator(session, now).id for _ in range(2))
    row = draft.start_draft(session, COUNTY, author, "GB-2026:1", now)
    written = draft.DraftInput(
        row.name_zh, row.name_en, now + 3 * DAY, row.valid_to, deepcopy(row.rules), row.source, row.verified
    )
    draft.write_draft(session, COUNTY, author, row.id, written, now)
    draft.publish_draft(session, COUNTY, reviewer, row.id, now)
    pots_of = [pot(code, COUNTY) for code in ("GB-2026:1", row.id)]
    return lambda: tuple(balance(session, it) for it in pots_of)


CLOCKS: dict[str, tuple[str, Callable[[Session, datetime], Shown], Any, Any]] = {
    "a draw": ("oversight.draw_due", a_draw, ("announced", False, 0), ("drawn", True, 2)),
    "a report": ("oversight.case_due", a_filed_case, ("filed", False, 0), ("filed", True, 1)),
    "a case": ("oversight.case_due", a_case_in_hand, ("taken_up", False, 0), ("taken_up", True, 2)),
    "a finding": ("oversight.rectification_due", a_finding, (False, 0), (True, 3)),
    "goods kept": ("delivery.pick_up_due", goods_with_a_keeper, 0, 1),
    "an order": (
        "orders.payment_lapses",
        an_unpaid_order,
        ("placed", "due", 0),
        ("canceled", "void", 1),
    ),
    "a lottery": ("subsidies.round_closes", a_round, ("open", False), ("drawn", True)),
    "a coupon": ("subsidies.coupon_lapses", a_coupon, "claimed", "lapsed"),
    "new points": ("points.lot_vests", earned_points, ("pending", 100), ("available", 100)),
    "old points": ("points.lot_expires", vested_points, ("available", 100), ("expired", 0)),
    "a place": ("collection.booking_lapses", a_booked_place, ("booked", 0), ("lapsed", 1)),
    "a point": ("collection.point_ends", an_open_point, ("open", None), ("closed", "date_over")),
    "a licence": ("recycling.licence_lapses", a_licence, "active", "lapsed"),
    "a shop's share": (
        "settlements.item_due",
        a_shops_share,
        ("pending", 500_00, 0),
        ("available", 0, 500_00),
    ),
    "a version": ("subsidies.version_begins", a_version_to_come, (1_000_00, 0), (0, 1_000_00)),
    "an appliance": ("savings.safe_life_over", an_old_appliance, 0, 1),
}


@pytest.mark.parametrize("late", [timedelta(0), DAY], ids=["in time", "dead for a day"])
@pytest.mark.parametrize("name", CLOCKS)
def test_it_rings_at_its_minute_or_a_day_late_and_once(
    session: Session, now: datetime, name: str, late: timedelta
) -> None:
    kind, make, before, after = CLOCKS[name]
    shown = make(session, now)
    session.flush()
    row = session.scalars(
        select(OutboxRow).where(OutboxRow.kind == kind, OutboxRow.state == OutboxState.pending)
    ).one()
    due, early = row.due_at, row.due_at - (DAY if name in BY_DAY else MINUTE)
    assert work_through(session, kind, due - MINUTE) == 0
    for handler in HANDLERS[kind]:  # a message that came early
        handler(session, row.payload, early)
    session.expire_all()
    assert shown() == before
    assert work_through(session, kind, due + late) == 1
    assert shown() == after
    session.get_one(OutboxRow, row.id).state = OutboxState.pending
    session.flush()
    assert work_through(session, kind, due + late + MINUTE) == 1  # and one that came twice
    assert shown() == after
