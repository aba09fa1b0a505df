"""Cases as each actor may see them: not yours is not found."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from market.aftersales.models import (
    AftersalesPhoto,
    AftersalesStep,
    Outcome,
    Repair,
    ReturnRequest,
)
from market.aftersales.rules import Pause, Warranty, warranty
from market.aftersales.states import REPAIR_OVER, RETURN_OVER, ReturnState
from market.aftersales.terms import TERMS_OF_CATEGORY, in_force, of_day, read
from market.kernel.errors import NotFound
from market.kernel.together import Together
from market.orders.models import Fulfillment, OrderLine
from market.payments.queries import pieces_back


def delivered_at(line: OrderLine) -> datetime | None:
    """When the line's goods were signed for; None where they were not."""
    steps = line.shop_order.steps
    return next((step.at for step in steps if step.state is Fulfillment.delivered), None)


def pieces_left(session: Session, line: OrderLine) -> int:
    """Pieces of the line that the buyer still has and no open case is about."""
    asked = select(func.coalesce(func.sum(ReturnRequest.quantity), 0)).where(
        ReturnRequest.order_line_id == line.id,
        ReturnRequest.refund_id.is_(None),
        ReturnRequest.state.not_in(RETURN_OVER),
    )
    mended = select(func.count()).where(Repair.order_line_id == line.id, Repair.state.not_in(REPAIR_OVER))
    open_ = int(session.scalar(asked) or 0) + int(session.scalar(mended) or 0)
    return line.quantity - pieces_back(session, line.id) - open_


def failed_repairs(session: Session, line_id: uuid.UUID, fault: str) -> int:
    """How many covered repairs of this fault had been called done, now that it is there again."""
    done = select(func.count()).where(
        Repair.order_line_id == line_id,
        Repair.fault == fault,
        Repair.is_covered.is_(True),
        Repair.outcome.in_((Outcome.fixed, Outcome.not_fixed)),
        Repair.clock_to.is_not(None),
    )
    return int(session.scalar(done) or 0)


def warranty_of(session: Session, line: OrderLine, part: str | None, now: datetime) -> Warranty:
    """What 三包 says of a fault of `part` at `now`; the clock of what was exchanged began anew.

    Raises ValueError where the line was not delivered.
    """
    exchanged, repairs, terms = _WARRANTY.read(
        session, line_id=line.id, category_code=line.snapshot["category_code"]
    )
    start = _started(line, exchanged[0])
    pauses = [
        Pause(it.clock_from, it.clock_to)
        for it in repairs
        if it.clock_from is not None and it.clock_from >= start
    ]
    return warranty(read(of_day(terms, start)), start, part, pauses, now)


def terms_id_of(session: Session, line: OrderLine) -> str | None:
    """The terms that govern the line."""
    row = in_force(session, line.snapshot["category_code"], _start(session, line))
    return row.id if row else None


def own_return(session: Session, account_id: uuid.UUID, return_id: uuid.UUID) -> ReturnRequest:
    """One of the buyer's returns. Raises NotFound."""
    found = session.get(ReturnRequest, return_id)
    if found is None or found.account_id != account_id:
        raise NotFound
    return found


def own_repair(session: Session, account_id: uuid.UUID, repair_id: uuid.UUID) -> Repair:
    """One of the buyer's repairs. Raises NotFound."""
    found = session.get(Repair, repair_id)
    if found is None or found.account_id != account_id:
        raise NotFound
    return found


def shop_return(session: Session, shop_id: uuid.UUID, return_id: uuid.UUID) -> ReturnRequest:
    """A return of the shop's goods. Raises NotFound."""
    found = session.get(ReturnRequest, return_id)
    if found is None or found.shop_id != shop_id:
        raise NotFound
    return found


def county_return(session: Session, county_code: str, return_id: uuid.UUID) -> ReturnRequest:
    """A return of the county's. Raises NotFound."""
    found = session.get(ReturnRequest, return_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def county_repair(session: Session, county_code: str, repair_id: uuid.UUID) -> Repair:
    """A repair of the county's. Raises NotFound."""
    found = session.get(Repair, repair_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def of_lines(
    session: Session, line_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[ReturnRequest | Repair]]:
    """The cases of each of the order lines that has any, the newest first."""
    returns = session.scalars(
        select(ReturnRequest)
        .where(ReturnRequest.order_line_id.in_(line_ids))
        .order_by(ReturnRequest.id.desc())
    )
    repairs = session.scalars(
        select(Repair).where(Repair.order_line_id.in_(line_ids)).order_by(Repair.id.desc())
    )
    found: dict[uuid.UUID, list[ReturnRequest | Repair]] = {}
    for row in (*returns, *repairs):
        found.setdefault(row.order_line_id, []).append(row)
    return found


def returns_of_shop(session: Session, shop_id: uuid.UUID, limit: int = 100) -> Sequence[ReturnRequest]:
    """What the shop has open, what is due first."""
    return _open_returns(session, ReturnRequest.shop_id == shop_id, limit)


def returns_of_county(session: Session, county_code: str, limit: int = 200) -> Sequence[ReturnRequest]:
    """What the county has open, what is due first."""
    return _open_returns(session, ReturnRequest.county_code == county_code, limit)


def repairs_of_county(session: Session, county_code: str, limit: int = 200) -> Sequence[Repair]:
    """What is with the county's station or on its way, what is due first."""
    return session.scalars(
        select(Repair)
        .where(Repair.county_code == county_code, Repair.state.not_in(REPAIR_OVER))
        .order_by(Repair.due_at.asc().nulls_last(), Repair.id)
        .limit(limit)
    ).all()


def repairs_of_shop(session: Session, shop_id: uuid.UUID, limit: int = 50) -> Sequence[Repair]:
    """The shop's goods that are being mended."""
    return session.scalars(
        select(Repair)
        .where(Repair.shop_id == shop_id, Repair.state.not_in(REPAIR_OVER))
        .order_by(Repair.id)
        .limit(limit)
    ).all()


def steps(session: Session, reference: str) -> Sequence[AftersalesStep]:
    """What happened to a case, the first step first."""
    return session.scalars(
        select(AftersalesStep).where(AftersalesStep.reference == reference).order_by(AftersalesStep.id)
    ).all()


def photos(session: Session, reference: str) -> Sequence[AftersalesPhoto]:
    """A case's photos, the first one first, without their pixels."""
    return session.scalars(
        select(AftersalesPhoto).where(AftersalesPhoto.reference == reference).order_by(AftersalesPhoto.id)
    ).all()


def photo(session: Session, reference: str, photo_id: uuid.UUID) -> AftersalesPhoto:
    """One photo of a case that the caller may see. Raises NotFound."""
    found = session.get(AftersalesPhoto, photo_id)
    if found is None or found.reference != reference:
        raise NotFound
    return found


def _open_returns(session: Session, whose: ColumnElement[bool], limit: int) -> Sequence[ReturnRequest]:
    return session.scalars(
        select(ReturnRequest)
        .where(whose, ReturnRequest.state.not_in(RETURN_OVER))
        .order_by(ReturnRequest.due_at.asc().nulls_last(), ReturnRequest.id)
        .limit(limit)
    ).all()


_EXCHANGED = select(func.max(ReturnRequest.state_since).label("at")).where(
    ReturnRequest.order_line_id == bindparam("line_id"), ReturnRequest.state == ReturnState.exchanged
)
_WARRANTY = Together(
    _EXCHANGED,
    select(Repair).where(Repair.order_line_id == bindparam("line_id")).order_by(Repair.id),
    TERMS_OF_CATEGORY,
)


def _start(session: Session, line: OrderLine) -> datetime:
    return _started(line, session.scalar(_EXCHANGED, {"line_id": line.id}))


def _started(line: OrderLine, exchanged: datetime | None) -> datetime:
    start = exchanged or delivered_at(line)
    if start is None:
        raise ValueError(f"order line {line.id} was not delivered")
    return start
