"""A sale or its reduction becomes an item, and in time the shop's own."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.effects import hold_days
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import Line, disallowed, shop_available, shop_pending
from market.orders.book import commission_fen
from market.orders.events import ShopShareReduced
from market.orders.models import Fulfillment, OrderLine, PaymentMethod, ShopOrder
from market.orders.queries import by_reference
from market.settlements import rules
from market.settlements.events import ItemDue
from market.settlements.models import ITEM_STATES, ItemKind, ItemState, SettlementItem
from market.subsidies import clawback
from market.subsidies.events import ClaimDisallowed, borne_key


def record_sale(session: Session, shop_order_id: uuid.UUID, now: datetime) -> None:
    """The goods were delivered: their item waits out the return window, and the cash. Once a shop order."""
    shop_order = session.get_one(ShopOrder, shop_order_id)
    delivered_at = next(step.at for step in shop_order.steps if step.state is Fulfillment.delivered)
    commission = commission_fen(shop_order)
    record(
        session,
        SettlementItem(
            shop_id=shop_order.shop_id,
            shop_order_id=shop_order.id,
            kind=ItemKind.sale,
            reference=shop_order.reference,
            number=shop_order.number,
            reason="",
            goods_fen=shop_order.goods_fen,
            commission_fen=commission,
            carriage_fen=0,
            delivery_fee_fen=shop_order.delivery_fee_fen,
            money_fen=shop_order.payable_fen + shop_order.deposit_fen - shop_order.delivery_fee_fen,
            subsidy_fen=shop_order.subsidy_fen,
            points_fen=shop_order.points_fen,
            trade_in_fen=shop_order.trade_in_fen,
            net_fen=shop_order.goods_fen - commission,
            waits_for_cash=shop_order.order.payment_method is PaymentMethod.cash,
            available_at=rules.available_at(delivered_at, hold_days(session, shop_order.shop_id)),
        ),
        now,
    )


def record_reduction(session: Session, reduced: ShopShareReduced, now: datetime) -> None:
    """A refund took part of a sale back, and the commission with it. Once per reference."""
    record_sale(session, reduced.shop_order_id, now)
    owed = {key: clawback.owed_fen(session, key) for key in reduced.clawback_keys}
    clawed = {key: amount_fen for key, amount_fen in owed.items() if amount_fen}
    shop_order = session.get_one(ShopOrder, reduced.shop_order_id)
    sale = _sale(session, shop_order.reference)
    for key, amount_fen in clawed.items():
        # The state has paid this part out: it has a line of its own on the sheet.
        record(session, _subsidy_item(sale, ItemKind.clawback, f"clawback:{key}", -amount_fen), now)
    clawback_fen = sum(clawed.values())
    record(
        session,
        SettlementItem(
            shop_id=sale.shop_id,
            shop_order_id=sale.shop_order_id,
            kind=ItemKind.reduction,
            reference=reduced.reference,
            number=sale.number,
            reason=reduced.reason,
            goods_fen=clawback_fen - reduced.goods_fen,
            commission_fen=-reduced.commission_fen,
            carriage_fen=0,
            delivery_fee_fen=0,
            money_fen=-reduced.money_fen,
            subsidy_fen=clawback_fen - reduced.subsidy_fen,
            points_fen=-reduced.points_fen,
            trade_in_fen=-reduced.trade_in_fen,
            net_fen=clawback_fen + reduced.commission_fen - reduced.goods_fen,
            waits_for_cash=sale.waits_for_cash,
            available_at=sale.available_at,
        ),
        now,
    )


def record_disallowed(session: Session, lost: ClaimDisallowed, now: datetime) -> None:
    """The state will not pay a claim: the shop that fronted the subsidy bears it. Once per key."""
    line = session.get_one(OrderLine, uuid.UUID(lost.reference.removeprefix("order_line:")))
    record_sale(session, line.shop_order_id, now)
    sale = _sale(session, line.shop_order.reference)
    item = _subsidy_item(sale, ItemKind.disallowed, f"disallowed:{lost.key}", -lost.amount_fen)
    county_code = line.shop_order.order.county_code
    lines = [
        Line(shop_pending(sale.shop_id), lost.amount_fen),
        Line(disallowed(county_code), -lost.amount_fen),
    ]
    if post(session, "shop.disallowed", sale.reference, borne_key(lost.key), lines, now):
        record(session, item, now)


def _sale(session: Session, reference: str) -> SettlementItem:
    return session.scalars(
        select(SettlementItem).where(SettlementItem.reference == reference).with_for_update()
    ).one()


def _subsidy_item(sale: SettlementItem, kind: ItemKind, reference: str, amount_fen: int) -> SettlementItem:
    """An item of `sale` that is subsidy and nothing else."""
    return SettlementItem(
        shop_id=sale.shop_id,
        shop_order_id=sale.shop_order_id,
        kind=kind,
        reference=reference,
        number=sale.number,
        reason=kind.value,
        goods_fen=amount_fen,
        commission_fen=0,
        carriage_fen=0,
        delivery_fee_fen=0,
        money_fen=0,
        subsidy_fen=amount_fen,
        points_fen=0,
        trade_in_fen=0,
        net_fen=amount_fen,
        waits_for_cash=sale.waits_for_cash,
        available_at=sale.available_at,
    )


def release_cash(session: Session, reference: str, now: datetime) -> None:
    """The buyer's cash for the shop order `reference` is in the bank: its items wait for it no longer."""
    shop_order = by_reference(session, reference)
    if shop_order is None:
        return
    record_sale(session, shop_order.id, now)
    sale = session.scalars(select(SettlementItem).where(SettlementItem.reference == reference)).one()
    found = session.scalars(
        select(SettlementItem)
        .where(SettlementItem.shop_order_id == sale.shop_order_id)
        .order_by(SettlementItem.id)
        .with_for_update()
    ).all()
    for item in found:
        item.waits_for_cash = False
        _let_go(session, item, now)


def make_available(session: Session, item_id: uuid.UUID, now: datetime) -> None:
    """The item's return window is over. Nothing happens twice, too early, or while the cash is on its way."""
    item = session.get(SettlementItem, item_id, with_for_update=True)
    if item is not None:
        _let_go(session, item, now)


def _let_go(session: Session, item: SettlementItem, now: datetime) -> None:
    if item.state is not ItemState.pending or item.waits_for_cash or now < item.available_at:
        return
    ITEM_STATES.move(item, ItemState.available)
    lines = [
        Line(shop_pending(item.shop_id), item.net_fen),
        Line(shop_available(item.shop_id), -item.net_fen),
    ]
    post(session, "shop.available", item.reference, f"settlement:available:{item.id}", lines, now)
    session.flush()


def record(session: Session, item: SettlementItem, now: datetime) -> None:
    """Keep a new item, pending, with its timer. Once per reference."""
    names = [
        column.key for column in SettlementItem.__table__.columns if column.key not in ("id", "sheet_id")
    ]
    item.state, item.created_at = ItemState.pending, now
    item_id = session.execute(
        insert(SettlementItem)
        .values(id=new_id(), **{name: getattr(item, name) for name in names})
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(SettlementItem.id)
    ).scalar_one_or_none()
    if item_id is not None:
        due_at = max(item.available_at, now)
        emit(session, ItemDue(item_id), now, due_at=due_at, dedupe_key=f"settlement:due:{item_id}")
