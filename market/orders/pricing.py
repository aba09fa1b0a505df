"""The price of a cart, purely: one fixed order of reductions, exact to the fen (facts §1.6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from market.kernel.money import allocate
from market.subsidies.rules import Decision, Item

# The buyer always pays something in money: an order of nothing cannot be captured, refunded or rated.
LEAST_MONEY_FEN = 100


@dataclass(frozen=True, slots=True)
class CartItem:
    """A line before reductions: unit prices in fen, the category the subsidy counts, the best valid grade.

    `set_off_fen` is the line's share of a set's promotion, which is the shop's like any other.
    """

    line: str
    shop: str
    quantity: int
    unit_list_fen: int
    unit_price_fen: int
    subsidy_category: str | None
    grade: int | None
    set_off_fen: int = 0


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with every reduction, in fen for the whole line."""

    item: CartItem
    list_fen: int
    shop_promotion_fen: int
    coupon_fen: int
    points_fen: int
    decision: Decision
    trade_in_fen: int = 0

    @property
    def goods_fen(self) -> int:
        """What the shop sells the line for: after its own promotion and coupons."""
        return self.list_fen - self.shop_promotion_fen - self.coupon_fen

    @property
    def paid_fen(self) -> int:
        """The buyer's own money for the line."""
        return self.decision.base_fen - self.decision.amount_fen - self.trade_in_fen


@dataclass(frozen=True, slots=True)
class Priced:
    """A priced cart. `delivery_fees_fen` is by shop; it is never part of a subsidy base.

    `deposit_fen` is what the buyer has paid down before.
    """

    lines: tuple[PricedLine, ...]
    delivery_fees_fen: dict[str, int]
    deposit_fen: int = 0

    @property
    def goods_fen(self) -> int:
        return sum(line.goods_fen for line in self.lines)

    @property
    def delivery_fee_fen(self) -> int:
        return sum(self.delivery_fees_fen.values())

    @property
    def total_fen(self) -> int:
        return self.goods_fen + self.delivery_fee_fen

    @property
    def points_fen(self) -> int:
        return sum(line.points_fen for line in self.lines)

    @property
    def subsidy_fen(self) -> int:
        return sum(line.decision.amount_fen for line in self.lines)

    @property
    def trade_in_fen(self) -> int:
        return sum(line.trade_in_fen for line in self.lines)

    @property
    def payable_fen(self) -> int:
        """The buyer's own money that is still to be paid, delivery included."""
        return self.total_fen - self.points_fen - self.subsidy_fen - self.trade_in_fen - self.deposit_fen


def price(
    items: Sequence[CartItem],
    decide: Callable[[Sequence[Item]], Sequence[Decision]],
    *,
    coupon_fen: int = 0,
    points_fen: int = 0,
    trade_in_fen: int = 0,
    delivery_fees_fen: dict[str, int] | None = None,
) -> Priced:
    """Price `items`: list → shop promotion → coupon → points → base → subsidy → trade-in credit → paid.

    Coupon and points are shared over the lines by their price after the step before; trade-in credit by
    what is left to pay, and never so much that less than one yuan is. `decide` gives one subsidy decision
    per item, in order.
    """
    list_fen = [item.quantity * item.unit_list_fen for item in items]
    promotions = [
        item.quantity * (item.unit_list_fen - item.unit_price_fen) + item.set_off_fen for item in items
    ]
    prices = [full - off for full, off in zip(list_fen, promotions, strict=True)]
    coupons = allocate(min(coupon_fen, sum(prices)), prices)
    goods = [before - off for before, off in zip(prices, coupons, strict=True)]
    points = allocate(min(points_fen, sum(goods)), goods)
    bases = [before - off for before, off in zip(goods, points, strict=True)]
    # For the programmes whose base an old appliance reduces, its credit is shared by price.
    credit_shares = allocate(min(trade_in_fen, sum(bases)), bases)
    decisions = decide(
        [
            Item(item.line, item.subsidy_category, item.grade, item.quantity, base, old)
            for item, base, old in zip(items, bases, credit_shares, strict=True)
        ]
    )
    lines = tuple(
        PricedLine(item, full, promotion, coupon, point, decision)
        for item, full, promotion, coupon, point, decision in zip(
            items, list_fen, promotions, coupons, points, decisions, strict=True
        )
    )
    return Priced(_with_trade_in(lines, trade_in_fen), delivery_fees_fen or {})


def _with_trade_in(lines: tuple[PricedLine, ...], trade_in_fen: int) -> tuple[PricedLine, ...]:
    left = [line.paid_fen for line in lines]
    credit_fen = max(0, min(trade_in_fen, sum(left) - LEAST_MONEY_FEN))
    parts = allocate(credit_fen, left)
    return tuple(replace(line, trade_in_fen=part) for line, part in zip(lines, parts, strict=True))
