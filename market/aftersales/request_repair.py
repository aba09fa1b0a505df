"""A buyer has something that does not work as it should: it goes to the county's station."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales import jobs, photos, trail
from market.aftersales.models import Actor, Fault, Repair, ReturnRequest, Way
from market.aftersales.queries import failed_repairs, pieces_left, terms_id_of, warranty_of
from market.aftersales.replace import open_replacement
from market.aftersales.request_return import WORDS_LENGTH, lock_line
from market.aftersales.rules import must_replace
from market.aftersales.states import RepairState
from market.delivery.jobs import cancel_job
from market.delivery.queries import is_done
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.orders.models import OrderLine
from market.recycling.codes import new_code


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, as its owner sees it, and how it comes to the station."""

    fault: Fault
    words: str
    way: Way
    photos: Sequence[bytes] = ()


def request_repair(
    session: Session, account_id: uuid.UUID, line_id: uuid.UUID, trouble: Trouble, now: datetime
) -> Repair | ReturnRequest:
    """Ask for it to be mended; what the warranty says is written down as of now.

    Where two repairs of the same fault did not hold, it is replaced instead (三包): the answer is then an
    approved return. Raises NotFound where the line is not hers; Refused: ``aftersales.not_delivered``,
    ``aftersales.pieces`` (field fault), ``aftersales.words`` (field words), ``photo.unreadable``.
    """
    line = lock_line(session, account_id, line_id)
    if pieces_left(session, line) < 1:
        raise Refused("aftersales.pieces", field="fault", left=0)
    if not 0 < len(trouble.words.strip()) <= WORDS_LENGTH:
        raise Refused("aftersales.words", field="words", most=WORDS_LENGTH)
    if must_replace(failed_repairs(session, line.id, trouble.fault)):
        return open_replacement(session, line, trouble.words.strip(), trouble.way, now)
    case = _repair(session, line, trouble, now)
    trail.begin(session, case, now)
    photos.keep(session, case.reference, Actor.buyer, trouble.photos, now)
    if case.way is Way.pickup:
        jobs.fetch_repair(session, case, now)
    return case


def withdraw_repair(session: Session, account_id: uuid.UUID, repair_id: uuid.UUID, now: datetime) -> Repair:
    """She keeps it as it is. The second time nothing happens.

    Raises NotFound where it is not hers; Refused(``state.illegal_move``) once it is on its way.
    """
    case = trail.lock_repair(session, repair_id)
    if case.account_id != account_id:
        raise NotFound
    if case.state is RepairState.withdrawn:
        return case
    reference = f"{case.reference}:{jobs.PICKUP}"
    if is_done(session, reference):
        raise Refused("state.illegal_move")
    trail.move_repair(session, case, RepairState.withdrawn, Actor.buyer, now)
    cancel_job(session, reference, now)
    return case


def _repair(session: Session, line: OrderLine, trouble: Trouble, now: datetime) -> Repair:
    found = warranty_of(session, line, None, now)
    return Repair(
        id=new_id(),
        code=new_code("X"),
        account_id=line.shop_order.order.account_id,
        county_code=line.shop_order.order.county_code,
        shop_id=line.shop_order.shop_id,
        order_line_id=line.id,
        fault=trouble.fault,
        words=trouble.words.strip(),
        way=trouble.way,
        state=RepairState.requested,
        state_since=now,
        created_at=now,
        terms_id=terms_id_of(session, line),
        verdict=found.verdict,
        warranty_until=found.until,
        line=line,
    )
