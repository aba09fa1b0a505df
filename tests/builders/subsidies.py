"""Programmes and pots for tests: the shipped rules, funded."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.subsidies import programmes

GB_2026 = "GB-2026:1"


def a_funded_programme(
    session: Session, county_code: str, now: datetime, budget_fen: int = 1_000_000_00, code: str = "GB-2026"
) -> str:
    """The id of a shipped programme with a pot in the county, which must exist."""
    data = next(row for row in programmes.shipped() if row["id"] == code)
    programme_id = programmes.publish(session, data)
    programmes.fund(session, programme_id, county_code, budget_fen, now)
    return programme_id
