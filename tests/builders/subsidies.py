"""Programmes and pots for tests: the shipped rules, funded."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.people.models import Account
from market.subsidies import programmes
from market.subsidies.coupon_models import RealName

GB_2026 = "GB-2026:1"


def a_funded_programme(
    session: Session, county_code: str, now: datetime, budget_fen: int = 1_000_000_00, code: str = "GB-2026"
) -> str:
    """The id of a shipped programme with a pot in the county, which must exist."""
    data = next(row for row in programmes.shipped() if row["id"] == code)
    programme_id = programmes.publish(session, data)
    programmes.fund(session, programme_id, county_code, budget_fen, now)
    return programme_id


def a_checked_name(session: Session, account: Account, now: datetime, number: str | None = None) -> Account:
    """The account, its name checked, with an ID number that nobody else has."""
    session.add(
        RealName(
            account_id=account.id,
            name=account.name,
            masked="",
            sealed="sealed",
            fingerprint=number or str(account.id),
            checked_at=now,
        )
    )
    session.flush()
    return account
