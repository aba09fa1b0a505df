"""Days on which a county's hub is closed: nothing goes out, and nothing is promised for them."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import Batch
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.places.models import County


def close_day(session: Session, county_code: str, day: date, now: datetime) -> None:
    """Nothing goes out on `day`. Twice is once. What was promised for it goes on the next day that is open.

    Raises NotFound; Refused: ``delivery.day_past``, ``delivery.day_batched`` (field day).
    """
    county = _locked(session, county_code)
    if day <= local_date(now):
        raise Refused("delivery.day_past", field="day")
    of_day = select(Batch.id).where(Batch.county_code == county_code, Batch.day == day)
    if session.scalar(of_day.limit(1)) is not None:
        raise Refused("delivery.day_batched", field="day")
    county.closed_days = sorted({*county.closed_days, day.isoformat()})
    session.flush()


def open_day(session: Session, county_code: str, day: date) -> None:
    """The hub is open on `day` after all. Raises NotFound."""
    county = _locked(session, county_code)
    county.closed_days = [closed for closed in county.closed_days if closed != day.isoformat()]
    session.flush()


def closed_on(county: County) -> frozenset[date]:
    """The days on which the county's hub is closed."""
    return frozenset(date.fromisoformat(day) for day in county.closed_days)


def _locked(session: Session, county_code: str) -> County:
    own = select(County).where(County.code == county_code).with_for_update(key_share=True)
    found = session.scalars(own.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found
