"""What the maker pays in for a recall goes on to the shop that had borne the refund."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.ledger.post import post
from market.ledger.rules import credit, debit, recall_costs, shop_pending
from market.orders.models import ShopOrder
from market.settlements.items import record
from market.settlements.models import ItemKind, SettlementItem


def pass_on(session: Session, part: ShopOrder, amount_fen: int, reference: str, now: datetime) -> None:
    """`amount_fen` of the maker's money is the shop's of `part`, and due at once. Once per `reference`."""
    county_code = part.order.county_code
    lines = [debit(recall_costs(county_code), amount_fen), credit(shop_pending(part.shop_id), amount_fen)]
    if not amount_fen or not post(session, "shop.recall", part.reference, reference, lines, now):
        return
    item = SettlementItem(
        shop_id=part.shop_id,
        shop_order_id=part.id,
        kind=ItemKind.recall,
        reference=reference,
        number=part.number,
        reason=ItemKind.recall.value,
        goods_fen=amount_fen,
        commission_fen=0,
        carriage_fen=0,
        delivery_fee_fen=0,
        money_fen=amount_fen,
        subsidy_fen=0,
        points_fen=0,
        trade_in_fen=0,
        net_fen=amount_fen,
        waits_for_cash=False,
        available_at=now,
    )
    record(session, item, now)
