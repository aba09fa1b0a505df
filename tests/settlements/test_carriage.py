"""What a batch cost a shop: its share, less what its buyers paid for delivery, on the sheet of the week."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_batch
from market.delivery.drive import complete_stop, fail_stop, start_run
from market.delivery.models import COUNTY as COUNTY_PARTY
from market.delivery.models import BatchShare, Job, Run
from market.delivery.plan_batch import plan_batch, release_batch
from market.delivery.queries import shares_of
from market.delivery.share_batch import share_batch
from market.kernel.clock import local_date
from market.ledger.models import Entry
from market.ledger.queries import balance
from market.ledger.rules import CARRIAGE, DELIVERY_FEES, shop_available, shop_payable, shop_pending
from market.settlements import carriage, items, rules
from market.settlements.models import CarriagePaid, ItemKind, ItemState, SettlementItem
from market.settlements.pay import approve, draw_up
from market.web.settlement_sheet import as_pdf, as_xlsx
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, at_once, clean, left_at, react, to_the_hub, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.web import Browser


@pytest.fixture
def order(session, now):
    """A washer of one shop and a cooker of another, for one door, at the hub."""
    washer, cooker = two_listings(session, now)
    order = an_order(session, an_account(session, now), [(washer, 1), (cooker, 1)], now)
    to_the_hub(session, order, now)
    return order


@pytest.fixture
def courier(session, order, now):
    return a_courier(session, now, COUNTY)


def a_batch(session, now, wave=1, released=True):
    """Tomorrow's batch: planned, shared, and released unless told otherwise."""
    batch = close_batch(session, COUNTY, local_date(now) + timedelta(days=1), wave, now)
    plan_batch(session, batch.id, now, cpu_seconds=0.1)
    share_batch(session, batch.id, now, cpu_seconds=0.2)
    session.refresh(batch)
    if released:
        release_batch(session, COUNTY, batch.id, now)
        react(session, now)
    return batch


def carriages(session):
    found = select(SettlementItem).where(SettlementItem.kind == ItemKind.carriage)
    return {item.shop_id: item for item in session.scalars(found)}


def shop_money(session, shop_id):
    accounts = (shop_pending(shop_id), shop_available(shop_id), shop_payable(shop_id))
    return tuple(balance(session, account) for account in accounts)


def test_every_shop_is_charged_its_share_less_its_buyers_fee_and_none_above_going_alone(
    session, order, courier, now
):
    batch = a_batch(session, now)
    shares = {share.party: share for share in shares_of(session, batch.id)}
    assert sum(share.share_fen for share in shares.values()) == batch.cost_fen < batch.alone_fen
    charged = 0
    for part in order.shop_orders:
        share, item = shares[str(part.shop_id)], carriages(session)[part.shop_id]
        assert part.delivery_fee_fen > 0
        assert item.carriage_fen == share.share_fen - part.delivery_fee_fen < share.alone_fen
        assert (item.net_fen, item.state) == (-item.carriage_fen, ItemState.available)
        assert shop_money(session, part.shop_id) == (0, -item.carriage_fen, 0)
        charged += item.carriage_fen
    assert balance(session, CARRIAGE) == charged
    assert charged + sum(part.delivery_fee_fen for part in order.shop_orders) == batch.cost_fen
    assert clean(session, now)


def test_charging_again_changes_nothing(session, order, courier, now):
    batch = a_batch(session, now)
    before = balance(session, CARRIAGE)
    for _ in range(3):
        carriage.charge(session, batch.id, now)
    react(session, now)
    entries = select(func.count()).select_from(Entry).where(Entry.kind == "shop.carriage")
    assert (balance(session, CARRIAGE), session.scalar(entries)) == (before, 2)
    assert clean(session, now)


def test_nothing_is_charged_before_the_release(session, order, courier, now):
    a_batch(session, now, released=False)
    react(session, now)
    assert (carriages(session), balance(session, CARRIAGE)) == ({}, 0)
    assert clean(session, now)


def test_a_shop_whose_buyers_paid_more_than_its_share_is_charged_nothing(session, order, courier, now):
    batch = a_batch(session, now, released=False)
    part, other = order.shop_orders
    small = select(BatchShare).where(BatchShare.batch_id == batch.id, BatchShare.party == str(part.shop_id))
    large = select(BatchShare).where(BatchShare.batch_id == batch.id, BatchShare.party == str(other.shop_id))
    small, large = session.scalars(small).one(), session.scalars(large).one()
    moved = small.share_fen - part.delivery_fee_fen + 1
    small.share_fen, large.share_fen = small.share_fen - moved, large.share_fen + moved
    large.alone_fen, batch.alone_fen = large.alone_fen + moved, batch.alone_fen + moved
    release_batch(session, COUNTY, batch.id, now)
    react(session, now)
    assert carriages(session)[part.shop_id].net_fen == 0
    assert shop_money(session, part.shop_id) == (0, 0, 0)
    assert clean(session, now)


def test_what_the_county_fetches_is_charged_to_no_shop(session, order, courier, now):
    session.execute(
        update(Job).where(Job.reference == order.shop_orders[0].reference).values(party=COUNTY_PARTY)
    )
    batch = a_batch(session, now)
    assert {share.party for share in shares_of(session, batch.id)} == {
        COUNTY_PARTY, str(order.shop_orders[1].shop_id),
    }  # fmt: skip
    assert carriages(session).keys() == {order.shop_orders[1].shop_id}
    assert clean(session, now)


def test_goods_that_are_carried_twice_are_charged_twice_and_their_fee_counts_once(
    session, order, courier, now
):
    batch = a_batch(session, now)
    run = session.scalars(select(Run).where(Run.batch_id == batch.id)).one()
    start_run(session, courier, run.id, now)
    for stop in run.stops:
        fail_stop(session, courier, stop.id, "nobody_home", now)
    react(session, now)
    again = a_batch(session, now, wave=2)
    part = order.shop_orders[0]
    first, second = carriage.carriage_of(session, part.shop_id)[::-1]
    assert (first.batch.id, second.batch.id) == (batch.id, again.id)
    assert (first.paid_fen, second.paid_fen) == (part.delivery_fee_fen, 0)
    assert first.charged_fen == first.share.share_fen - part.delivery_fee_fen
    assert second.charged_fen == second.share.share_fen
    assert session.scalar(select(func.count()).select_from(CarriagePaid)) == 2
    assert clean(session, now)


def test_the_sheet_of_the_week_nets_the_carriage(session, order, courier, now):
    batch = a_batch(session, now)
    run = session.scalars(select(Run).where(Run.batch_id == batch.id)).one()
    start_run(session, courier, run.id, now)
    for stop in run.stops:
        complete_stop(session, courier, stop.id, left_at(stop), now)
    react(session, now)
    later = now + timedelta(days=14)
    part = order.shop_orders[0]
    assert draw_up(session, COUNTY, rules.week_of(now), now + timedelta(days=7)) == []  # it owes; it waits
    items.release_cash(session, part.reference, later)
    react(session, later)
    [sheet] = draw_up(session, COUNTY, rules.week_of(later - timedelta(days=7)), later)
    charged = carriages(session)[part.shop_id].carriage_fen
    assert sheet.carriage_fen == charged > 0
    assert sheet.net_fen == sheet.goods_fen - sheet.commission_fen - charged
    assert {item.kind for item in sheet.items} == {ItemKind.sale, ItemKind.carriage}
    assert balance(session, DELIVERY_FEES) == sum(one.delivery_fee_fen for one in order.shop_orders)
    for operator in (an_operator(session, now), an_operator(session, now)):
        approve(session, COUNTY, operator.id, sheet.id, later)
    assert shop_money(session, part.shop_id) == (0, 0, sheet.net_fen)
    assert clean(session, later)


def test_the_sheet_has_a_line_and_a_column_for_it(app, session, order, courier, now):
    batch = a_batch(session, now)
    run = session.scalars(select(Run).where(Run.batch_id == batch.id)).one()
    start_run(session, courier, run.id, now)
    for stop in run.stops:
        complete_stop(session, courier, stop.id, left_at(stop), now)
    react(session, now)
    later = now + timedelta(days=14)
    items.release_cash(session, order.shop_orders[0].reference, later)
    react(session, later)
    [sheet] = draw_up(session, COUNTY, rules.week_of(later - timedelta(days=7)), later)
    charged = carriages(session)[sheet.shop_id].carriage_fen
    with app.test_request_context():
        page = load_workbook(io.BytesIO(as_xlsx(sheet))).active
        assert as_pdf(sheet).startswith(b"%PDF-")
    heads, line = ([cell.value for cell in page[row]] for row in (2, 3))
    assert heads[-2:] == ["配送分摊", "店里应得"]
    assert line[:2] == [f"{batch.day.isoformat()}/1", "配送分摊"]
    assert [Decimal(str(it)) for it in line[-2:]] == [Decimal(-charged) / 100] * 2
    seen = Browser(app)
    seen.become(an_operator(session, now))
    assert "已减去那一批货的买家付的送货费" in seen.get(f"/county/settlements/{sheet.id}").text


@pytest.mark.race
def test_ten_workers_at_once_charge_once(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        washer, cooker = two_listings(session, now)
        order = an_order(session, an_account(session, now), [(washer, 1), (cooker, 1)], now)
        to_the_hub(session, order, now)
        a_courier(session, now, COUNTY)
        batch = a_batch(session, now, released=False)
        release_batch(session, COUNTY, batch.id, now)
        batch_id = batch.id
    assert at_once(fresh_engine, 10, lambda s, _: carriage.charge(s, batch_id, now)) == {"done": 10}
    with Session(fresh_engine) as session:
        assert len(carriages(session)) == session.scalar(select(func.count()).select_from(CarriagePaid)) == 2
        react(session, now)
        assert clean(session, now)
