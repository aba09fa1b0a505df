"""The county keeps its register of recyclers: add, edit, renew, keep their papers."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.clock import at, local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.recycling.events import LicenceLapses, RecyclerWorks
from market.recycling.models import (
    RECYCLER_STATES,
    Recycler,
    RecyclerDocument,
    RecyclerState,
    RegisterAct,
    RegisterChange,
)
from market.recycling.photos import bare
from market.recycling.reroute import move_on, place_waiting
from market.recycling.rules import BATTERY

LICENCE_CHARS = range(4, 41)
TITLE_CHARS = range(1, 41)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of a recycler; `scope` are codes of categories."""

    name: str
    licence_number: str
    scope: tuple[str, ...]
    address: str
    phone: str


def add_recycler(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    entry: Entry,
    valid_from: date,
    valid_to: date,
    now: datetime,
) -> Recycler:
    """Enter a licensed recycler; it works from its licence's first day to its last.

    Raises Refused ``register.name``, ``register.licence``, ``register.licence_taken`` (field
    licence_number), ``register.scope``, ``register.dates`` (field valid_to).
    """
    _check(session, entry, None)
    _check_dates(valid_from, valid_to, now)
    fields = asdict(entry) | {"scope": sorted(set(entry.scope))}
    found = Recycler(
        county_code=county_code, valid_from=valid_from, valid_to=valid_to, created_at=now, **fields
    )
    session.add(found)
    session.flush()
    note(session, found, RegisterAct.added, operator_id, "", now, valid_to=valid_to.isoformat())
    ring_when_over(session, found, now)
    resume(session, found, now)
    return found


def edit_recycler(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    recycler_id: uuid.UUID,
    entry: Entry,
    now: datetime,
) -> Recycler:
    """Correct an entry; what it is not licensed for any more goes elsewhere.

    Raises NotFound, Refused as `add_recycler`.
    """
    found = lock_in_county(session, county_code, recycler_id)
    _check(session, entry, found.id)
    new = asdict(entry) | {"scope": sorted(set(entry.scope))}
    lost = set(found.scope) - set(new["scope"])
    changed = [name for name, value in new.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, new[name])
    session.flush()
    note(session, found, RegisterAct.edited, operator_id, "", now, changed=changed)
    if lost:
        move_on(session, found, now, lost)
    resume(session, found, now)
    return found


def renew_licence(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    recycler_id: uuid.UUID,
    valid_from: date,
    valid_to: date,
    now: datetime,
) -> Recycler:
    """Enter new dates. One that had lapsed works again; one that the county suspended stays suspended.

    Raises NotFound, Refused(``register.dates``, field valid_to).
    """
    found = lock_in_county(session, county_code, recycler_id)
    _check_dates(valid_from, valid_to, now)
    lapsed = f"until:{found.valid_to}"
    found.valid_from, found.valid_to = valid_from, valid_to
    if found.state is RecyclerState.lapsed:
        record_event(session, SubjectKind.recycler, found.id, "licence_restored", lapsed, now)
        RECYCLER_STATES.move(found, RecyclerState.active)
        found.state_reason = None
    session.flush()
    note(session, found, RegisterAct.renewed, operator_id, "", now, valid_to=valid_to.isoformat())
    ring_when_over(session, found, now)
    resume(session, found, now)
    return found


def keep_document(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    recycler_id: uuid.UUID,
    title: str,
    photo: bytes,
    now: datetime,
) -> None:
    """Keep a paper with an entry; the same picture once. Raises NotFound, Refused(``register.title`` |
    ``photo.unreadable``)."""
    found = lock_in_county(session, county_code, recycler_id)
    if len(title.strip()) not in TITLE_CHARS:
        raise Refused("register.title", field="title")
    jpeg, sha256 = bare(photo)
    kept = exists().where(RecyclerDocument.recycler_id == found.id, RecyclerDocument.sha256 == sha256)
    if session.scalar(select(kept)):
        return
    session.add(
        RecyclerDocument(
            recycler_id=found.id,
            title=title.strip(),
            jpeg=jpeg,
            sha256=sha256,
            added_by_id=operator_id,
            created_at=now,
        )
    )
    note(session, found, RegisterAct.document_added, operator_id, "", now, sha256=sha256)


def lock_in_county(session: Session, county_code: str, recycler_id: uuid.UUID) -> Recycler:
    """One recycler of the county, with all of them locked in the order of their ids, read anew.

    All: what one may not take goes to another, and two suspensions at once must not wait on each other
    crosswise. Raises NotFound.
    """
    rows = session.scalars(
        select(Recycler)
        .where(Recycler.county_code == county_code)
        .order_by(Recycler.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}.get(recycler_id)
    if found is None:
        raise NotFound
    return found


def note(
    session: Session,
    recycler: Recycler,
    act: RegisterAct,
    by_id: uuid.UUID | None,
    reason: str,
    now: datetime,
    **details: object,
) -> None:
    """Write down what happened to an entry."""
    session.add(
        RegisterChange(
            recycler_id=recycler.id, act=act, by_id=by_id, reason=reason, details=details, created_at=now
        )
    )
    session.flush()


def resume(session: Session, recycler: Recycler, now: datetime) -> None:
    """Hand a recycler that may work what has waited for one, and say so. Nothing happens where it may not."""
    if recycler.state is not RecyclerState.active:
        return
    place_waiting(session, recycler.county_code, now)
    emit(session, RecyclerWorks(recycler.id), now)


def lapses_at(valid_to: date) -> datetime:
    """The first moment at which a licence is over: midnight in China after its last day."""
    return at(valid_to + timedelta(days=1), time())


def ring_when_over(session: Session, recycler: Recycler, now: datetime) -> None:
    """Set the clock for the day on which the licence is over."""
    due_at = lapses_at(recycler.valid_to)
    key = f"{LicenceLapses.kind}:{recycler.id}:{recycler.valid_to.isoformat()}"
    emit(session, LicenceLapses(recycler.id), now, due_at=due_at, dedupe_key=key)


def _check(session: Session, entry: Entry, own_id: uuid.UUID | None) -> None:
    if not entry.name.strip():
        raise Refused("register.name", field="name")
    if len(entry.licence_number.strip()) not in LICENCE_CHARS:
        raise Refused("register.licence", field="licence_number")
    taken = session.scalar(select(Recycler.id).where(Recycler.licence_number == entry.licence_number))
    if taken not in (None, own_id):
        raise Refused("register.licence_taken", field="licence_number")
    if not entry.scope or set(entry.scope) - _category_codes(session):
        raise Refused("register.scope", field="scope")


def _category_codes(session: Session) -> set[str]:
    return {*session.scalars(select(Category.code)), BATTERY}


def _check_dates(valid_from: date, valid_to: date, now: datetime) -> None:
    if not valid_from < valid_to or valid_to < local_date(now):
        raise Refused("register.dates", field="valid_to")
