"""Items, sheets and bank files against each other and the book."""

from collections.abc import Iterator

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from market.kernel.outbox import OutboxRow, OutboxState
from market.kernel.seal import Seal, SealBroken, hashed
from market.ledger.queries import balance
from market.ledger.rules import recycler_due, shop_available, shop_payable, shop_pending
from market.orders.book import commission_fen
from market.orders.models import ShopOrder
from market.recycling.models import Recycler
from market.settlements.models import BankFile, ItemState, SettlementItem, SettlementSheet, SheetState
from market.settlements.statement_models import StatementState
from market.settlements.statement_queries import owed_fen, statements_of, unlisted
from market.shops.models import Shop

_AWAITED = ("orders.shop_order_delivered", "orders.shop_share_reduced")


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each shop, sheet or file that does not add up."""
    yield from _balance_breaks(session)
    yield from _sheet_breaks(session)
    yield from _number_breaks(session)
    yield from _file_breaks(session)
    yield from _statement_breaks(session)


def _balance_breaks(session: Session) -> Iterator[str]:
    def of(state: ItemState) -> object:
        return func.sum(case((SettlementItem.state == state, SettlementItem.net_fen), else_=0))

    items = {
        shop_id: (int(pending), int(available))
        for shop_id, pending, available in session.execute(
            select(SettlementItem.shop_id, of(ItemState.pending), of(ItemState.available)).group_by(  # type: ignore[call-overload]
                SettlementItem.shop_id
            )
        )
    }
    payable = {
        shop_id: int(net)
        for shop_id, net in session.execute(
            select(SettlementSheet.shop_id, func.sum(SettlementSheet.net_fen))
            .where(SettlementSheet.state == SheetState.payable)
            .group_by(SettlementSheet.shop_id)
        )
    }
    waiting = _not_yet_items(session)
    for shop in session.scalars(select(Shop)):
        pending, available = items.get(shop.id, (0, 0))
        told = (pending + waiting.get(shop.id, 0), available, payable.get(shop.id, 0))
        accounts = (shop_pending(shop.id), shop_available(shop.id), shop_payable(shop.id))
        booked = tuple(balance(session, account) for account in accounts)
        if told != booked:
            yield f"shop {shop.name}: items and sheets {told}, book {booked} (pending, available, payable)"


def _not_yet_items(session: Session) -> dict[object, int]:
    """By shop, what is in the book and whose event still waits to become an item."""
    found: dict[object, int] = {}
    rows = session.scalars(
        select(OutboxRow).where(OutboxRow.kind.in_(_AWAITED), OutboxRow.state != OutboxState.done)
    )
    for row in rows:
        shop_order = session.get_one(ShopOrder, row.payload["shop_order_id"])
        reference = row.payload.get("reference", shop_order.reference)
        if session.scalar(select(SettlementItem.id).where(SettlementItem.reference == reference)):
            continue
        if "reference" in row.payload:
            net = row.payload["commission_fen"] - row.payload["goods_fen"]
        else:
            net = shop_order.goods_fen - commission_fen(shop_order)
        found[shop_order.shop_id] = found.get(shop_order.shop_id, 0) + net
    return found


def _sheet_breaks(session: Session) -> Iterator[str]:
    found = session.execute(
        select(SettlementSheet, func.coalesce(func.sum(SettlementItem.net_fen), 0))
        .outerjoin(SettlementItem, SettlementItem.sheet_id == SettlementSheet.id)
        .group_by(SettlementSheet.id)
        .having(SettlementSheet.net_fen != func.coalesce(func.sum(SettlementItem.net_fen), 0))
    )
    for sheet, net in found:
        yield f"sheet {sheet.number} of {sheet.county_code}: {sheet.net_fen} fen, its items {net} fen"


def _number_breaks(session: Session) -> Iterator[str]:
    for kind in (SettlementSheet, BankFile):
        rows = session.execute(
            select(kind.county_code, func.count(), func.max(kind.number)).group_by(kind.county_code)
        )
        for county_code, count, last in rows:
            if count != last:
                yield f"{kind.__tablename__} of {county_code}: {count} numbers up to {last}"


def changed_files(session: Session, seal: Seal) -> Iterator[str]:
    """Sentences, one for each bank file that is not, or can no longer be shown to be, what was made."""
    for file in session.scalars(select(BankFile).order_by(BankFile.county_code, BankFile.number)):
        try:
            is_same = hashed(seal.open(file.content_sealed)) == file.sha256
        except SealBroken:
            is_same = False
        if not is_same:
            yield f"bank file {file.number} of {file.county_code} is not what was made"


def _file_breaks(session: Session) -> Iterator[str]:
    sums = session.execute(
        select(BankFile, func.coalesce(func.sum(SettlementSheet.net_fen), 0))
        .outerjoin(SettlementSheet, SettlementSheet.bank_file_id == BankFile.id)
        .group_by(BankFile.id)
        .having(BankFile.sum_fen != func.coalesce(func.sum(SettlementSheet.net_fen), 0))
    )
    for file, net in sums:
        yield f"bank file {file.number} of {file.county_code}: {file.sum_fen} fen, its sheets {net} fen"


def _statement_breaks(session: Session) -> Iterator[str]:
    """A statement is the sum of its lines; what a recycler owes is on one that is due, or waits for one."""
    for recycler in session.scalars(select(Recycler).order_by(Recycler.id)):
        due_fen = 0
        for statement in statements_of(session, recycler.id):
            lines_fen = sum(line.amount_fen for line in statement.lines)
            if lines_fen != statement.amount_fen:
                yield f"statement {statement.number}: {statement.amount_fen} fen, its lines {lines_fen}"
            due_fen += statement.amount_fen if statement.state is StatementState.due else 0
        waiting = unlisted(session, recycler.id)
        told = due_fen + sum(owed_fen(session, recycler.id, entry) for entry in waiting)
        booked = balance(session, recycler_due(recycler.id))
        if told != booked:
            yield f"recycler {recycler.licence_number}: statements and entries {told} fen, book {booked}"
