"""Whose work is waiting, and on which page: asked of the tables, so that what was begun also gets on."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from sqlalchemy import Engine, TextClause, text

from tests.stateful.people_waits import TASKS

# What cannot wait long: a code that is good for half an hour.
SOON = ("cash at the counter",)
_COLUMN = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Task:
    """The account of somebody whose work waits, the page that it waits on, and what she knows there."""

    account_id: str
    page: str
    knows: Mapping[str, object]


class Tasks:
    """What waits in a life: of `kinds`, those that were seldom done so far come first.

    What begins late, such as the repair of something that was delivered, would else share the rest of a life
    with all that begins every day.
    """

    def __init__(self, engine: Engine, kinds: Iterable[str] = TASKS) -> None:
        self.engine, self.kinds, self.done = engine, sorted(kinds), Counter[str]()

    def pick(self, chance: Random) -> Task | None:
        """One of the tasks that wait."""
        kinds = sorted(self.kinds, key=lambda kind: chance.random() * (1 + self.done[kind]))
        with self.engine.connect() as connection:
            soon = [kind for kind in SOON if kind in self.kinds]
            for kind in (*soon, *kinds) if chance.random() < 0.3 else kinds:
                found = connection.execute(_query(kind)).all()
                if found:
                    self.done[kind] += 1
                    account_id, page, knows = chance.choice(found)
                    return Task(str(account_id), str(page), knows or {})
        return None


@cache
def _query(kind: str) -> TextClause:
    """Accounts, pages and what is known there, the newest rows first."""
    rows, waits, page, *knows = TASKS[kind]
    account = "w.id" if "JOIN accounts w" in rows else "w.account_id"
    path = "'" + _COLUMN.sub(lambda found: f"' || t.{found[1] or 'id'} || '", page) + "'"
    known = knows[0] if knows else "NULL::jsonb"
    return text(
        f"SELECT DISTINCT {account}, {path}, {known} FROM {rows} WHERE {waits} ORDER BY 2 DESC, 1 LIMIT 40"
    )
