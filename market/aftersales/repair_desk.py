"""The county's station: take it in, find the fault, wait for parts, mend it, send it home."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.aftersales import jobs, trail
from market.aftersales.models import Actor, Outcome, Repair
from market.aftersales.queries import warranty_of
from market.aftersales.replace import replace
from market.aftersales.rules import CONSENT_WITHIN, COVERED, PARTS_WITHIN, Verdict
from market.aftersales.states import RepairState
from market.catalog.trace import TraceKind, record
from market.delivery.jobs import cancel_job
from market.delivery.queries import is_done, is_on_the_road
from market.inventory.come_back import serials_of
from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import BANK, REPAIRS, Account, credit, debit

SLIP_CHARS = range(4, 41)
MOST_FEE_FEN = 1_000_000_00


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the station found. `part` is the main part at fault, if it is one.

    `by_misuse` ends the warranty for this fault; `by_card` says that the maker's card covers what the terms
    know nothing of. `fee_fen` is asked where nothing covers it.
    """

    found: str
    part: str | None = None
    by_misuse: bool = False
    by_card: bool = False
    fee_fen: int = 0


def take_in(session: Session, county_code: str, repair_id: uuid.UUID, now: datetime) -> Repair:
    """It stands at the station. The second time nothing happens. Raises NotFound, Refused."""
    case = _of_county(session, county_code, repair_id)
    if case.state is RepairState.at_station:
        return case
    trail.move_repair(session, case, RepairState.at_station, Actor.county, now)
    case.clock_from = case.clock_from or now
    pickup = f"{case.reference}:{jobs.PICKUP}"
    if not is_done(session, pickup):
        cancel_job(session, pickup, now)
    session.flush()
    return case


def diagnose(
    session: Session, county_code: str, repair_id: uuid.UUID, diagnosis: Diagnosis, now: datetime
) -> Repair:
    """What is wrong, and who pays: what the warranty covers is mended; for the rest its owner is asked.

    The warranty is that of the day on which she said so. Raises NotFound; Refused: ``aftersales.note``
    (field found), ``aftersales.fee`` (field fee), ``state.illegal_move``.
    """
    case = _of_county(session, county_code, repair_id)
    if case.state is not RepairState.at_station:
        raise Refused("state.illegal_move")
    case.found, case.part = trail.checked(diagnosis.found, "found"), diagnosis.part
    seen = warranty_of(session, case.line, diagnosis.part, case.created_at)
    case.verdict, case.warranty_until = seen.verdict, seen.until
    by_card = seen.verdict is Verdict.unknown and diagnosis.by_card
    case.is_covered = not diagnosis.by_misuse and (seen.verdict in COVERED or by_card)
    if case.is_covered:
        trail.move_repair(session, case, RepairState.repairing, Actor.county, now, case.found)
    else:
        _quote(session, case, diagnosis.fee_fen, now)
    return case


def order_parts(session: Session, county_code: str, repair_id: uuid.UUID, note: str, now: datetime) -> Repair:
    """A part has to come: thirty days from the first time that one was waited for (三包).

    Raises NotFound; Refused: ``aftersales.note`` (field note), ``state.illegal_move``.
    """
    case = _of_county(session, county_code, repair_id)
    text = trail.checked(note, "note")
    due_at = case.parts_by or now + PARTS_WITHIN
    trail.move_repair(session, case, RepairState.waiting_parts, Actor.county, now, text, due_at=due_at)
    case.parts_by = due_at
    session.flush()
    return case


def parts_came(session: Session, county_code: str, repair_id: uuid.UUID, now: datetime) -> Repair:
    """The part is there; mending goes on. Raises NotFound, Refused(``state.illegal_move``)."""
    case = _of_county(session, county_code, repair_id)
    trail.move_repair(session, case, RepairState.repairing, Actor.county, now)
    return case


def finish(
    session: Session, county_code: str, repair_id: uuid.UUID, fixed: bool, note: str, now: datetime
) -> Repair:
    """Mended, or not to be mended. It goes home; what is covered and cannot be mended is replaced.

    Who agreed to pay pays for what was mended, and for nothing else. Raises NotFound; Refused:
    ``aftersales.note`` (field note), ``state.illegal_move``.
    """
    case = _of_county(session, county_code, repair_id)
    text = trail.checked(note, "note")
    if case.state is not RepairState.repairing:
        raise Refused("state.illegal_move")
    if not fixed and case.is_covered:
        replace(session, case, Actor.county, now, text)
        return case
    go_home(session, case, Outcome.fixed if fixed else Outcome.not_fixed, Actor.county, now, text)
    if fixed:
        _trace(session, case, now)
    return case


def go_home(
    session: Session, case: Repair, outcome: Outcome, by: Actor, now: datetime, note: str = ""
) -> None:
    """A locked repair is over at the station. Raises Refused(``state.illegal_move``)."""
    case.outcome = outcome
    if outcome is not Outcome.fixed:
        case.fee_fen = 0
    trail.move_repair(session, case, RepairState.going_home, by, now, note, fen=case.fee_fen)
    jobs.bring_home(session, case, now, case.fee_fen)


def send_again(session: Session, county_code: str, repair_id: uuid.UUID, now: datetime) -> Repair:
    """She did not take it at the door, and now would. Raises NotFound, Refused(``state.illegal_move``)."""
    case = _of_county(session, county_code, repair_id)
    if case.state is not RepairState.going_home or not case.out_refused:
        raise Refused("state.illegal_move")
    jobs.bring_home(session, case, now, 0 if case.paid_at else case.fee_fen)
    return case


def hand_over(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    repair_id: uuid.UUID,
    slip_number: str,
    now: datetime,
) -> Repair:
    """Its owner came for it herself; what she paid at the desk was banked with its slip. Once.

    Raises NotFound; Refused: ``cash.slip_number`` | ``cash.slip_taken`` (field slip_number),
    ``aftersales.on_the_road`` where the courier has it, ``state.illegal_move``.
    """
    case = _of_county(session, county_code, repair_id)
    if case.state is RepairState.home:
        return case
    out = jobs.way_home(case)
    if is_on_the_road(session, out):
        raise Refused("aftersales.on_the_road")
    if case.fee_fen and case.paid_at is None:
        _bank(session, case, operator_id, slip_number.strip(), now)
    come_home(session, case, Actor.county, now)
    if not case.out_refused:
        cancel_job(session, out, now)
    return case


def come_home(session: Session, case: Repair, by: Actor, now: datetime) -> None:
    """Its owner has it again; the warranty's clock goes on. Raises Refused(``state.illegal_move``)."""
    trail.move_repair(session, case, RepairState.home, by, now)
    case.clock_to = now
    session.flush()


def pay(session: Session, case: Repair, source: Account, now: datetime) -> None:
    """What a locked repair costs its owner has been paid into `source`. Once."""
    lines = [debit(source, case.fee_fen), credit(REPAIRS, case.fee_fen)]
    if post(session, "repair.paid", case.reference, f"repair_paid:{case.id}", lines, now):
        case.paid_at = now
        session.flush()


def _trace(session: Session, case: Repair, now: datetime) -> None:
    """The machine's own history, where it is certain which one it was."""
    serials = serials_of(session, case.line.reference)
    if len(serials) == 1:
        details = {"part": case.part} if case.part else {}
        record(session, serials[0], TraceKind.repaired, now, details=details)


def _quote(session: Session, case: Repair, fee_fen: int, now: datetime) -> None:
    if not 0 < fee_fen <= MOST_FEE_FEN:
        raise Refused("aftersales.fee", field="fee")
    case.fee_fen, case.due_at = fee_fen, now + CONSENT_WITHIN
    trail.move_repair(
        session, case, RepairState.quoted, Actor.county, now, case.found, due_at=case.due_at, fen=fee_fen
    )


def _bank(session: Session, case: Repair, operator_id: uuid.UUID, slip: str, now: datetime) -> None:
    if len(slip) not in SLIP_CHARS:
        raise Refused("cash.slip_number", field="slip_number")
    try:
        with session.begin_nested():
            case.slip_number, case.received_by_id = slip, operator_id
            pay(session, case, BANK, now)
            session.flush()
    except IntegrityError as error:
        if "county_code_slip_number" not in str(error.orig):
            raise
        raise Refused("cash.slip_taken", field="slip_number") from error


def _of_county(session: Session, county_code: str, repair_id: uuid.UUID) -> Repair:
    case = trail.lock_repair(session, repair_id)
    if case.county_code != county_code:
        raise NotFound
    return case
