"""End an account and take away all that nothing requires (PIPL 47); take away what is past its time."""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, inspect, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.kernel.errors import Refused
from market.people.models import Account, AccountState, Consent
from market.people.passwords import verify
from market.privacy.data_map import HOLDINGS
from market.privacy.holding import Holding
from market.privacy.under_way import hindrances

CLOSED = "!"  # the hash of nothing: no password opens it
MOST_ROWS = 5_000


def erase(session: Session, account: Account, password: str, now: datetime) -> None:
    """Close `account` for good. Its number is free at once, and what is left says nobody's name.

    Raises Refused: ``people.wrong_password`` (field password), or the first of `hindrances` (no field).
    """
    if not verify(account.password_hash, password):
        raise Refused("people.wrong_password", field="password")
    session.refresh(account, with_for_update=True)
    for code in hindrances(session, account.id):
        raise Refused(code)
    for holding in HOLDINGS:
        if holding.at_erasure and holding.whose is not None:
            _take_away(session, holding, holding.whose, account.id)
    session.execute(
        update(Consent)
        .where(Consent.account_id == account.id, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    account.state, account.password_hash = AccountState.closed, CLOSED
    account.phone, account.name = f"x{account.id.hex}", "—"
    session.flush()


def purge(session: Session, now: datetime, most_rows: int = MOST_ROWS) -> dict[str, int]:
    """Take away what is older than its time, at most so many rows of a table: how many of each went.

    Where a table's number is `most_rows`, there may be more.
    """
    counts = {}
    for holding in HOLDINGS:
        due = holding.due(now)
        if due is not None and (count := _take_away(session, holding, due, None, most_rows)):
            counts[holding.name] = count
    return counts


def _take_away(
    session: Session,
    holding: Holding,
    which: ColumnElement[bool],
    account_id: uuid.UUID | None,
    most_rows: int | None = None,
) -> int:
    keys = inspect(holding.model).primary_key
    left = and_(which, _still_says(holding)) if holding.blanks else which
    chosen = select(*keys).where(left).order_by(*keys).limit(most_rows)
    values = {name: _blank(holding, name) for name in holding.blanks}
    change = update(holding.model).values(values) if holding.blanks else delete(holding.model)
    done = session.execute(
        change.where(tuple_(*keys).in_(chosen)).execution_options(synchronize_session=False),
        {} if account_id is None else {"me": account_id},
    )
    session.expire_all()
    return int(done.rowcount)  # type: ignore[attr-defined]


def _still_says(holding: Holding) -> ColumnElement[bool]:
    """The rows that are not blank yet: what is done twice changes nothing the second time."""
    said = []
    for name, value in holding.blanks.items():
        column: InstrumentedAttribute[object] = getattr(holding.model, name)
        if isinstance(value, dict):
            said.append(~column.contains(value))
        else:
            said.append(column.is_distinct_from(value))
    return or_(*said)


def _blank(holding: Holding, name: str) -> object:
    value = holding.blanks[name]
    if isinstance(value, dict):
        column: InstrumentedAttribute[object] = getattr(holding.model, name)
        return column.op("||")(literal(value, JSONB))
    return value
