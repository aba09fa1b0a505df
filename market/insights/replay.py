"""What a draft programme would have paid for last month's orders of its county: read from their snapshots."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.orders.models import UNDONE, Order, OrderLine, ShopOrder
from market.recycling.queries import trade_in_of
from market.subsidies import queries, rules
from market.subsidies.models import ProgrammeRow
from market.subsidies.rules import ANY_CATEGORY, Buyer, Item, Offer, Programme

MONTH = timedelta(days=30)
_WITHOUT_END_FEN = 10**15  # a draft is judged by its rules, not by what happens to be in the pot


@dataclass(frozen=True, slots=True)
class Change:
    """One order line: what it was paid and what it would have been."""

    order_number: str
    title: str
    quantity: int
    base_fen: int
    before_fen: int
    after_fen: int
    account_id: uuid.UUID

    @property
    def gain_fen(self) -> int:
        return self.after_fen - self.before_fen


@dataclass(frozen=True, slots=True)
class Replay:
    """Every line of the month, the greatest changes first, and what they come to."""

    since: datetime
    changes: Sequence[Change]

    @property
    def before_fen(self) -> int:
        return sum(change.before_fen for change in self.changes)

    @property
    def after_fen(self) -> int:
        return sum(change.after_fen for change in self.changes)

    @property
    def gainers(self) -> int:
        """How many people would have had more."""
        return sum(1 for fen in self._by_buyer().values() if fen > 0)

    @property
    def losers(self) -> int:
        """How many people would have had less."""
        return sum(1 for fen in self._by_buyer().values() if fen < 0)

    def _by_buyer(self) -> Counter[uuid.UUID]:
        gained: Counter[uuid.UUID] = Counter()
        for change in self.changes:
            gained[change.account_id] += change.gain_fen
        return gained


def replay(session: Session, county_code: str, draft: ProgrammeRow, now: datetime) -> Replay:
    """Decide on the county's orders of the last 30 days again, in their order, as if `draft` had run.

    A person's use counts from the month's first order on; coupons are taken as held. What another programme
    paid for a line stays, unless the draft pays more.
    """
    since = now - MONTH
    programme = queries.parsed(draft)
    ever = replace(programme, valid_from=since, valid_to=now, hard_delivery_cutoff=None)
    others = _others(session, draft.code)
    used: defaultdict[uuid.UUID, Counter[tuple[str, str]]] = defaultdict(Counter)
    categories = _subsidy_categories(session)
    changes: list[Change] = []
    for order in _orders(session, county_code, since, now):
        changes += _again(session, order, ever, others, used[order.account_id], categories)
    changes.sort(key=lambda change: (-abs(change.gain_fen), change.order_number, change.title))
    return Replay(since, changes)


def _again(
    session: Session,
    order: Order,
    programme: Programme,
    others: frozenset[str],
    used: Counter[tuple[str, str]],
    categories: Mapping[str, str | None],
) -> list[Change]:
    lines = [line for part in order.shop_orders if part.state not in UNDONE for line in part.lines]
    items = [_item(line, categories) for line in lines]
    trade_in = trade_in_of(session, f"order:{order.id}") if order.trade_in_fen else None
    buyer = Buyer(used, trade_in=trade_in.category_code if trade_in else None, county_code=order.county_code)
    decisions = rules.quote(items, buyer, [Offer(programme, _WITHOUT_END_FEN)], order.placed_at)
    changes = []
    for line, item, decision in zip(lines, items, decisions, strict=True):
        kept_fen = line.subsidy_fen if line.subsidy_programme_id in others else 0
        after_fen = max(decision.amount_fen, kept_fen)
        if decision.amount_fen and decision.amount_fen == after_fen:
            used[programme.code, item.category or ""] += decision.units
            used[programme.code, ANY_CATEGORY] += decision.units
        changes.append(_change(order, line, after_fen))
    return changes


def _change(order: Order, line: OrderLine, after_fen: int) -> Change:
    return Change(
        order.number,
        line.snapshot["title"],
        line.quantity,
        line.subsidy_base_fen,
        line.subsidy_fen,
        after_fen,
        order.account_id,
    )


def _item(line: OrderLine, categories: Mapping[str, str | None]) -> Item:
    snapshot = line.snapshot
    return Item(
        str(line.id),
        categories.get(snapshot["category_code"]),
        snapshot.get("grade"),
        line.quantity,
        line.subsidy_base_fen,
        line.trade_in_fen,
    )


def _orders(session: Session, county_code: str, since: datetime, now: datetime) -> Sequence[Order]:
    return session.scalars(
        select(Order)
        .where(Order.county_code == county_code, Order.placed_at >= since, Order.placed_at <= now)
        .where(Order.id.in_(select(ShopOrder.order_id).where(ShopOrder.state.not_in(UNDONE))))
        .order_by(Order.placed_at, Order.id)
    ).all()


def _others(session: Session, code: str) -> frozenset[str]:
    return frozenset(session.scalars(select(ProgrammeRow.id).where(ProgrammeRow.code != code)))


def _subsidy_categories(session: Session) -> dict[str, str | None]:
    rows = session.execute(select(Category.code, Category.subsidy_category))
    return {row.code: row.subsidy_category for row in rows}
