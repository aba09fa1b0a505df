"""Returns against their refund documents and the shelf; freight and repair fees against the book."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.aftersales.models import Repair, ReturnRequest
from market.aftersales.rules import Remedy, comes_back
from market.aftersales.states import ReturnState
from market.inventory.models import Movement, MovementKind
from market.ledger.models import Entry, Phase, Posting
from market.ledger.queries import balance
from market.ledger.rules import REPAIRS
from market.payments.models import Refund, RefundState

_S = ReturnState
_TAKEN_IN = frozenset({_S.exchanging, _S.exchanged, _S.settling, _S.refunded})


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each case whose money or pieces do not add up."""
    for case in session.scalars(select(ReturnRequest).order_by(ReturnRequest.id)):
        yield from _money_breaks(session, case)
        yield from _piece_breaks(session, case)
    yield from _freight_breaks(session)
    paid = select(func.coalesce(func.sum(Repair.fee_fen), 0)).where(Repair.paid_at.is_not(None))
    told, booked = session.scalar(paid) or 0, balance(session, REPAIRS)
    if booked != told:
        yield f"repairs: book {booked} fen, paid repairs {told} fen"


def _money_breaks(session: Session, case: ReturnRequest) -> Iterator[str]:
    """A settled return has the one document of its own pieces, or of its own price cut."""
    if case.state not in (_S.settling, _S.refunded):
        return
    document = session.get_one(Refund, case.refund_id)
    lines = [line for line in document.lines if line.order_line_id == case.order_line_id]
    told = sum(line.quantity for line in lines), sum(line.money_fen + line.subsidy_fen for line in lines)
    cut = case.remedy is Remedy.price_cut
    wanted = (0, case.cut_fen) if cut else (case.received_quantity or case.quantity, told[1])
    if told != wanted or len(lines) != len(document.lines):
        yield f"return {case.code}: refund of {told[0]} pieces and {told[1]} fen, agreed {wanted}"
    if case.state is _S.refunded and document.state in (RefundState.requested, RefundState.rejected):
        yield f"return {case.code}: refunded, its document is {document.state.value}"


def _piece_breaks(session: Session, case: ReturnRequest) -> Iterator[str]:
    """What was received is on the shelf or written off once it was taken in, and the shelf knows of it."""
    taken_in = case.restocked + case.written_off
    if (
        case.state in _TAKEN_IN
        and comes_back(case.ground, case.remedy)
        and taken_in != case.received_quantity
    ):
        yield f"return {case.code}: {case.received_quantity} pieces received, {taken_in} accounted for"
    moved = session.scalar(
        select(func.coalesce(func.sum(Movement.quantity), 0)).where(
            Movement.reference == case.reference, Movement.kind == MovementKind.returned
        )
    )
    if moved != taken_in:
        yield f"return {case.code}: {taken_in} pieces taken in, the shelf has {moved}"


def _freight_breaks(session: Session) -> Iterator[str]:
    told = session.scalar(
        select(func.coalesce(func.sum(ReturnRequest.freight_fen), 0)).where(
            ReturnRequest.collected_at.is_not(None)
        )
    )
    booked = session.scalar(
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.phase == Phase.posted, Entry.kind == "return.freight", Posting.amount > 0)
    )
    if booked != told:
        yield f"return freight: book {booked} fen, fetched returns {told} fen"
