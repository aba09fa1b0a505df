"""Move a claim's money between the figures of its pot, by one UPDATE with the pot's CHECKs behind it."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from market.subsidies.models import Claim, Pot


def move_pot(session: Session, claim: Claim, *, held: int = 0, committed: int = 0, paid: int = 0) -> None:
    """Add so many fen (less, where negative) to the figures of the claim's pot."""
    session.execute(
        update(Pot)
        .where(Pot.programme_id == claim.programme_id, Pot.county_code == claim.county_code)
        .values(held=Pot.held + held, committed=Pot.committed + committed, paid=Pot.paid + paid)
    )
