"""A programme's next version: drafted by one operator, published by another, never changed after that."""

import uuid
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.subsidies import queries
from market.subsidies.events import VersionBegins
from market.subsidies.models import ProgrammeRow, ProgrammeState
from market.subsidies.pots import carry_over
from market.subsidies.schema import ProgrammeError, read


@dataclass(frozen=True, slots=True)
class DraftInput:
    """What an operator writes. `rules` are the whole rules in the schema of facts §1.5."""

    name_zh: str
    name_en: str
    valid_from: datetime
    valid_to: datetime
    rules: dict[str, Any]
    source: str
    verified: bool


def start_draft(
    session: Session, county_code: str, operator_id: uuid.UUID, programme_id: str, now: datetime
) -> ProgrammeRow:
    """The county's draft of the next version, begun as a copy of `programme_id`; one that stands is given.

    Raises NotFound where the county may not see it.
    """
    base = queries.county_programme(session, county_code, programme_id)
    # One draft of a programme at a time: the second operator who begins waits here and finds the first's.
    session.scalars(
        select(ProgrammeRow.id)
        .where(ProgrammeRow.code == base.code)
        .order_by(ProgrammeRow.id)
        .with_for_update()
    ).all()
    standing = session.scalar(
        select(ProgrammeRow).where(
            ProgrammeRow.code == base.code,
            ProgrammeRow.county_code == county_code,
            ProgrammeRow.state == ProgrammeState.draft,
        )
    )
    if standing:
        return standing
    newest = session.scalar(select(func.max(ProgrammeRow.version)).where(ProgrammeRow.code == base.code)) or 0
    draft = ProgrammeRow(
        id=f"{base.code}:{newest + 1}",
        code=base.code,
        version=newest + 1,
        name_zh=base.name_zh,
        name_en=base.name_en,
        rules=deepcopy(base.rules),
        valid_from=base.valid_from,
        valid_to=base.valid_to,
        state=ProgrammeState.draft,
        source=base.source,
        confidence=base.confidence,
        verified=False,
        county_code=county_code,
        drafted_by=operator_id,
        drafted_at=now,
    )
    session.add(draft)
    session.flush()
    return draft


def write_draft(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    programme_id: str,
    what: DraftInput,
    now: datetime,
) -> ProgrammeRow:
    """Replace what the draft says. Whoever wrote last may not publish it.

    Raises NotFound; Refused(``programme.published`` | ``programme.period``, field valid_to |
    ``programme.unreadable``, `where` names the field of the rules).
    """
    draft = _locked_draft(session, county_code, programme_id)
    if what.valid_from >= what.valid_to:
        raise Refused("programme.period", field="valid_to")
    try:
        read(draft.id, what.valid_from, what.valid_to, what.rules)
    except ProgrammeError as error:
        raise Refused("programme.unreadable", where=error.field) from error
    for name in ("name_zh", "name_en", "valid_from", "valid_to", "rules", "source", "verified"):
        setattr(draft, name, getattr(what, name))
    draft.drafted_by, draft.drafted_at = operator_id, now
    session.flush()
    return draft


def drop_draft(session: Session, county_code: str, programme_id: str) -> None:
    """Throw a draft away. Raises NotFound; Refused(``programme.published``)."""
    draft = _locked_draft(session, county_code, programme_id)
    session.execute(delete(ProgrammeRow).where(ProgrammeRow.id == draft.id))
    session.expunge(draft)


def publish_draft(
    session: Session, county_code: str, operator_id: uuid.UUID, programme_id: str, now: datetime
) -> ProgrammeRow:
    """Put a colleague's draft in force: what the county's pot of the version before has left is its own.

    Where it begins later, the pot changes hands then. Raises NotFound; Refused(``programme.published`` |
    ``programme.own_draft``).
    """
    draft = _locked_draft(session, county_code, programme_id)
    if draft.drafted_by == operator_id:
        raise Refused("programme.own_draft")
    draft.state, draft.published_by, draft.published_at = ProgrammeState.published, operator_id, now
    session.flush()
    if draft.valid_from > now:
        key = f"version:{draft.id}"
        emit(session, VersionBegins(draft.id), now, due_at=draft.valid_from, dedupe_key=key)
    else:
        begin_version(session, draft.id, now)
    return draft


def begin_version(session: Session, programme_id: str, now: datetime) -> None:
    """A county's version is in force from now: it has what the pot of the version before has left. Once.

    Before its first day nothing happens.
    """
    row = session.get_one(ProgrammeRow, programme_id)
    if now < row.valid_from:
        return
    before = queries.pot_before(session, row)
    if row.county_code and before is not None:
        carry_over(session, row.county_code, before.programme_id, row.id, now)


def _locked_draft(session: Session, county_code: str, programme_id: str) -> ProgrammeRow:
    draft = session.scalar(
        select(ProgrammeRow)
        .where(ProgrammeRow.id == programme_id, ProgrammeRow.county_code == county_code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        raise NotFound
    if draft.state is ProgrammeState.published:
        raise Refused("programme.published")
    return draft
