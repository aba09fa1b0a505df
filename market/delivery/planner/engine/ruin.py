"""Take strings of neighboring stops off neighboring routes (Christiaens and Vanden Berghe 2020, SISR)."""

from market.delivery.planner.engine.dice import below, share
from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import (
    ABSENT,
    BEFORE,
    GAPS,
    NEXT,
    ROUND,
    ROUTE,
    SIZE,
    State,
    Task,
    whole,
)  # fmt: skip
from market.delivery.planner.engine.rows import take_out

SPLIT = 0.5  # how often a string is taken around stops that stay
WIDEN = 0.01  # the chance that one more stop stays


@jit
def string(task: Task, state: State, stop: int, length: int) -> int:
    """Take out `length` stops in a row, `stop` among them or between them; the way saved."""
    rows, dice = state.rows, state.dice
    size = rows[task.stops + 1 + rows[stop, ROUTE], SIZE]
    stay = 0
    if 1 < length < size and share(dice) < SPLIT:
        stay = 1
        while length + stay < size and share(dice) < WIDEN:
            stay += 1
    span = length + stay
    first, back = stop, 0
    while back < span - 1 and rows[first, BEFORE] <= task.stops:
        first = whole(rows[first, BEFORE])
        back += 1
    last, ahead = stop, 0
    while ahead < span - 1 and rows[last, NEXT] <= task.stops:
        last = whole(rows[last, NEXT])
        ahead += 1
    for _ in range(below(dice, back + ahead + 2 - span)):
        first = whole(rows[first, NEXT])
    state.gap[state.count[GAPS]] = rows[first, BEFORE]
    state.count[GAPS] += 1
    leave = 1 + below(dice, length - 1) if stay else span
    saved, here = 0, first
    for at in range(span):
        then = whole(rows[here, NEXT])
        if not leave <= at < leave + stay:
            saved += take_out(task, state, here)
        here = then
    return saved


@jit
def ruin(task: Task, state: State, seed: int, mean_removed: float, limit: float) -> int:
    """Ruin the plan around the stop `seed` by strings of up to `limit` stops; the way saved."""
    rows, dice, now = state.rows, state.dice, state.count[ROUND]
    most = 4.0 * mean_removed / (1.0 + limit) - 1.0
    strings = int(share(dice) * most + 1.0)
    saved = 0
    for at in range(-1, task.near.shape[1]):
        stop = seed if at < 0 else whole(task.near[seed, at])
        route = rows[stop, ROUTE]
        if route == ABSENT or state.ruined[route] == now:
            continue
        state.ruined[route] = now
        size = rows[task.stops + 1 + route, SIZE]
        length = int(share(dice) * min(float(size), limit) + 1.0)
        saved += string(task, state, stop, min(length, size))
        strings -= 1
        if strings <= 0:
            break
    return saved
