"""What a trip for a case cost on a shared batch, against a vehicle of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import BatchShare, Job


@dataclass(frozen=True, slots=True)
class TripCost:
    """Fen for one trip, pooled and alone. With other `jobs` of the same party it is the average of them."""

    pooled_fen: int
    alone_fen: int
    jobs: int


def trip_costs(session: Session, reference: str) -> list[tuple[str, TripCost | None]]:
    """The trips of the case `reference` by their leg, the first one first.

    The cost is None while nobody knows it: before the batch's shares have been found.
    """
    rows = session.execute(
        select(Job.reference, BatchShare)
        .outerjoin(BatchShare, (BatchShare.batch_id == Job.batch_id) & (BatchShare.party == Job.party))
        .where(Job.reference.startswith(f"{reference}:"))
        .order_by(Job.id)
    )
    return trips_of(rows)


def trips_of(rows: Iterable[Any]) -> list[tuple[str, TripCost | None]]:
    """As `trip_costs`, from the jobs' references and the shares of their batches."""
    return [(of.split(":")[2], _cost(share) if share else None) for of, share in rows]


def _cost(share: BatchShare) -> TripCost:
    return TripCost(share.share_fen // share.jobs, share.alone_fen // share.jobs, share.jobs)
