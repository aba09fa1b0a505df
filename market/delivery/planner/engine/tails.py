"""Let two ruined routes swap their tails where a string was taken from each (2-opt*: Potvin, Rousseau 1995).

Held stops leave the room for it, and a string is never as long as a tail: on long routes no number of strings
does what one swap of tails does.
"""

from market.delivery.planner.engine.dice import share
from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import (
    BEFORE,
    EARLY,
    FROM_BEFORE,
    GAPS,
    LATE,
    LENGTH,
    LOAD,
    NEXT,
    ROUTE,
    SIZE,
    TO_NEXT,
    State,
    Task,
    whole,
)  # fmt: skip
from market.delivery.planner.engine.rows import offer, touch, way
from market.delivery.planner.engine.schedule import refresh

TRIED = 0.4  # how often tails are swapped on very long routes


@jit
def tail(task: Task, state: State, row: int) -> tuple[int, int, int]:
    """Load, number of stops, and way from the first of them on, of what follows `row` on its route."""
    rows = state.rows
    load, size, length, here = 0, 0, 0, whole(rows[row, NEXT])
    while here <= task.stops:
        load += task.demand[here]
        size += 1
        length += rows[here, TO_NEXT]
        here = whole(rows[here, NEXT])
    return load, size, length


@jit
def turn_around(task: Task, state: State, own: int) -> None:
    """Let the route drive the other way, which must be as long."""
    rows, here = state.rows, own
    while True:
        touch(state, here)
        then = whole(rows[here, NEXT])
        rows[here, NEXT], rows[here, BEFORE] = rows[here, BEFORE], then
        way_to = rows[here, TO_NEXT]
        rows[here, TO_NEXT], rows[here, FROM_BEFORE] = rows[here, FROM_BEFORE], way_to
        here = then
        if here == own:
            break


@jit
def hang(task: Task, state: State, row: int, first: int, last: int, own: int) -> None:
    """Let the stops `first` to `last`, none where that is the hub, follow `row` on the route of `own`."""
    rows = state.rows
    here = first
    while here <= task.stops:
        touch(state, here)
        rows[here, ROUTE] = own - task.stops - 1
        here = whole(rows[here, NEXT])
    then, end = (first, last) if first <= task.stops else (own, row)
    to = way(task, row, then)
    rows[end, NEXT], rows[own, BEFORE] = own, end
    rows[own, FROM_BEFORE] = rows[end, TO_NEXT]
    rows[row, NEXT], rows[then, BEFORE] = then, row
    rows[row, TO_NEXT] = rows[then, FROM_BEFORE] = to


@jit
def in_time(task: Task, state: State, row: int, then: int) -> bool:
    """Whether what begins with `then` can follow `row`."""
    rows = state.rows
    return rows[row, EARLY] + task.service[row] + way(task, row, then) <= rows[then, LATE]


@jit
def swap_tails(task: Task, state: State, one: int, other: int) -> bool:
    """Swap what follows the rows `one` and `other` of two routes, where room and time allow it."""
    rows, hub = state.rows, task.stops + 1
    own, their = hub + whole(rows[one, ROUTE]), hub + whole(rows[other, ROUTE])
    first, then = whole(rows[one, NEXT]), whole(rows[other, NEXT])
    if task.windowed and not (in_time(task, state, one, then) and in_time(task, state, other, first)):
        return False
    load, size, length = tail(task, state, one)
    their_load, their_size, their_length = tail(task, state, other)
    more = their_load - load
    if rows[own, LOAD] + more > task.room or rows[their, LOAD] - more > task.room:
        return False
    for row in (one, other, own, their):
        touch(state, row)
    change = their_length - length
    rows[own, LENGTH] += change - rows[one, TO_NEXT]
    rows[their, LENGTH] -= change + rows[other, TO_NEXT]
    last, their_last = whole(rows[own, BEFORE]), whole(rows[their, BEFORE])
    hang(task, state, one, then, their_last, own)
    hang(task, state, other, first, last, their)
    rows[own, LENGTH] += rows[one, TO_NEXT]
    rows[their, LENGTH] += rows[other, TO_NEXT]
    for row, add, grow in ((own, more, their_size - size), (their, -more, size - their_size)):
        rows[row, LOAD] += add
        rows[row, SIZE] += grow
        if rows[row, SIZE] == 0:
            offer(state, row - hub)
        refresh(task, state, row)
    return True


@jit
def try_tails(task: Task, state: State, most: int, longest: float) -> int:
    """Swap the tails of ruined routes where that adds at most `most`; how much longer the ways are.

    Tried the more often, the longer a route is beyond the `longest` string.
    """
    rows, more = state.rows, 0
    for at in range(1, state.count[GAPS]):
        one, other = state.gap[at - 1], state.gap[at]
        size = rows[task.stops + 1 + rows[one, ROUTE], SIZE]
        if share(state.dice) * size > TRIED * (size - longest) or rows[one, ROUTE] == rows[other, ROUTE]:
            continue
        first, then = whole(rows[one, NEXT]), whole(rows[other, NEXT])
        now = rows[one, TO_NEXT] + rows[other, TO_NEXT]
        straight = way(task, one, then) + way(task, other, first) - now
        turned = straight
        if not (task.windowed or task.matrix.shape[0]):
            turned = way(task, one, other) + way(task, then, first) - now
        add = min(straight, turned)
        if add > most:
            continue
        if turned < straight:
            turn_around(task, state, task.stops + 1 + whole(rows[other, ROUTE]))
            state.gap[at] = then
            other, then = then, other
        if (one > task.stops and other > task.stops) or (first > task.stops and then > task.stops):
            continue
        if swap_tails(task, state, one, other):
            more += add
    return more
