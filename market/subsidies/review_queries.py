"""Claims, their trail and the treasury's files as each actor may see them: not yours is not found."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from market.people.models import Account
from market.subsidies.fraud_rules import Severity
from market.subsidies.models import Claim, ClaimState
from market.subsidies.review_models import (
    Auditor,
    ClaimFlag,
    ClaimStep,
    Clawback,
    ClawbackState,
    TreasuryBatch,
    TreasuryImport,
)

_RANK = {Severity.block: 0, Severity.hold: 1, Severity.flag: 2}


@dataclass(frozen=True, slots=True)
class Listed:
    """A claim on the work list, and the hardest of its flags that nobody has lifted."""

    claim: Claim
    worst: Severity | None


def auditors_county(session: Session, account_id: uuid.UUID) -> str | None:
    """The county whose claims the person audits, or None."""
    return session.scalar(select(Auditor.county_code).where(Auditor.account_id == account_id))


def county_claims(
    session: Session,
    county_code: str,
    states: Sequence[ClaimState],
    severity: Severity | None = None,
    limit: int = 100,
) -> list[Listed]:
    """The county's claims in `states`, the hardest flagged and then the oldest first."""
    rank = func.min(case(*((ClaimFlag.severity == kind, place) for kind, place in _RANK.items())))
    found = (
        select(Claim, rank)
        .outerjoin(ClaimFlag, (ClaimFlag.claim_id == Claim.id) & ClaimFlag.lifted_at.is_(None))
        .where(Claim.county_code == county_code, Claim.state.in_(states))
        .group_by(Claim.id)
        .order_by(rank.nulls_last(), Claim.created_at)
        .limit(limit)
    )
    if severity is not None:
        found = found.having(rank == _RANK[severity])
    kinds = {place: kind for kind, place in _RANK.items()}
    return [Listed(claim, None if place is None else kinds[place]) for claim, place in session.execute(found)]


def county_claim(session: Session, county_code: str, claim_id: uuid.UUID) -> Claim | None:
    """One claim of the county's that has been paid."""
    return session.scalar(
        select(Claim).where(Claim.id == claim_id, Claim.county_code == county_code, Claim.about.is_not(None))
    )


def shop_claims(session: Session, shop_id: uuid.UUID, limit: int = 200) -> list[Claim]:
    """The shop's claims, what waits for the shop first, and then the newest."""
    waits = case(
        (Claim.state.in_((ClaimState.delivered, ClaimState.installed, ClaimState.rejected)), 0), else_=1
    )
    found = select(Claim).where(Claim.shop_id == shop_id)
    return list(session.scalars(found.order_by(waits, Claim.created_at.desc()).limit(limit)))


def shop_claim(session: Session, shop_id: uuid.UUID, claim_id: uuid.UUID) -> Claim | None:
    """One claim of the shop's."""
    return session.scalar(select(Claim).where(Claim.id == claim_id, Claim.shop_id == shop_id))


def of_lines(session: Session, references: Sequence[str]) -> dict[str, Claim]:
    """The claims of order lines, by their reference; the caller has checked whose they are."""
    found = session.scalars(select(Claim).where(Claim.reference.in_(references)))
    return {claim.reference: claim for claim in found}


def flags(session: Session, claim_id: uuid.UUID) -> list[ClaimFlag]:
    """Every flag of a claim, the hardest first."""
    found = session.scalars(select(ClaimFlag).where(ClaimFlag.claim_id == claim_id))
    return sorted(found, key=lambda flag: (_RANK[flag.severity], flag.rule))


def trail(session: Session, claim_id: uuid.UUID) -> list[tuple[ClaimStep, str | None]]:
    """What happened to a claim, the first first, with the name of whoever did it."""
    rows = session.execute(
        select(ClaimStep, Account.name)
        .outerjoin(Account, Account.id == ClaimStep.by_id)
        .where(ClaimStep.claim_id == claim_id)
        .order_by(ClaimStep.id)
    )
    return [(step, name) for step, name in rows]


def batches(session: Session, county_code: str, limit: int = 30) -> list[TreasuryBatch]:
    """The county's batches, newest first."""
    found = select(TreasuryBatch).where(TreasuryBatch.county_code == county_code)
    return list(session.scalars(found.order_by(TreasuryBatch.number.desc()).limit(limit)))


def batch(session: Session, county_code: str, batch_id: uuid.UUID) -> TreasuryBatch | None:
    """One batch of the county's."""
    return session.scalar(
        select(TreasuryBatch).where(TreasuryBatch.id == batch_id, TreasuryBatch.county_code == county_code)
    )


def imports(session: Session, county_code: str, limit: int = 20) -> list[TreasuryImport]:
    """The county's files of answers, newest first."""
    found = select(TreasuryImport).where(TreasuryImport.county_code == county_code)
    return list(session.scalars(found.order_by(TreasuryImport.uploaded_at.desc()).limit(limit)))


def import_of(session: Session, county_code: str, import_id: uuid.UUID) -> TreasuryImport | None:
    """One file of answers of the county's."""
    return session.scalar(
        select(TreasuryImport).where(
            TreasuryImport.id == import_id, TreasuryImport.county_code == county_code
        )
    )


def open_clawbacks(session: Session, county_code: str) -> list[tuple[Clawback, Claim]]:
    """What goes back to the treasury and is not there yet, the oldest first."""
    rows = session.execute(
        select(Clawback, Claim)
        .join(Claim, Claim.id == Clawback.claim_id)
        .where(Claim.county_code == county_code)
        .where(Clawback.state.in_((ClawbackState.due, ClawbackState.netted)))
        .order_by(Clawback.created_at)
    )
    return [(row, claim) for row, claim in rows]


def ready_fen(session: Session, county_code: str) -> tuple[int, int]:
    """(claims, fen) that are approved; those in a batch are counted until the treasury has answered."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(Claim.amount_fen - Claim.returned_fen), 0)).where(
            Claim.county_code == county_code, Claim.state == ClaimState.approved
        )
    ).one()
    return int(row[0]), int(row[1])


def county_flag(session: Session, county_code: str, flag_id: uuid.UUID) -> ClaimFlag | None:
    """One flag of a claim of the county's."""
    return session.scalar(
        select(ClaimFlag)
        .join(Claim, Claim.id == ClaimFlag.claim_id)
        .where(ClaimFlag.id == flag_id, Claim.county_code == county_code)
    )
