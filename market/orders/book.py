"""What orders write into the ledger: money captured, revenue earned, and both undone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.ledger.post import post
from market.ledger.rules import (
    COMMISSION,
    DELIVERY_FEES,
    DEPOSITS,
    GOODWILL,
    POINTS_COST,
    REFUNDS_DUE,
    UNEARNED,
    Account,
    Line,
    credit,
    debit,
    shop_pending,
    trade_in,
)
from market.orders import prove
from market.orders.models import ShopOrder
from market.points.rules import FEN_PER_POINT
from market.subsidies import claim

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What leaves a delivered shop order, in fen.

    `goods_fen` of its goods: of them `subsidy_fen` to the pot and `points_fen` (what was paid in points or
    by an old appliance) to the points programme; `commission_fen` the market gives up. `money_fen` goes to
    the buyer, `deposit_fen` to what she had paid down, and what she had before as goodwill back to
    whoever bore that.
    """

    goods_fen: int
    commission_fen: int
    delivery_fee_fen: int
    subsidy_fen: int
    points_fen: int
    money_fen: int
    to_county_fen: int = 0
    to_shop_fen: int = 0
    deposit_fen: int = 0


def commission_fen(shop_order: ShopOrder) -> int:
    """The market's commission on the goods, frozen at placement, rounded down."""
    return shop_order.goods_fen * shop_order.commission_bp // BASIS_POINTS


def capture(session: Session, shop_order: ShopOrder, source: Account, now: datetime) -> None:
    """The buyer's money for `shop_order` is in `source`: every tender is booked against unearned. Once."""
    money = shop_order.payable_fen
    lines = [
        debit(source, money),
        *_other_tenders(shop_order),
        credit(UNEARNED, money + _others_fen(shop_order)),
    ]
    if post(session, "order.captured", shop_order.reference, f"capture:{shop_order.id}", lines, now):
        for line in sorted(shop_order.lines, key=lambda line: line.listing_id):
            if line.subsidy_fen == 0:
                continue
            about, signals = prove.about(session, line), prove.signals(line)
            claim.commit(session, line.reference, now, about, signals)


def earn(session: Session, shop_order: ShopOrder, now: datetime) -> None:
    """The goods are the buyer's: what was unearned belongs to the shop, the market and the delivery. Once."""
    commission = commission_fen(shop_order)
    lines = [
        debit(UNEARNED, shop_order.goods_fen + shop_order.delivery_fee_fen),
        credit(shop_pending(shop_order.shop_id), shop_order.goods_fen - commission),
        credit(COMMISSION, commission),
        credit(DELIVERY_FEES, shop_order.delivery_fee_fen),
    ]
    post(session, "order.earned", shop_order.reference, f"earn:{shop_order.id}", lines, now)


def undo_capture(session: Session, shop_order: ShopOrder, now: datetime) -> None:
    """A captured shop order will not be delivered: its money becomes a refund due. Once.

    The subsidy goes back to its pot by the claim's release, points by their own restoring.
    """
    money = shop_order.payable_fen
    lines = [
        debit(UNEARNED, money + _others_fen(shop_order)),
        credit(REFUNDS_DUE, money),
        *[Line(line.account, -line.amount) for line in _other_tenders(shop_order)],
    ]
    post(session, "order.undone", shop_order.reference, f"undo:{shop_order.id}", lines, now)


def give_back(session: Session, shop_order: ShopOrder, what: GivenBack, key: str, now: datetime) -> None:
    """Part of a delivered shop order is undone: shop, market and delivery owe the buyer. Once per `key`.

    The subsidy waits among the unearned for the claim's own return.
    """
    shop = shop_pending(shop_order.shop_id)
    lines = [
        debit(shop, what.goods_fen - what.commission_fen),
        debit(COMMISSION, what.commission_fen),
        debit(DELIVERY_FEES, what.delivery_fee_fen),
        credit(UNEARNED, what.subsidy_fen),
        credit(POINTS_COST, what.points_fen),
        credit(REFUNDS_DUE, what.money_fen),
        credit(DEPOSITS, what.deposit_fen),
        credit(GOODWILL, what.to_county_fen),
        credit(shop, what.to_shop_fen),
    ]
    post(session, "order.given_back", shop_order.reference, f"give_back:{key}", lines, now)


def goodwill(
    session: Session, shop_order: ShopOrder, amount_fen: int, bearer: Account, key: str, now: datetime
) -> None:
    """`bearer` gives the buyer `amount_fen` although nothing came back. Once per `key`."""
    lines = [debit(bearer, amount_fen), credit(REFUNDS_DUE, amount_fen)]
    post(session, "order.goodwill", shop_order.reference, f"goodwill:{key}", lines, now)


def _other_tenders(shop_order: ShopOrder) -> list[Line]:
    return [
        debit(POINTS_COST, shop_order.points_fen * FEN_PER_POINT),
        debit(trade_in(shop_order.order.county_code), shop_order.trade_in_fen),
        debit(DEPOSITS, shop_order.deposit_fen),
    ]


def _others_fen(shop_order: ShopOrder) -> int:
    return shop_order.points_fen * FEN_PER_POINT + shop_order.trade_in_fen + shop_order.deposit_fen
