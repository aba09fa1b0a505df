"""What of an order line goes back to whom, purely (facts §1.7)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """Part of an order line: so many pieces, and what they were paid with, in fen."""

    quantity: int
    money_fen: int
    subsidy_fen: int
    points_fen: int
    trade_in_fen: int

    @property
    def goods_fen(self) -> int:
        """What the part was sold for."""
        return self.money_fen + self.subsidy_fen + self.points_fen + self.trade_in_fen

    @property
    def base_fen(self) -> int:
        """What its subsidy was reckoned on."""
        return self.goods_fen - self.points_fen

    def less(self, gone: Iterable["Share"]) -> "Share":
        """What is left after `gone`."""
        left = self
        for part in gone:
            left = Share(
                left.quantity - part.quantity,
                left.money_fen - part.money_fen,
                left.subsidy_fen - part.subsidy_fen,
                left.points_fen - part.points_fen,
                left.trade_in_fen - part.trade_in_fen,
            )
        return left


def rest_base_fen(left: Share, quantity: int) -> int:
    """The base of what stays when `quantity` pieces of `left` come back."""
    return left.base_fen - left.base_fen * quantity // left.quantity


def returned(left: Share, quantity: int, rest_subsidy_fen: int) -> Share:
    """What goes back with `quantity` pieces of `left`, where the rest is entitled to `rest_subsidy_fen`.

    The last piece takes all that is left, so that returns in any parts sum to the whole. Money, subsidy,
    points and trade-in credit together are the pieces' price; no tender gives more than it has left. Raises
    ValueError where there are not so many pieces.
    """
    if not 0 < quantity <= left.quantity:
        raise ValueError(f"{quantity} of {left.quantity} pieces cannot come back")
    if quantity == left.quantity:
        return left
    base = left.base_fen * quantity // left.quantity
    points = left.points_fen * quantity // left.quantity
    subsidy = min(base, max(0, left.subsidy_fen - rest_subsidy_fen))
    trade_in = min(left.trade_in_fen * quantity // left.quantity, base - subsidy)
    money = base - subsidy - trade_in
    # What stays may keep more than its share of the subsidy; then less money was paid for what comes back.
    too_much = max(0, money - left.money_fen)
    from_subsidy = min(too_much, left.subsidy_fen - subsidy)
    return Share(
        quantity, money - too_much, subsidy + from_subsidy, points, trade_in + too_much - from_subsidy
    )


def reduced(left: Share, cut_fen: int, rest_subsidy_fen: int) -> Share:
    """What goes back when the price of `left` falls by `cut_fen` and nothing is returned.

    The subsidy of the lower price is recomputed and never raised; the buyer gets the cut less what the state
    takes back (facts §1.7: a cut of 200.00 claws back 40.00, the consumer nets 160.00). Raises ValueError
    where the buyer paid less than she would get.
    """
    clawback = min(cut_fen, max(0, left.subsidy_fen - rest_subsidy_fen))
    money = cut_fen - clawback
    if cut_fen <= 0 or money > left.money_fen:
        raise ValueError(f"a cut of {cut_fen} fen gives back more than was paid")
    return Share(0, money, clawback, 0, 0)


def commission_back(commission_fen: int, goods_fen: int, before_fen: int, now_fen: int) -> int:
    """The commission to give up when `now_fen` of `goods_fen` go back after `before_fen`. Sums exactly."""
    return commission_fen * (before_fen + now_fen) // goods_fen - commission_fen * before_fen // goods_fen


def refund_of(wanted_fen: int, refundable_fen: int, county_goodwill_fen: int) -> tuple[int, int, int]:
    """(to the buyer, to the county, to the shop) of `wanted_fen`: never more than the buyer has still paid.

    What she had as goodwill goes back to those who bore it, the county first.
    """
    buyer = min(wanted_fen, refundable_fen)
    county = min(wanted_fen - buyer, county_goodwill_fen)
    return buyer, county, wanted_fen - buyer - county
