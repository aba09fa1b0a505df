"""What is on offer, what is left, and what a person has used."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.subsidies import rules
from market.subsidies.models import Claim, Pot, ProgrammeRow, ProgrammeState, Quota


def open_programmes(session: Session, county_code: str, now: datetime) -> list[tuple[rules.Programme, Pot]]:
    """The published programmes of the county that run at `now`, each with its pot, by id."""
    found = session.execute(
        select(ProgrammeRow, Pot)
        .join(Pot, Pot.programme_id == ProgrammeRow.id)
        .where(
            Pot.county_code == county_code,
            ProgrammeRow.state == ProgrammeState.published,
            ProgrammeRow.valid_from <= now,
            ProgrammeRow.valid_to >= now,
        )
        .order_by(ProgrammeRow.id)
    )
    return [(rules.read(row.id, row.valid_from, row.valid_to, row.rules), pot) for row, pot in found]


def quote(
    session: Session,
    items: Iterable[rules.Item],
    county_code: str,
    account_id: uuid.UUID | None,
    now: datetime,
) -> list[rules.Decision]:
    """Decisions for `items` in this county, as things stand at `now`; nothing is reserved.

    Without an account (a visitor) nothing counts as used.
    """
    on_offer = open_programmes(session, county_code, now)
    left = {programme.id: pot.budget - pot.held - pot.committed - pot.paid for programme, pot in on_offer}
    used = _used(session, account_id, [programme.id for programme, _ in on_offer]) if account_id else {}
    return rules.quote(items, [programme for programme, _ in on_offer], used, left, now)


def _used(session: Session, account_id: uuid.UUID, programme_ids: list[str]) -> dict[tuple[str, str], int]:
    rows = session.scalars(
        select(Quota).where(Quota.account_id == account_id, Quota.programme_id.in_(programme_ids))
    )
    return {(row.programme_id, row.category): row.used for row in rows}


def programme(session: Session, programme_id: str | None) -> ProgrammeRow | None:
    """The programme that a decision names; None where it names none."""
    return session.get(ProgrammeRow, programme_id) if programme_id else None


def claim(session: Session, reference: str) -> Claim | None:
    """The claim of one order line."""
    return session.scalar(select(Claim).where(Claim.reference == reference))


def pots(session: Session, county_code: str) -> list[tuple[ProgrammeRow, Pot]]:
    """Every pot of the county with its programme, by id."""
    rows = session.execute(
        select(ProgrammeRow, Pot)
        .join(Pot, Pot.programme_id == ProgrammeRow.id)
        .where(Pot.county_code == county_code)
        .order_by(ProgrammeRow.id)
    )
    return [(row, pot) for row, pot in rows]
