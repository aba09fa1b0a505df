"""How full a vehicle is on a trip, and how much waits against what the fleet takes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from market.delivery import planner
from market.delivery.models import Job, JobKind, Stop
from market.delivery.timetable import most_on_board


@dataclass(frozen=True, slots=True)
class Load:
    """Weight and volume together."""

    grams: int
    cm3: int


def most_loaded(stops: Sequence[Stop]) -> Load:
    """The most that is on board at once on a trip with these `stops`."""
    return Load(*most_on_board([_measures(stop) for stop in stops]))


def of_jobs(jobs: Iterable[Job]) -> Load:
    """What all `jobs` weigh and fill together."""
    measured = [(job.weight_grams, job.volume_cm3) for job in jobs]
    return Load(sum(grams for grams, _ in measured), sum(cm3 for _, cm3 in measured))


def _measures(stop: Stop) -> planner.Stop:
    out = of_jobs(job for job in stop.jobs if job.kind is JobKind.deliver)
    back = of_jobs(job for job in stop.jobs if job.kind is JobKind.collect)
    return planner.Stop(str(stop.id), out.grams, out.cm3, back.grams, back.cm3)
