"""Batches for the treasury, and what it answers: each claim in one batch, each answer taken once."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.ledger.post import post
from market.ledger.rules import BANK, credit, debit, treasury
from market.places.models import County
from market.subsidies import clawback, review, serials, trail
from market.subsidies.about import read
from market.subsidies.models import Claim, ClaimState, Evidence, ProgrammeRow
from market.subsidies.pot_figures import move_pot
from market.subsidies.review_models import (
    LINE_STATES,
    Clawback,
    ClawbackState,
    LineState,
    StepKind,
    TreasuryBatch,
    TreasuryImport,
    TreasuryLine,
)
from market.subsidies.treasury_rules import Answer, Problem, Row, as_csv, read_answers, totals

MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A row of answers against the books: what is wrong with it, or that it is known already."""

    answer: Answer
    problem: Problem | None
    is_known: bool
    line: TreasuryLine | None


def make_batch(
    session: Session, county_code: str, operator_id: uuid.UUID, now: datetime
) -> TreasuryBatch | None:
    """Every approved claim that is in no batch, and every clawback that its shop has paid, as one file.

    None where there is nothing to ask for or to give back.
    """
    # The county's row keeps two runs, and so two equal numbers, apart.
    session.scalars(select(County).where(County.code == county_code).with_for_update()).one()
    number = (
        session.scalar(select(func.max(TreasuryBatch.number)).where(TreasuryBatch.county_code == county_code))
        or 0
    ) + 1
    lines = [*_claim_lines(session, county_code), *_clawback_lines(session, county_code)][:MOST_LINES]
    if not lines:
        return None
    for position, line in enumerate(lines, start=1):
        line.position, line.number = position, f"{county_code}-{number:04d}-{position:04d}"
    rows = [row_of(line) for line in lines]
    content = as_csv(rows)
    asked, back = totals(rows)
    batch = TreasuryBatch(
        id=new_id(),
        county_code=county_code,
        number=number,
        size=len(lines),
        claims_fen=asked,
        clawbacks_fen=back,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        made_by_id=operator_id,
        made_at=now,
        lines=lines,
    )
    session.add(batch)
    session.flush()
    return batch


def row_of(line: TreasuryLine) -> Row:
    """A batch's line as the file has it."""
    return Row(line.number, line.document, line.amount_fen, line.clawback_id is not None)


def upload(
    session: Session, county_code: str, operator_id: uuid.UUID, content: bytes, now: datetime
) -> TreasuryImport:
    """Keep a file of answers; the same file again is the same import.

    Raises Refused(``treasury.file``, field file) where it is none.
    """
    try:
        read_answers(content)
    except ValueError as error:
        raise Refused("treasury.file", field="file") from error
    digest = hashlib.sha256(content).hexdigest()
    session.execute(
        insert(TreasuryImport)
        .values(
            id=new_id(),
            county_code=county_code,
            sha256=digest,
            content=content,
            uploaded_by_id=operator_id,
            uploaded_at=now,
        )
        .on_conflict_do_nothing(index_elements=["county_code", "sha256"])
    )
    return session.scalars(
        select(TreasuryImport).where(
            TreasuryImport.county_code == county_code, TreasuryImport.sha256 == digest
        )
    ).one()


def preview(session: Session, file: TreasuryImport) -> list[Checked]:
    """Every row of the file with what would become of it now."""
    answers = read_answers(file.content)
    lines = {
        line.number: line
        for line in session.scalars(
            select(TreasuryLine)
            .join(TreasuryLine.batch)
            .where(TreasuryBatch.county_code == file.county_code)
            .where(TreasuryLine.number.in_([answer.number for answer in answers]))
        )
    }
    return [_checked(answer, lines.get(answer.number)) for answer in answers]


def apply(session: Session, county_code: str, import_id: uuid.UUID, now: datetime) -> TreasuryImport:
    """Take the right rows of the file; wrong ones are left out. Safe to run twice.

    Raises NotFound where it is another county's.
    """
    file = session.scalars(
        select(TreasuryImport)
        .where(TreasuryImport.id == import_id, TreasuryImport.county_code == county_code)
        .with_for_update()
    ).one_or_none()
    if file is None:
        raise NotFound
    numbers = [answer.number for answer in read_answers(file.content)]
    _lock(session, county_code, numbers)
    taken = 0
    for row in preview(session, file):
        if row.problem is None and not row.is_known and row.line is not None:
            _take(session, row.line, row.answer, now)
            taken += 1
    file.applied_at, file.applied_rows = now, (file.applied_rows or 0) + taken
    session.flush()
    return file


def _lock(session: Session, county_code: str, numbers: Sequence[str]) -> None:
    """The claims in the order of their ids, and then the lines, as a refund does."""
    claim_ids = (
        select(TreasuryLine.claim_id)
        .join(TreasuryLine.batch)
        .where(TreasuryBatch.county_code == county_code, TreasuryLine.number.in_(numbers))
    )
    locked = select(Claim).where(Claim.id.in_(claim_ids)).order_by(Claim.id).with_for_update()
    session.scalars(locked.execution_options(populate_existing=True)).all()
    lines = select(TreasuryLine).where(TreasuryLine.number.in_(numbers)).order_by(TreasuryLine.id)
    session.scalars(lines.with_for_update(of=TreasuryLine).execution_options(populate_existing=True)).all()


def _checked(answer: Answer, line: TreasuryLine | None) -> Checked:
    problem, is_known = answer.problem, False
    if problem is None and line is None:
        problem = Problem.number_unknown
    elif problem is None and line is not None:
        told = LineState.paid if answer.is_paid else LineState.rejected
        if answer.amount_fen != line.amount_fen:
            problem = Problem.amount_differs
        elif line.clawback_id and told is LineState.rejected:
            problem = Problem.clawback_not_rejected
        elif line.state is not LineState.sent:
            is_known = line.state is told
            problem = None if is_known else Problem.answered_differently
    return Checked(answer, problem, is_known, line)


def _take(session: Session, line: TreasuryLine, answer: Answer, now: datetime) -> None:
    claim = session.get_one(Claim, line.claim_id)
    LINE_STATES.move(line, LineState.paid if answer.is_paid else LineState.rejected)
    line.settled_at = now
    line.bank_reference, line.reason = answer.bank_reference or None, answer.reason or None
    session.flush()
    if line.clawback_id:
        row = session.get_one(Clawback, line.clawback_id, with_for_update=True)
        clawback.repay(session, claim, row, now)
    elif answer.is_paid:
        _pay_out(session, claim, line, now)
    else:
        _turn_down(session, claim, answer.reason, now)


def _pay_out(session: Session, claim: Claim, line: TreasuryLine, now: datetime) -> None:
    """The state's money is in the bank: the pot has paid, and what came back meanwhile the shop owes."""
    lines = [
        debit(BANK, line.amount_fen),
        credit(treasury(claim.programme_id, claim.county_code), line.amount_fen),
    ]
    post(session, "subsidy.paid", claim.reference, f"subsidy:paid:{line.id}", lines, now)
    move_pot(session, claim, committed=-line.amount_fen, paid=line.amount_fen)
    after = ClaimState.clawback_due if claim.state is ClaimState.refund_pending else ClaimState.paid_out
    said = line.bank_reference or ""
    trail.move(session, claim, after, now, kind=StepKind.treasury, reason=said)


def _turn_down(session: Session, claim: Claim, reason: str, now: datetime) -> None:
    clawback.void_all(session, claim, now)
    if claim.left_fen == 0:
        trail.move(session, claim, ClaimState.returned, now, kind=StepKind.treasury, reason=reason)
    else:
        review.turn_down(session, claim, None, reason, now)


def _claim_lines(session: Session, county_code: str) -> list[TreasuryLine]:
    in_a_batch = select(TreasuryLine.claim_id).where(
        TreasuryLine.clawback_id.is_(None), TreasuryLine.state != LineState.rejected
    )
    claims = session.scalars(
        select(Claim)
        .where(Claim.county_code == county_code, Claim.state == ClaimState.approved)
        .where(Claim.id.not_in(in_a_batch))
        .order_by(Claim.id)
        .limit(MOST_LINES)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return [_line(session, claim, claim.left_fen) for claim in claims]


def _clawback_lines(session: Session, county_code: str) -> list[TreasuryLine]:
    in_a_batch = select(TreasuryLine.clawback_id).where(TreasuryLine.clawback_id.is_not(None))
    rows = session.execute(
        select(Clawback, Claim)
        .join(Claim, Claim.id == Clawback.claim_id)
        .where(Claim.county_code == county_code, Claim.state == ClaimState.clawback_due)
        .where(Clawback.state == ClawbackState.netted, Clawback.id.not_in(in_a_batch))
        .order_by(Claim.id, Clawback.id)
        .limit(MOST_LINES)
        .with_for_update()
    ).all()
    return [_line(session, claim, row.amount_fen, row.id) for row, claim in rows]


def _line(
    session: Session, claim: Claim, amount_fen: int, clawback_id: uuid.UUID | None = None
) -> TreasuryLine:
    about = read(claim.about or {})
    invoice = session.get(Evidence, (claim.id, "invoice"))
    return TreasuryLine(
        id=new_id(),
        claim_id=claim.id,
        clawback_id=clawback_id,
        amount_fen=amount_fen,
        state=LineState.sent,
        document={
            "programme": session.get_one(ProgrammeRow, claim.programme_id).name_zh,
            "shop": about.shop_name,
            "order": about.order_number,
            "title": about.title,
            "brand": about.brand,
            "model": about.model,
            "gtin": about.gtin,
            "serials": serials.of_claim(session, claim.id),
            "claimant": about.claimant,
            "invoice": invoice.value.get("number") if invoice else None,
        },
    )
