"""Every state table against what the rows really did: PostgreSQL itself notes each change of a state."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Enum, text

from market import load_models
from market.kernel.db import Base
from market.kernel.states import States

NOTES = """
CREATE TABLE walk_states (
    n bigserial PRIMARY KEY, thing text NOT NULL, id text NOT NULL, was text, now text NOT NULL
);
GRANT INSERT, SELECT ON walk_states TO PUBLIC;
GRANT USAGE ON SEQUENCE walk_states_n_seq TO PUBLIC;
CREATE FUNCTION note_state() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was text; now text := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF TG_OP = 'UPDATE' THEN was := to_jsonb(OLD) ->> TG_ARGV[0]; END IF;
    IF was IS DISTINCT FROM now THEN
        INSERT INTO walk_states (thing, id, was, now)
        VALUES (TG_TABLE_NAME || '.' || TG_ARGV[0], coalesce(to_jsonb(NEW) ->> 'id', '-'), was, now);
    END IF;
    RETURN NULL;
END $$;
"""

# What a walk cannot reach, by the reason, with the tests that do. Whatever else it did not reach, its report
# says so.
_TREASURY = "the treasury answers by a file of its own making: tests/subsidies/test_treasury.py"
_BY_FILE = "a table is a file on somebody's disk, no field of a form: tests/bulk"
_COUPONS = "no county of the walk asks for coupons: tests/subsidies/test_coupons.py"
_LOTS = "no county of the walk gives coupons by lot: tests/subsidies/test_lottery.py"
EXCUSED: Mapping[str, tuple[str, ...]] = {
    _TREASURY: (
        "treasury_lines.state sent", "treasury_lines.state paid", "treasury_lines.state rejected",
        "claims.state paid_out", "claims.state clawback_due", "claims.state clawback_done",
        "clawbacks.state due", "clawbacks.state netted", "clawbacks.state repaid", "clawbacks.state void",
    ),
    _BY_FILE: ("sheet_imports.state read", "sheet_imports.state applying", "sheet_imports.state applied"),
    _COUPONS: ("coupons.state claimed", "coupons.state used", "coupons.state lapsed"),
    _LOTS: ("lottery_rounds.state open", "lottery_rounds.state drawn"),
    "points live for half a year at least, and a life is a month: tests/points/test_points.py": (
        "points_lots.state expired",
    ),
    "a till that took another sum than was asked: tests/payments/test_planted_faults.py": (
        "payments.state broken",
    ),
    "papers run out in a year, and a life is a month: tests/shops/test_papers.py": (
        "shop_papers.state expired",
    ),
}  # fmt: skip


def excused(name: str) -> str | None:
    """Why a walk cannot reach ``table.column state``; None where it should."""
    return next((why for why, names in EXCUSED.items() if name in names), None)


@cache
def tables() -> Mapping[str, States[Any]]:
    """The state table of each column that has one, by ``table.column``; of all rooms."""
    load_models()
    by_kind = {type(next(iter(states))): states for states in _all_states()}
    found = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            states = by_kind.get(_kind(column))
            if states is not None and column.name.endswith("state") and not table.name.endswith("_steps"):
                found[f"{table.name}.{column.name}"] = states
    return found


def watch(connection: Connection) -> None:
    """Let the database note every state that a row gets from now on."""
    connection.execute(text(NOTES))
    for name in tables():
        table, column = name.split(".")
        connection.execute(
            text(
                f"CREATE TRIGGER note_{column} AFTER INSERT OR UPDATE ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION note_state('{column}')"
            )
        )


@cache
def follows(name: str, was: str) -> frozenset[str]:
    """What may follow state `was` of the column `name` directly."""
    states = tables()[name]
    return frozenset(state.value for state in states[type(next(iter(states)))(was)])


@cache
def reach(name: str, was: str) -> frozenset[str]:
    """What may follow state `was` of the column `name`, in one move or in several of one transaction."""
    states = tables()[name]
    kind = type(next(iter(states)))
    seen: set[StrEnum] = set()
    ahead = set(states[kind(was)])
    while ahead:
        state = ahead.pop()
        if state not in seen:
            seen.add(state)
            ahead |= states[state]
    return frozenset(state.value for state in seen)


def _all_states() -> list[States[Any]]:
    import gc

    return [thing for thing in gc.get_objects() if isinstance(thing, States)]


def _kind(column: Column[Any]) -> type[StrEnum] | None:
    return column.type.enum_class if isinstance(column.type, Enum) else None
