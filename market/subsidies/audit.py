"""Pots against claims and against the book."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger import queries as book
from market.ledger.rules import pot as pot_account
from market.subsidies.models import Claim, ClaimState, Pot, Quota

_OPEN = (ClaimState.held, ClaimState.committed, ClaimState.delivered)


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each pot or quota that its claims or the book do not bear out."""
    yield from _pot_breaks(session)
    yield from _quota_breaks(session)


def _pot_breaks(session: Session) -> Iterator[str]:
    claimed = {
        (programme_id, county_code, state): int(total)
        for programme_id, county_code, state, total in session.execute(
            select(
                Claim.programme_id,
                Claim.county_code,
                Claim.state,
                func.sum(Claim.amount_fen - Claim.returned_fen),
            ).group_by(Claim.programme_id, Claim.county_code, Claim.state)
        )
    }
    for row in session.scalars(select(Pot)):
        held, committed, delivered = (claimed.get((row.programme_id, row.county_code, s), 0) for s in _OPEN)
        account = pot_account(row.programme_id, row.county_code)
        told = (row.held, row.committed + row.paid, row.budget - row.committed - row.paid)
        found = (held, committed + delivered, book.balance(session, account))
        if told != found or book.held(session, account) != row.held:
            yield f"pot {row.programme_id} of {row.county_code}: row {told}, claims and book {found}"


def _quota_breaks(session: Session) -> Iterator[str]:
    used = {
        (programme_id, account_id, category): int(units)
        for programme_id, account_id, category, units in session.execute(
            select(
                Claim.programme_id,
                Claim.account_id,
                Claim.category,
                func.sum(Claim.units - Claim.returned_units),
            )
            .where(Claim.state != ClaimState.released)
            .group_by(Claim.programme_id, Claim.account_id, Claim.category)
        )
    }
    for row in session.scalars(select(Quota)):
        found = used.get((row.programme_id, row.account_id, row.category), 0)
        if row.used != found:
            whose = f"{row.programme_id} {row.category} of {row.account_id}"
            yield f"quota {whose}: row {row.used}, claims {found}"
