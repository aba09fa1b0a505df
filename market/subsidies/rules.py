"""Decide, purely, what each line gets from which programme. Facts and vectors: domain facts §1.5 and §1.6."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from market.kernel.clock import local_date
from market.kernel.money import allocate, share
from market.subsidies.schema import Programme as Programme
from market.subsidies.schema import Rate, Tier
from market.subsidies.schema import read as read

ANY_CATEGORY = "*"  # what a person has used over all categories counts under this name


class Reason(StrEnum):
    """The one condition that fails, in the order in which they are looked at; the door has the sentences."""

    no_programme = "no_programme"
    other_region = "other_region"
    hukou_unknown = "hukou_unknown"
    rate_unknown = "rate_unknown"
    grade_not_eligible = "grade_not_eligible"
    price_ceiling = "price_ceiling"
    trade_in_missing = "trade_in_missing"
    quota_used = "quota_used"
    coupon_missing = "coupon_missing"
    pot_empty = "pot_empty"


_NEARNESS = {reason: number for number, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class Item:
    """One order line to decide on. `base_fen` is the whole line's price after every other reduction.

    `trade_in_fen` is its share of an old appliance's credit, for the programmes whose base that reduces.
    """

    line: str
    category: str | None
    grade: int | None
    quantity: int
    base_fen: int
    trade_in_fen: int = 0


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is known of who buys. `used` counts items by (programme code, category), "*" for all of them.

    `coupons` are the (programme id, category) for which she holds one; None where nobody asks for any (a
    visitor sees what she could have). `trade_in` is the kind of the old appliance she hands in.
    """

    used: Mapping[tuple[str, str], int] = field(default_factory=dict)
    coupons: frozenset[tuple[str, str]] | None = None
    trade_in: str | None = None
    county_code: str | None = None
    has_rural_hukou: bool | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A programme as a county runs it: what its pot still has, and whether it asks for a coupon."""

    programme: Programme
    left_fen: int
    requires_coupon: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What one line gets: `amount_fen` over `units` items of `base_fen`, or nothing with a `reason`.

    `values` is what the sentence mentions. `deducted_fen` of the base was met by an old appliance where the
    programme says that this reduces it. `with_coupon`: the programme asks for one.
    """

    line: str
    base_fen: int
    amount_fen: int
    units: int = 0
    programme_id: str | None = None
    reason: Reason | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    deducted_fen: int = 0
    with_coupon: bool = False


def amount_for_one(programme: Programme, category: str, grade: int | None, price_fen: int) -> int | Reason:
    """The subsidy in fen for a single item of `price_fen`, or why there is none."""
    if programme.ceiling_fen is not None and not _below_ceiling(programme, price_fen):
        return Reason.price_ceiling
    if category in programme.tiers:
        return _tiered(programme.tiers[category], price_fen)
    for rule in programme.rates:
        if rule.covers(grade):
            return _rated(rule, price_fen)
    return Reason.grade_not_eligible


def _below_ceiling(programme: Programme, price_fen: int) -> bool:
    ceiling = programme.ceiling_fen or 0
    return price_fen <= ceiling if programme.ceiling_inclusive else price_fen < ceiling


def _rated(rule: Rate, price_fen: int) -> int | Reason:
    if rule.rate is None:
        return Reason.rate_unknown
    amount = share(price_fen, rule.rate)
    capped = amount if rule.cap_fen is None else min(amount, rule.cap_fen)
    return capped or Reason.grade_not_eligible


def _tiered(tiers: Sequence[Tier] | None, price_fen: int) -> int | Reason:
    if tiers is None:
        return Reason.rate_unknown
    for tier in tiers:
        if tier.upto_fen is None or price_fen <= tier.upto_fen:
            # A flat amount for something that costs less than it would be more than its price.
            amount = (
                share(price_fen, tier.rate) if tier.rate is not None else min(tier.flat_fen or 0, price_fen)
            )
            return amount or Reason.price_ceiling
    return Reason.price_ceiling


def quote(items: Iterable[Item], buyer: Buyer, offers: Sequence[Offer], now: datetime) -> list[Decision]:
    """For every item the best programme's amount, or the one condition that fails, in the items' order.

    At most one programme pays for a line. Lines are decided one after the other, each using up quota, coupon
    and pot for the next: those that could have most first, so that the order of a cart changes nothing.
    """
    asked = list(items)
    by_category = _by_category(offers, now)
    options = {item.line: _options(item, buyer, by_category.get(item.category, ())) for item in asked}
    state = _State(buyer, offers)
    turns = sorted(asked, key=lambda item: (-_most_fen(options[item.line]), item.line))
    decided = {item.line: state.decide(item, options[item.line]) for item in turns}
    return [decided[item.line] for item in asked]


def is_running(programme: Programme, now: datetime) -> bool:
    """Whether the programme pays for what is bought at `now`."""
    cutoff = programme.hard_delivery_cutoff
    return programme.is_open(now) and (cutoff is None or local_date(now) <= cutoff)


def _by_category(offers: Sequence[Offer], now: datetime) -> dict[str | None, list[Offer]]:
    found: dict[str | None, list[Offer]] = defaultdict(list)
    for offer in offers:
        if is_running(offer.programme, now):
            for category, limit in offer.programme.quantity_limits.items():
                if limit:
                    found[category].append(offer)
    return found


class _Option(NamedTuple):
    """What one programme would pay for each piece of a line, most first, or why it pays nothing."""

    offer: Offer
    pieces_fen: Sequence[int]
    reason: Reason | None
    deducted_fen: int = 0


class _Answer(NamedTuple):
    """What an option comes to as things stand now."""

    reason: Reason | None
    amount_fen: int = 0
    units: int = 0

    @property
    def nearness(self) -> int:
        return _NEARNESS[self.reason] if self.reason else 0


def _most_fen(options: Sequence[_Option]) -> int:
    return max((sum(option.pieces_fen) for option in options), default=0)


def _options(item: Item, buyer: Buyer, offers: Iterable[Offer]) -> list[_Option]:
    prices = _prices(item.base_fen, item.quantity)
    return [_option(item, prices, buyer, offer) for offer in offers]


def _option(item: Item, prices: Sequence[int], buyer: Buyer, offer: Offer) -> _Option:
    programme, category = offer.programme, item.category or ""
    if not programme.applies_in(buyer.county_code):
        return _Option(offer, (), Reason.other_region)
    if programme.rural_hukou_required and not buyer.has_rural_hukou:
        return _Option(offer, (), Reason.hukou_unknown)
    deducted_fen = item.trade_in_fen if programme.trade_in_reduces_base else 0
    if deducted_fen:
        prices = _prices(item.base_fen - deducted_fen, item.quantity)
    amounts = _amounts(programme, category, item.grade, prices)
    paid = sorted((amount for amount in amounts if not isinstance(amount, Reason)), reverse=True)
    if not paid:
        return _Option(offer, (), next(amount for amount in amounts if isinstance(amount, Reason)))
    if programme.requires_trade_in and not _trade_in_fits(programme, category, buyer.trade_in):
        return _Option(offer, (), Reason.trade_in_missing)
    # A coupon is good for one piece.
    most = 1 if offer.requires_coupon and buyer.coupons is not None else programme.quantity_limits[category]
    return _Option(offer, paid[:most], None, deducted_fen)


def _trade_in_fits(programme: Programme, category: str, trade_in: str | None) -> bool:
    return trade_in is not None and (trade_in == category or not programme.trade_in_same_category)


class _State:
    """What is left while lines are decided."""

    def __init__(self, buyer: Buyer, offers: Sequence[Offer]) -> None:
        self._used = Counter(buyer.used)
        self._coupons = buyer.coupons
        self._left_fen = {offer.programme.id: offer.left_fen for offer in offers}

    def decide(self, item: Item, options: Sequence[_Option]) -> Decision:
        """The best of `options` for the item; what it takes is gone for the next."""
        if not options:
            return Decision(item.line, item.base_fen, 0, reason=Reason.no_programme)
        answers = [self._answer(item, option) for option in options]
        # Of equals (mostly none are paid) that one is told whose reason came nearest to being paid.
        n = max(range(len(options)), key=lambda n: (answers[n].amount_fen, answers[n].nearness, -n))
        option, answer = options[n], answers[n]
        if answer.reason:
            return _refused(item, option.offer, answer.reason, self._left_fen)
        decision = Decision(
            item.line,
            item.base_fen,
            answer.amount_fen,
            answer.units,
            option.offer.programme.id,
            deducted_fen=option.deducted_fen,
            with_coupon=option.offer.requires_coupon,
        )
        self._take(decision, option.offer.programme, item.category or "")
        return decision

    def _answer(self, item: Item, option: _Option) -> _Answer:
        programme, category = option.offer.programme, item.category or ""
        if option.reason:
            return _Answer(option.reason)
        units = self._units_left(programme, category)
        if units <= 0:
            return _Answer(Reason.quota_used)
        if option.offer.requires_coupon and not self._holds(programme.id, category):
            return _Answer(Reason.coupon_missing)
        granted = list(_within(option.pieces_fen[:units], self._left_fen[programme.id]))
        return _Answer(None, sum(granted), len(granted)) if granted else _Answer(Reason.pot_empty)

    def _holds(self, programme_id: str, category: str) -> bool:
        return self._coupons is None or (programme_id, category) in self._coupons

    def _units_left(self, programme: Programme, category: str) -> int:
        left = programme.quantity_limits[category] - self._used[programme.code, category]
        if programme.total_limit is None:
            return left
        return min(left, programme.total_limit - self._used[programme.code, ANY_CATEGORY])

    def _take(self, decision: Decision, programme: Programme, category: str) -> None:
        self._used[programme.code, category] += decision.units
        self._used[programme.code, ANY_CATEGORY] += decision.units
        self._left_fen[programme.id] -= decision.amount_fen
        if decision.with_coupon and self._coupons is not None:
            self._coupons -= {(programme.id, category)}


def _within(pieces_fen: Sequence[int], left_fen: int) -> Iterator[int]:
    """The pieces that the pot still pays for, each in full."""
    for piece_fen in pieces_fen:
        if piece_fen <= left_fen:
            left_fen -= piece_fen
            yield piece_fen


def _refused(item: Item, offer: Offer, reason: Reason, left_fen: Mapping[str, int]) -> Decision:
    programme, category = offer.programme, item.category or ""
    values: dict[str, Any] = {"programme_id": programme.id}
    if reason is Reason.grade_not_eligible:
        values |= {"grade": item.grade, "grades": programme.eligible_grades}
    elif reason is Reason.price_ceiling:
        tiers = programme.tiers.get(category)
        values["ceiling_fen"] = tiers[-1].upto_fen if tiers else programme.ceiling_fen
    elif reason is Reason.quota_used:
        values["limit"] = programme.quantity_limits[category]
    elif reason is Reason.pot_empty:
        values["left_fen"] = left_fen[programme.id]
    return Decision(item.line, item.base_fen, 0, reason=reason, values=values)


def entitlement(
    programme: Programme, category: str, grade: int | None, quantity: int, units: int, base_fen: int
) -> int:
    """What `quantity` pieces of `base_fen` together are entitled to, in fen, where `units` may be subsidised.

    For what is left of a claim after a return or a price cut (facts §1.7).
    """
    amounts = _amounts(programme, category, grade, _prices(base_fen, quantity))
    paid = sorted((amount for amount in amounts if not isinstance(amount, Reason)), reverse=True)
    return sum(paid[:units])


def _prices(base_fen: int, quantity: int) -> list[int]:
    """What each piece of a line costs."""
    return [base_fen] if quantity == 1 else allocate(base_fen, [1] * quantity)


def _amounts(
    programme: Programme, category: str, grade: int | None, prices: Sequence[int]
) -> list[int | Reason]:
    if prices[0] == prices[-1]:
        return [amount_for_one(programme, category, grade, prices[0])] * len(prices)
    return [amount_for_one(programme, category, grade, price) for price in prices]
