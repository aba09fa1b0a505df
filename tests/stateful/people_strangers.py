"""Every route that names a row, tried by everybody whose row it is not: not found, and nothing changes.

Whose a row is comes from the tables here, not from the code under test: a consumer's by account, a shop's by
shop, the county's by county, and so on. The rows are those that a life left behind.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from market.kernel.ids import new_id
from market.web.routes import Route, routes
from tests.stateful.people import Person
from tests.stateful.people_rows import NOT_TRIED, ROWS
from tests.stateful.people_town import Town

KEY = {"consumer": 2, "shop": 1, "county": 0, "recycler": 3}
ROLES = {
    "consumer": ("consumer",), "shop": ("owner", "clerk"), "county": ("operator",), "recycler": ("recycler",),
}  # fmt: skip
# Which station or run is whose is not in these keys; what is open to everybody is nobody's.
MOST_ROWS = 3
FORGETS = ("account_sessions",)  # a session is seen when it is used


@dataclass(frozen=True)
class Row:
    """A row's id, and whose it is: county, shop, account, recycler."""

    id: str
    owners: tuple[str, str, str, str]


def try_all(town: Town) -> Counter[str]:
    """Let everybody try what is not theirs, by every way. How many tries there were for each name in a path.

    Raises AssertionError where something is found, or has changed.
    """
    with town.engine.connect() as connection:
        whose = {person.account.phone: _keys(connection, person) for person in town.people()}
        rows = {name: _rows(connection, *spec) for name, spec in ROWS.items()}
        before = _digest(connection)
    tries, wrong = Counter[str](), list[str]()
    for person in town.people():
        for route in _routes(town):
            if person.role in ROLES[route.audience]:
                key = KEY[route.audience]
                for name, path in _strangers(route, rows, key, whose[person.account.phone][key]):
                    tries[name] += len(route.methods)
                    wrong += _try(person, route, path)
    with town.engine.connect() as connection:
        after = _digest(connection)
    assert not wrong, "\n".join(wrong)
    assert after == before, [name for name in after if after[name] != before[name]]
    return tries


def _routes(town: Town) -> Iterator[Route]:
    for route in routes(town.app):
        if route.audience in KEY and (found := re.search(r"<uuid:(\w+)>", route.path)):
            assert found[1] in ROWS or found[1] in NOT_TRIED, f"whose is what {route.path} names?"
            yield route


def _strangers(route: Route, rows: dict[str, list[Row]], key: int, own: str) -> Iterator[tuple[str, str]]:
    """The route's path with each of a few rows that are somebody else's."""
    first, *_ = re.findall(r"<uuid:(\w+)>", route.path)
    known = rows.get(_table(first, route), [])
    foreign = [row for row in known if row.owners[key] and row.owners[key] != own]
    for row in foreign[-MOST_ROWS:]:
        path = re.sub(r"<uuid:\w+>", row.id, route.path, count=1)
        path = re.sub(r"<uuid:(\w+)>", lambda found: _any_of(rows.get(found[1], [])), path)
        yield first, re.sub(r"<(\w+)>", lambda found: _WORDS.get(found[1], "x"), path)


_WORDS = {"ground": "no_reason", "remedy": "refund", "answer": "agree", "move": "close", "sheet": "loading"}


def _any_of(rows: list[Row]) -> str:
    return rows[-1].id if rows else str(new_id())


def _table(first: str, route: Route) -> str:
    if first == "order_id" and route.path.startswith(("/recycle", "/recycler", "/county/mail-in")):
        return "order_id sent in"
    return "import_id shop" if first == "import_id" and route.audience == "shop" else first


def _try(person: Person, route: Route, path: str) -> Iterator[str]:
    """What was not 404, and by whom."""
    for method in route.methods:
        answer = person.browser.get(path) if method == "GET" else person.browser.submit(path)
        if answer.status_code != 404:
            yield f"{person.role} {method} {path} ({route.endpoint}): {answer.status_code}"


def _rows(connection: Connection, tables: str, id_: str, *owners: str) -> list[Row]:
    columns = ", ".join(f"coalesce(({column})::text, '')" for column in (id_, *owners))
    found = connection.execute(text(f"SELECT {columns} FROM {tables} ORDER BY {id_}"))
    return [Row(row[0], tuple(row[1:])) for row in found]


def _keys(connection: Connection, person: Person) -> tuple[str, str, str, str]:
    """The county, shop, account and recycler of somebody."""

    def one(query: str) -> str:
        return str(connection.scalar(text(query), {"me": person.account.id}) or "")

    return (
        one("SELECT county_code FROM county_staff WHERE account_id = :me"),
        one("SELECT shop_id FROM shop_staff WHERE account_id = :me"),
        str(person.account.id),
        one("SELECT recycler_id FROM recycler_staff WHERE account_id = :me"),
    )


def _digest(connection: Connection) -> dict[str, Any]:
    """A fingerprint of every table's rows."""
    names = connection.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    ).all()
    summed = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} t"
    return {
        name: tuple(connection.execute(text(summed.format(name))).one())
        for name in names
        if name not in FORGETS
    }
