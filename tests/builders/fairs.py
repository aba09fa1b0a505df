"""Fairs for tests."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from market.fairs.models import Fair, FairKind
from market.fairs.plan_fair import FairDraft, plan_fair
from market.fairs.rules import StopDraft
from tests.builders.life import COUNTY
from tests.builders.places import a_county, a_region

VILLAGE, NEIGHBOR, TOWNSHIP = "610924103204", "610924103201", "610924103"


def a_stop(now: datetime, region: str = VILLAGE, hours: int = 24, **changes: Any) -> StopDraft:
    """Three hours at the village office, beginning in so many hours."""
    starts_at = now + timedelta(hours=hours)
    return replace(StopDraft(region, "村委会门口", starts_at, starts_at + timedelta(hours=3)), **changes)


def a_fair(
    session: Session,
    now: datetime,
    *stops: StopDraft,
    kind: FairKind = FairKind.fair,
    title: str = "冬季展销",
) -> Fair:
    """A fair of the county; by default it stands tomorrow at one village office."""
    a_county(session, COUNTY)
    stops = stops or (a_stop(now),)
    for stop in stops:
        a_region(session, stop.region_code)
    return plan_fair(session, COUNTY, FairDraft(kind, title, stops), now)
