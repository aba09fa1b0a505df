"""A person's appliances: remember, change, remove, and be told once when one is past its safe life."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.kernel.clock import SHANGHAI, local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.notices.choices import wants
from market.notices.notify import notify
from market.savings.events import SafeLifeOver
from market.savings.models import Appliance
from market.savings.rules import safe_until, started_on
from market.savings.tables import safe_life

TOPIC = "savings.safe_life_over"
NAME_CHARS = range(1, 61)
DECLARED_YEARS = range(1, 41)


@dataclass(frozen=True, slots=True)
class About:
    """What a person says of an appliance."""

    category_code: str
    name: str
    bought_on: date | None = None
    installed_on: date | None = None
    declared_life_years: int | None = None


MINE = (
    select(Appliance)
    .where(Appliance.account_id == bindparam("account_id", type_=Uuid()), Appliance.removed_at.is_(None))
    .order_by(Appliance.id)
    .limit(200)
)
"""What `mine` asks, for `kernel.together`."""


def mine(session: Session, account_id: uuid.UUID) -> Sequence[Appliance]:
    """The person's appliances, the oldest entry first."""
    return session.scalars(MINE, {"account_id": account_id}).all()


def own(session: Session, account_id: uuid.UUID, appliance_id: uuid.UUID) -> Appliance:
    """One of the person's own appliances, locked. Raises NotFound."""
    found = session.get(Appliance, appliance_id, with_for_update=True, populate_existing=True)
    if found is None or found.account_id != account_id or found.removed_at is not None:
        raise NotFound
    return found


def remember(
    session: Session, account_id: uuid.UUID, about: About, now: datetime, *, reference: str | None = None
) -> Appliance | None:
    """Note an appliance; one of the same `reference` is noted once, and then None comes back.

    Raises Refused: ``savings.category`` (field category_code), ``savings.name`` (field name),
    ``savings.dates`` (field installed_on), ``savings.future`` (field bought_on), ``savings.declared_life``
    (field declared_life_years).
    """
    _check(session, about, local_date(now))
    made = session.scalars(
        insert(Appliance)
        .values(
            id=new_id(),
            account_id=account_id,
            category_code=about.category_code,
            name=about.name.strip(),
            bought_on=about.bought_on,
            installed_on=about.installed_on,
            declared_life_years=about.declared_life_years,
            reference=reference,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(Appliance)
    ).one_or_none()
    if made is not None:
        _set_clock(session, made, now)
    return made


def change(
    session: Session, account_id: uuid.UUID, appliance_id: uuid.UUID, about: About, now: datetime
) -> Appliance:
    """Correct what was noted. Raises NotFound, and Refused as `remember`."""
    found = own(session, account_id, appliance_id)
    _check(session, about, local_date(now))
    found.category_code, found.name = about.category_code, about.name.strip()
    found.bought_on, found.installed_on = about.bought_on, about.installed_on
    found.declared_life_years = about.declared_life_years
    session.flush()
    _set_clock(session, found, now)
    return found


def remove(session: Session, account_id: uuid.UUID, appliance_id: uuid.UUID, now: datetime) -> None:
    """It is not hers any more. Raises NotFound."""
    own(session, account_id, appliance_id).removed_at = now
    session.flush()


def life_years(appliance: Appliance, today: date) -> int | None:
    """The maker's word, else the standard's; None where neither is known."""
    if appliance.declared_life_years:
        return appliance.declared_life_years
    known = safe_life(appliance.category_code, today)
    return known.years if known else None


def over_on(appliance: Appliance, today: date) -> date | None:
    """The first day after its safe life; None where its start or its life is unknown."""
    start, years = started_on(appliance.bought_on, appliance.installed_on), life_years(appliance, today)
    return safe_until(start, years) + timedelta(days=1) if start and years else None


def remind(session: Session, appliance_id: uuid.UUID, now: datetime) -> None:
    """Its safe life is over: say so, once, unless she does not want to hear of it. Safe at any time."""
    found = session.get(Appliance, appliance_id, with_for_update=True, populate_existing=True)
    today = local_date(now)
    if found is None or found.removed_at is not None or found.reminded_at is not None:
        return
    over = over_on(found, today)
    if over is None or today < over:
        return
    found.reminded_at = now
    session.flush()
    if wants(session, found.account_id, TOPIC):
        params = {"name": found.name, "years": life_years(found, today)}
        reference = f"appliance:{found.id}"
        notify(session, found.account_id, TOPIC, params, now, reference, f"{TOPIC}:{found.id}")


def _check(session: Session, about: About, today: date) -> None:
    if session.get(Category, about.category_code) is None:
        raise Refused("savings.category", field="category_code")
    if len(about.name.strip()) not in NAME_CHARS:
        raise Refused("savings.name", field="name")
    if any(day and day > today for day in (about.bought_on, about.installed_on)):
        raise Refused("savings.future", field="bought_on" if about.bought_on else "installed_on")
    if about.bought_on and about.installed_on and about.installed_on < about.bought_on:
        raise Refused("savings.dates", field="installed_on")
    if about.declared_life_years is not None and about.declared_life_years not in DECLARED_YEARS:
        raise Refused("savings.declared_life", field="declared_life_years")


def _set_clock(session: Session, appliance: Appliance, now: datetime) -> None:
    """A timer for the day after its safe life; what is past it already stands on her page instead."""
    over = over_on(appliance, local_date(now))
    if over is None or over <= local_date(now) or appliance.reminded_at is not None:
        return
    due_at = datetime.combine(over, time(9), SHANGHAI)
    key = f"{SafeLifeOver.kind}:{appliance.id}:{over.isoformat()}"
    emit(session, SafeLifeOver(appliance.id), now, due_at=due_at, dedupe_key=key)
