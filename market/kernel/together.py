"""Several independent reads as one statement: one trip to the database instead of one for each.

The parts stand beside each other as a full join on nothing: a row holds what one of them selected, and NULL
in the columns of the others. So every value comes back through its own column's type, and mapped classes
come back as themselves, in the session's identity map. A part is written once, at the top of a module, with
`bindparam` for what changes: building a statement costs far more than sending it.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import FromClause, Row, Select, Subquery, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Mapper, Session, aliased, lazyload
from sqlalchemy.orm.attributes import set_committed_value

# SQLAlchemy works a statement out when it is first used. Two threads that do so at once may get a wrong one,
# which the process then keeps: parts without what joins them, so that every row comes many times.
_WORKING_OUT = threading.RLock()


class Together:
    """`parts`, each a select of its own, read in one statement."""

    def __init__(self, *parts: Select[*tuple[Any, ...]]) -> None:
        number = func.row_number().over().label("place")
        # Each row's place in its own part, and in no other: a join has no order.
        beside = [select(number, part.subquery()).subquery(f"p{n}") for n, part in enumerate(parts)]
        wanted: list[Any] = [it.c.place for it in beside]
        self._spans: list[tuple[int, int, int]] = []
        self._ties: list[list[tuple[int, int, str, str, str]]] = []
        for n, part in enumerate(parts):
            own = [it["expr"] for it in part.column_descriptions]
            self._spans.append((n, len(wanted), len(wanted) + len(own)))
            self._ties.append(list(_ties(own)))
            wanted += [_within(beside[n], it) for it in own]
        every: FromClause = beside[0]
        for it in beside[1:]:
            every = every.join(it, false(), full=True)
        rows = select(*wanted).select_from(every).order_by(*wanted[: len(parts)])
        self._statement = rows.options(lazyload("*"))
        self._is_worked_out = False

    def read(self, session: Session, **values: Any) -> list[list[Any]]:
        """The rows of each part in its own order: the thing itself where a part selects one, else tuples.

        `values` are the parts' `bindparam`s by name. A thing knows the one it belongs to where both are in
        its row. No other relationship is loaded along, whatever its class says: select what is needed as a
        part, and `hang` it.
        """
        found: list[list[Any]] = [[] for _ in self._spans]
        for row in self._rows(session, values):
            number, start, end = next(it for it in self._spans if row[it[0]] is not None)
            if end - start == 1:
                found[number].append(row[start])
                continue
            own = tuple(row[start:end])
            for child, parent, name, key, to in self._ties[number]:
                of, it = own[child], own[parent]
                if of is not None and it is not None and getattr(of, key) == getattr(it, to):
                    set_committed_value(of, name, it)
            found[number].append(own)
        return found

    def _rows(self, session: Session, values: dict[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        if self._is_worked_out:
            return session.execute(self._statement, values).all()
        with _WORKING_OUT:
            rows = session.execute(self._statement, values).all()
            self._is_worked_out = True
        return rows


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


def _ties(entities: Sequence[Any]) -> Iterator[tuple[int, int, str, str, str]]:
    """Which things in a row may belong to which: child, parent, relationship, and the keys that match."""
    for child, of in enumerate(entities):
        mapper = getattr(of, "__mapper__", None)
        if not isinstance(mapper, Mapper):
            continue
        for relation in mapper.relationships:
            if relation.uselist or relation.direction.name != "MANYTOONE":
                continue
            near, far = relation.local_remote_pairs[0]
            for parent, it in enumerate(entities):
                if it is relation.mapper.class_ and parent != child:
                    yield child, parent, relation.key, str(near.key), str(far.key)


def _within(part: Subquery, entity: Any) -> Any:
    """What `part` holds of a mapped class, or of a column."""
    if isinstance(entity, type):
        return aliased(entity, part)
    return part.corresponding_column(getattr(entity, "expression", entity))
