"""A recycler's monthly statement: drawn up from the book, paid by bank transfer, confirmed by an operator.

What a recycler owes is in the book already, entry by entry (`recycler_due`); a statement only says which of
them are asked for together.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.ledger.models import Entry
from market.ledger.post import post
from market.ledger.rules import BANK, RECYCLER_PAID, credit, debit, recycler_due
from market.notices.notify import notify
from market.places.models import County
from market.recycling.custody_models import Device
from market.recycling.models import Recycler, RecyclerStaff
from market.settlements.rules import due_on, month_end
from market.settlements.statement_models import (
    STATEMENT_STATES,
    RecyclerStatement,
    StatementLine,
    StatementState,
)
from market.settlements.statement_queries import owed_fen, unlisted

SLIP_CHARS = range(4, 41)


def draw_up_statements(
    session: Session, county_code: str, month: date, now: datetime
) -> list[RecyclerStatement]:
    """One statement for each recycler of the county that owes something up to the end of `month`.

    However often it runs, a recycler has one a month; what was missed goes onto the next one, and so does a
    month in which it owes nothing. Raises Refused(``settlement.month``) before the month is over.
    """
    if now < month_end(month):
        raise Refused("settlement.month")
    # The county's row keeps two runs, and so two equal numbers, apart.
    session.scalars(select(County).where(County.code == county_code).with_for_update()).one()
    found = session.scalars(
        select(Recycler).where(Recycler.county_code == county_code).order_by(Recycler.id)
    ).all()
    return [made for recycler in found if (made := _statement(session, recycler, month, now))]


def confirm_statement(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    statement_id: uuid.UUID,
    bank_reference: str,
    now: datetime,
) -> RecyclerStatement:
    """The bank has the recycler's money: the book says so. Paid before: unchanged.

    Raises NotFound where it is another county's; Refused ``settlement.bank_reference``,
    ``settlement.slip_taken`` (field bank_reference).
    """
    found = session.get(RecyclerStatement, statement_id, with_for_update=True, populate_existing=True)
    if found is None or found.county_code != county_code:
        raise NotFound
    if found.state is StatementState.paid:
        return found
    slip = bank_reference.strip()
    if len(slip) not in SLIP_CHARS:
        raise Refused("settlement.bank_reference", field="bank_reference")
    _write_slip(session, found, slip, operator_id, now)
    lines = [debit(BANK, found.amount_fen), credit(recycler_due(found.recycler_id), found.amount_fen)]
    post(session, RECYCLER_PAID, f"statement:{found.id}", f"statement:{found.id}:paid", lines, now)
    return found


def _statement(session: Session, recycler: Recycler, month: date, now: datetime) -> RecyclerStatement | None:
    known = session.scalar(
        select(RecyclerStatement).where(
            RecyclerStatement.recycler_id == recycler.id, RecyclerStatement.month >= month
        )
    )
    if known is not None:
        return known if known.month == month else None
    entries = unlisted(session, recycler.id, month_end(month))
    amounts = {entry.id: owed_fen(session, recycler.id, entry) for entry in entries}
    if sum(amounts.values()) <= 0:
        return None
    made = RecyclerStatement(
        id=new_id(),
        recycler_id=recycler.id,
        recycler_name=recycler.name,
        county_code=recycler.county_code,
        month=month,
        number=_next_number(session, recycler.county_code),
        amount_fen=sum(amounts.values()),
        due_on=due_on(month),
        state=StatementState.due,
        drawn_up_at=now,
    )
    made.lines = [_line(session, entry, amounts[entry.id]) for entry in entries]
    session.add(made)
    session.flush()
    _tell(session, made, now)
    return made


def _line(session: Session, entry: Entry, amount_fen: int) -> StatementLine:
    _, _, device_id = entry.reference.partition(":")
    code = session.scalar(select(Device.code).where(Device.id == uuid.UUID(device_id)))
    return StatementLine(
        entry_id=entry.id,
        kind=entry.kind,
        code=code or entry.reference,
        amount_fen=amount_fen,
        happened_at=entry.created_at,
    )


def _tell(session: Session, made: RecyclerStatement, now: datetime) -> None:
    staff = select(RecyclerStaff.account_id).where(RecyclerStaff.recycler_id == made.recycler_id)
    params = {"number": made.number, "fen": made.amount_fen, "day": made.due_on.isoformat()}
    for account_id in session.scalars(staff.order_by(RecyclerStaff.account_id)):
        key = f"settlement.statement:{made.id}:{account_id}"
        notify(session, account_id, "settlement.statement", params, now, f"statement:{made.id}", key)


def _next_number(session: Session, county_code: str) -> int:
    of_county = RecyclerStatement.county_code == county_code
    return (session.scalar(select(func.max(RecyclerStatement.number)).where(of_county)) or 0) + 1


def _write_slip(
    session: Session, found: RecyclerStatement, slip: str, operator_id: uuid.UUID, now: datetime
) -> None:
    try:
        # Of two desks that write one slip at once, the second waits on its unique number.
        with session.begin_nested():
            STATEMENT_STATES.move(found, StatementState.paid)
            found.bank_reference, found.confirmed_by_id, found.paid_at = slip, operator_id, now
            session.flush()
    except IntegrityError as error:
        if "bank_reference" not in str(error.orig):
            raise
        raise Refused("settlement.slip_taken", field="bank_reference") from error
