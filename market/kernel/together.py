"""Several independent reads as one statement: one trip to the database instead of one for each.

The parts stand beside each other as a full join on nothing: a row holds what one of them selected, and NULL
in the columns of the others. So every value comes back through its own column's type, and mapped classes
come back as themselves, in the session's identity map. A part is written once, at the top of a module, with
`bindparam` for what changes: building a statement costs far more than sending it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import FromClause, Select, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, lazyload
from sqlalchemy.orm.attributes import set_committed_value


class Together:
    """`parts`, each a select of its own, read in one statement."""

    def __init__(self, *parts: Select[*tuple[Any, ...]]) -> None:
        entities: list[Any] = []
        self._spans: list[tuple[int, int, int]] = []
        for number, part in enumerate(parts):
            start = len(parts) + len(entities)
            entities += [it["expr"] for it in part.column_descriptions]
            self._spans.append((number, start, len(parts) + len(entities)))
        read = _beside([part.subquery() for part in parts])
        places = read.selected_columns[: len(parts)]
        self._statement = select(*places, *entities).options(lazyload("*")).from_statement(read)

    def read(self, session: Session, **values: Any) -> list[list[Any]]:
        """The rows of each part in its own order: the thing itself where a part selects one, else tuples.

        `values` are the parts' `bindparam`s by name. No relationship is loaded along, whatever its class
        says: select what is needed as a part, and `hang` it.
        """
        found: list[list[Any]] = [[] for _ in self._spans]
        for row in session.execute(self._statement, values):
            number, start, end = next(it for it in self._spans if row[it[0]] is not None)
            found[number].append(row[start] if end - start == 1 else tuple(row[start:end]))
        return found


def hang(collection: InstrumentedAttribute[Any], parents: Iterable[Any], children: Iterable[Any]) -> None:
    """Give each parent those of `children` that are its own in `collection`, in their order, as if loaded.

    The children know their parents, too, where the classes say how.
    """
    relation = collection.property
    near, far = relation.local_remote_pairs[0]
    own: dict[Any, list[Any]] = defaultdict(list)
    for child in children:
        own[getattr(child, far.key)].append(child)
    for parent in parents:
        its = own.get(getattr(parent, near.key), [])
        set_committed_value(parent, relation.key, its)
        if relation.back_populates:
            for child in its:
                set_committed_value(child, relation.back_populates, parent)


def _beside(parts: Sequence[FromClause]) -> Select[*tuple[Any, ...]]:
    """All rows of all parts, each with its place in its own part and in no other: a join has no order."""
    placed = [
        select(func.row_number().over().label("place"), part).subquery(f"p{n}")
        for n, part in enumerate(parts)
    ]
    places = [part.c.place.label(f"place_{n}") for n, part in enumerate(placed)]
    columns = [
        column.label(f"c{n}_{index}")
        for n, part in enumerate(placed)
        for index, column in enumerate(list(part.c)[1:])
    ]
    every: FromClause = placed[0]
    for part in placed[1:]:
        every = every.join(part, false(), full=True)
    return select(*places, *columns).select_from(every).order_by(*places)
