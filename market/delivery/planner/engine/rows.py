"""Change a plan row by row, so that a round can be undone."""

import math

from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import (
    ABSENT,
    BEFORE,
    COLLECT,
    DIRTY,
    FIELDS,
    FROM_BEFORE,
    HELD,
    LENGTH,
    LOAD,
    LOGGED,
    NEXT,
    OPEN,
    ROUND,
    ROUTE,
    SIZE,
    TO_NEXT,
    State,
    Task,
    whole,
)  # fmt: skip


@jit
def way(task: Task, here: int, there: int) -> int:
    """From one row to another."""
    if task.matrix.shape[0]:
        return task.matrix[task.place[here], task.place[there]]
    dx = task.xy[here, 0] - task.xy[there, 0]
    dy = task.xy[here, 1] - task.xy[there, 1]
    return int(math.sqrt(dx * dx + dy * dy) + task.half)


@jit
def touch(state: State, row: int) -> None:
    """Log `row` as it is, once in a round, before it changes."""
    count = state.count
    if state.stamp[row] == count[ROUND]:
        return
    state.stamp[row] = count[ROUND]
    at = count[LOGGED]
    for field in range(FIELDS):
        state.log[at, field] = state.rows[row, field]
    state.logged[at] = row
    count[LOGGED] = at + 1


@jit
def undo(task: Task, state: State) -> None:
    """Put every row back that this round has changed."""
    for at in range(state.count[LOGGED]):
        row = state.logged[at]
        for field in range(FIELDS):
            state.rows[row, field] = state.log[at, field]
        if row > task.stops and state.rows[row, SIZE] == 0:
            offer(state, row - task.stops - 1)


@jit
def keep(state: State) -> None:
    """Remember which rows differ from the best plan's."""
    count = state.count
    for at in range(count[LOGGED]):
        row = state.logged[at]
        if not state.is_dirty[row]:
            state.is_dirty[row] = True
            state.dirty[count[DIRTY]] = row
            count[DIRTY] += 1


@jit
def save_best(state: State) -> None:
    """Take the plan as it is for the best."""
    count = state.count
    for at in range(count[DIRTY]):
        row = state.dirty[at]
        state.is_dirty[row] = False
        state.best[row] = ABSENT if state.rows[row, ROUTE] == ABSENT else state.rows[row, NEXT]
    count[DIRTY] = 0


@jit
def offer(state: State, route: int) -> None:
    """Put a route that has become empty on the stack."""
    if not state.is_open[route]:
        state.is_open[route] = True
        state.open[state.count[OPEN]] = route
        state.count[OPEN] += 1


@jit
def empty_route(task: Task, state: State) -> int:
    """An empty route, or ABSENT where all are used."""
    count = state.count
    while count[OPEN]:
        route = state.open[count[OPEN] - 1]
        if state.rows[task.stops + 1 + route, SIZE] == 0:
            return route
        state.is_open[route] = False
        count[OPEN] -= 1
    return ABSENT


@jit
def take_out(task: Task, state: State, stop: int) -> int:
    """Take `stop` off its route and hold it; how much shorter the route is."""
    rows = state.rows
    own = task.stops + 1 + rows[stop, ROUTE]
    before, after = whole(rows[stop, BEFORE]), whole(rows[stop, NEXT])
    touch(state, stop)
    touch(state, before)
    touch(state, after)
    touch(state, own)
    direct = way(task, before, after)
    saved = rows[stop, FROM_BEFORE] + rows[stop, TO_NEXT] - direct
    rows[before, NEXT] = after
    rows[after, BEFORE] = before
    rows[before, TO_NEXT] = direct
    rows[after, FROM_BEFORE] = direct
    rows[own, LOAD] -= task.demand[stop]
    rows[own, COLLECT] -= task.collect[stop]
    rows[own, SIZE] -= 1
    rows[own, LENGTH] -= saved
    rows[stop, ROUTE] = ABSENT
    state.held[state.count[HELD]] = stop
    state.count[HELD] += 1
    if rows[own, SIZE] == 0:
        offer(state, own - task.stops - 1)
    return saved


@jit
def put_in(task: Task, state: State, stop: int, before: int, route: int) -> None:
    """Put `stop` behind the row `before` of `route`."""
    rows = state.rows
    own = task.stops + 1 + route
    after = whole(rows[before, NEXT])
    touch(state, stop)
    touch(state, before)
    touch(state, after)
    touch(state, own)
    to, on = way(task, before, stop), way(task, stop, after)
    rows[own, LENGTH] += to + on - rows[before, TO_NEXT]
    rows[own, LOAD] += task.demand[stop]
    rows[own, COLLECT] += task.collect[stop]
    rows[own, SIZE] += 1
    rows[stop, ROUTE] = route
    rows[stop, BEFORE] = before
    rows[stop, NEXT] = after
    rows[stop, FROM_BEFORE] = to
    rows[stop, TO_NEXT] = on
    rows[before, NEXT] = stop
    rows[before, TO_NEXT] = to
    rows[after, BEFORE] = stop
    rows[after, FROM_BEFORE] = on
