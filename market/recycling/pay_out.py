"""Pay an accepted offer: in points at once, or in yuan through the county's bank."""

import uuid
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import BANK, POINTS_COST, Account, credit, debit, recycler_due, seller_payable
from market.points.earn import grant
from market.points.rules import FEN_PER_POINT
from market.recycling import custody
from market.recycling.models import RecyclingOrder
from market.recycling.payout_models import BankPayout, Payout
from market.recycling.states import RecyclingState
from market.recycling.tell import tell

SLIP_CHARS = range(4, 41)


def pay_out(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """Grant the accepted offer as points; or owe it in yuan, until the bank has paid (`record_transfer`).

    Nothing happens the second time. Guards against paying twice: the state under the row's lock, and the
    references of grant and entries.
    """
    order = custody.lock(session, order_id)
    if order.state is not RecyclingState.payout_pending or order.offer_fen is None:
        return
    if order.recycler_id is None:
        raise ValueError(f"recycling order {order.code} is at no recycler's")
    owe(session, order, recycler_due(order.recycler_id), order.offer_fen, now)
    order.charged_fen = order.offer_fen
    if order.payout is not Payout.yuan:
        _paid(session, order, order.offer_fen, now)


def owe(session: Session, order: RecyclingOrder, source: Account, amount_fen: int, now: datetime) -> None:
    """Give a locked order's owner `amount_fen`, which `source` bears: points are hers at once, yuan are owed
    to her. Once."""
    in_yuan = order.payout is Payout.yuan
    sink = seller_payable(order.account_id) if in_yuan else POINTS_COST
    lines = [debit(source, amount_fen), credit(sink, amount_fen)]
    reference = f"recycling:{order.id}"
    post(session, "recycling.owed", reference, f"recycling_owed:{order.id}", lines, now)
    if in_yuan:
        session.get_one(BankPayout, order.id).amount_fen = amount_fen
        session.flush()
    else:
        grant(session, order.account_id, amount_fen // FEN_PER_POINT, reference, now)


def record_transfer(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    order_id: uuid.UUID,
    bank_reference: str,
    now: datetime,
) -> None:
    """The county's bank has paid the yuan that an order is owed. Paid before: unchanged.

    Raises NotFound for another county's, or where nothing is owed; Refused ``settlement.bank_reference``,
    ``recycling.transfer_taken`` (field bank_reference).
    """
    order = custody.lock(session, order_id)
    due = session.get(BankPayout, order_id, with_for_update=True, populate_existing=True)
    if order.county_code != county_code or due is None or due.amount_fen is None:
        raise NotFound
    if due.paid_at is not None:
        return
    reference = bank_reference.strip()
    if len(reference) not in SLIP_CHARS:
        raise Refused("settlement.bank_reference", field="bank_reference")
    _write_slip(session, due, reference, operator_id, now)
    lines = [debit(seller_payable(order.account_id), due.amount_fen), credit(BANK, due.amount_fen)]
    post(
        session,
        "recycling.transferred",
        f"recycling:{order.id}",
        f"recycling_transfer:{order.id}",
        lines,
        now,
    )
    if order.state is RecyclingState.payout_pending:
        _paid(session, order, due.amount_fen, now)
    else:  # the carrier's compensation
        order.paid_fen = due.amount_fen
        session.flush()
        tell(session, order, "paid_yuan", now, fen=due.amount_fen)


def _paid(session: Session, order: RecyclingOrder, paid_fen: int, now: datetime) -> None:
    order.paid_fen = paid_fen
    if order.payout is Payout.yuan:
        custody.move(session, order, RecyclingState.paid, custody.MARKET, now, fen=paid_fen)
        tell(session, order, "paid_yuan", now, fen=paid_fen)
        return
    points = paid_fen // FEN_PER_POINT
    custody.move(session, order, RecyclingState.paid, custody.MARKET, now, points=points)
    tell(session, order, "paid", now, points=points)


def _write_slip(
    session: Session, due: BankPayout, reference: str, operator_id: uuid.UUID, now: datetime
) -> None:
    try:
        # Of two desks that write one slip at once, the second waits on its unique number.
        with session.begin_nested():
            due.bank_reference, due.paid_by_id, due.paid_at = reference, operator_id, now
            session.flush()
    except IntegrityError as error:
        if "county_code_bank_reference" not in str(error.orig):
            raise
        raise Refused("recycling.transfer_taken", field="bank_reference") from error
