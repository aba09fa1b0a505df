"""Times and loads along a route, so that one look tells whether one more stop fits (Savelsbergh 1992)."""

from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import (
    BEFORE,
    EARLY,
    FROM_BEFORE,
    LATE,
    LOAD,
    MOST_AFTER,
    MOST_BEFORE,
    NEXT,
    TO_NEXT,
    State,
    Task,
    whole,
)  # fmt: skip
from market.delivery.planner.engine.rows import touch, way


@jit
def refresh_times(task: Task, state: State, own: int) -> bool:
    """Set EARLY and LATE along the route whose own row is `own`; whether it is in time everywhere."""
    rows, in_time = state.rows, True
    before, row = own, whole(rows[own, NEXT])
    while row != own:
        arrive = rows[before, EARLY] + task.service[before] + rows[row, FROM_BEFORE]
        early = max(arrive, task.opens[row])
        if early != rows[row, EARLY]:
            touch(state, row)
            rows[row, EARLY] = early
        in_time = in_time and early <= task.closes[row]
        before, row = row, whole(rows[row, NEXT])
    after, row = own, whole(rows[own, BEFORE])
    while row != own:
        late = min(task.closes[row], rows[after, LATE] - rows[row, TO_NEXT] - task.service[row])
        if late != rows[row, LATE]:
            touch(state, row)
            rows[row, LATE] = late
        after, row = row, whole(rows[row, BEFORE])
    before = rows[own, BEFORE]
    return in_time and rows[before, EARLY] + task.service[before] + rows[own, FROM_BEFORE] <= task.closes[own]


@jit
def refresh_loads(task: Task, state: State, own: int) -> None:
    """Set MOST_BEFORE and MOST_AFTER along the route whose own row is `own`."""
    rows = state.rows
    load = rows[own, LOAD]
    rows[own, MOST_BEFORE] = load
    most, row = load, whole(rows[own, NEXT])
    while row != own:
        touch(state, row)
        load += task.collect[row] - task.demand[row]
        most = max(most, load)
        rows[row, MOST_BEFORE] = most
        row = whole(rows[row, NEXT])
    most, row = load, whole(rows[own, BEFORE])
    while row != own:
        rows[row, MOST_AFTER] = most
        load += task.demand[row] - task.collect[row]
        most = max(most, load)
        row = whole(rows[row, BEFORE])
    rows[own, MOST_AFTER] = most


@jit
def refresh(task: Task, state: State, own: int) -> bool:
    """Bring times and loads of a changed route up to date; `own` has been touched. Whether it is in time."""
    if task.collects:
        refresh_loads(task, state, own)
    return refresh_times(task, state, own) if task.windowed else True


@jit
def fits(task: Task, state: State, stop: int, before: int, own: int) -> bool:
    """Whether `stop` can be served behind `before`, and all that follows it still in time and within room."""
    rows = state.rows
    if task.windowed:
        after = whole(rows[before, NEXT])
        start = rows[before, EARLY] + task.service[before] + way(task, before, stop)
        start = max(start, task.opens[stop])
        if start > task.closes[stop]:
            return False
        if start + task.service[stop] + way(task, stop, after) > rows[after, LATE]:
            return False
    if task.collects:
        if rows[before, MOST_BEFORE] + task.demand[stop] > task.room:
            return False
        if rows[before, MOST_AFTER] + task.collect[stop] > task.room:
            return False
    if task.ordered:
        if task.demand[stop]:
            return not task.collect[before]
        return before <= task.stops and not task.demand[rows[before, NEXT]]
    return True
