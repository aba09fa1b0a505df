"""By which roads a batch was planned, and which of its jobs are off them."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import BatchRoads, Job
from market.places.models import County
from market.places.roads.between import RoadsBetween
from market.places.roads.snap import OffRoad


def told(batch_id: uuid.UUID, county: County, stops: dict[str, list[Job]], roads: RoadsBetween) -> BatchRoads:
    """What the batch's page is to say of `roads`, which count the hub and then `stops`."""
    at = list(stops)
    return BatchRoads(
        batch_id=batch_id,
        source=roads.loaded and roads.loaded.source,
        extract_at=roads.loaded and roads.loaded.extract_at,
        detour_factor=county.detour_factor,
        speed_kmh=county.speed_kmh,
        off_road={at[place - 1]: [why, meters] for place, (why, meters) in roads.off_road.items() if place},
    )


def tell_roads(session: Session, now: BatchRoads, planned: Collection[str]) -> None:
    """Keep what is to be said; of an earlier plan, what it said of stops that were not `planned` again."""
    before = roads_of(session, now.batch_id)
    if before is not None:
        kept = {job_id: why for job_id, why in before.off_road.items() if job_id not in planned}
        now.off_road = {**kept, **now.off_road}
    session.merge(now)


def roads_of(session: Session, batch_id: uuid.UUID) -> BatchRoads | None:
    """By which roads the batch was planned; None while it is not."""
    return session.get(BatchRoads, batch_id)


def planned_by_roads(session: Session, batch_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of the batches were planned by an extract's roads: whoever shows their times names its source."""
    known = BatchRoads.batch_id.in_(batch_ids), BatchRoads.source.is_not(None)
    return set(session.scalars(select(BatchRoads.batch_id).where(*known)))


def off_road_jobs(session: Session, roads: BatchRoads) -> Sequence[tuple[Job, OffRoad, int]]:
    """The jobs that are not on the net, why, and the meters to it; the farthest first."""
    ids = [uuid.UUID(job_id) for job_id in roads.off_road]
    by_id = {str(job.id): job for job in session.scalars(select(Job).where(Job.id.in_(ids)))}
    off = [(by_id[job_id], OffRoad(why), meters) for job_id, (why, meters) in roads.off_road.items()]
    return sorted(off, key=lambda row: -row[2])
