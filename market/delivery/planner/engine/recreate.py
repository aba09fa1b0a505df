"""Put the stops that are held back in, each where it adds the least, now and then blinking at a place."""

import math

from market.delivery.planner.engine.dice import share, tries_until
from market.delivery.planner.engine.fleet import price
from market.delivery.planner.engine.instance import REQUIRED
from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import (
    ABSENT,
    BEFORE,
    FROM_BEFORE,
    HELD,
    LENGTH,
    LOAD,
    NEXT,
    ROUTE,
    TO_NEXT,
    UNTIL_BLINK,
    State,
    Task,
    whole,
)  # fmt: skip
from market.delivery.planner.engine.rows import empty_route, put_in, way
from market.delivery.planner.engine.schedule import fits, refresh

BLINK = 0.01
OPENED = 0.1  # how often an optional stop may cost a route of its own, which others may join


@jit
def blinks(state: State) -> bool:
    """Whether the search looks away from this place."""
    state.count[UNTIL_BLINK] -= 1
    if state.count[UNTIL_BLINK] >= 0:
        return False
    state.count[UNTIL_BLINK] = tries_until(state.dice, BLINK)
    return True


@jit
def sort_held(task: Task, state: State) -> None:
    """Order the held stops by chance, load, distance from the hub, or window."""
    held, key, count = state.held, state.key, state.count[HELD]
    drawn = share(state.dice) * (17.0 if task.windowed else 11.0)
    for at in range(count):
        stop = held[at]
        if drawn < 4.0:
            key[at] = share(state.dice)
        elif drawn < 8.0:
            key[at] = -float(max(task.demand[stop], task.collect[stop]))
        elif drawn < 10.0:
            key[at] = -float(task.hub_way[stop])
        elif drawn < 11.0:
            key[at] = float(task.hub_way[stop])
        elif drawn < 13.0:
            key[at] = float(task.closes[stop] - task.opens[stop])
        elif drawn < 15.0:
            key[at] = float(task.opens[stop])
        else:
            key[at] = -float(task.closes[stop])
    for at in range(1, count):
        stop, own, to = held[at], key[at], at
        while to > 0 and key[to - 1] > own:
            held[to], key[to] = held[to - 1], key[to - 1]
            to -= 1
        held[to], key[to] = stop, own


@jit
def has_room(task: Task, state: State, stop: int, own: int) -> bool:
    """Whether the route's vehicle holds one more."""
    return state.rows[own, LOAD] + task.demand[stop] <= task.room


@jit
def dearer(task: Task, state: State, stop: int, own: int, longer: int) -> int:
    """What the plan costs more when the route takes `stop` and is `longer`."""
    if not task.mixed:
        return longer
    route = own - task.stops - 1
    cost = price(task, state.rows[own, LOAD] + task.demand[stop], state.rows[own, LENGTH] + longer)
    return cost - state.price[route]


@jit
def best_place(task: Task, state: State, stop: int, limit: int) -> tuple[int, int, int]:
    """What the cheapest place below `limit` adds, the row before it, and its route (ABSENT: none)."""
    rows = state.rows
    least, least_before, least_route = limit, ABSENT, ABSENT
    empty = empty_route(task, state)
    if empty != ABSENT:
        own = task.stops + 1 + empty
        cost = dearer(task, state, stop, own, way(task, own, stop) + way(task, stop, own))
        if cost < least and fits(task, state, stop, own, own) and not blinks(state):
            least, least_before, least_route = cost, own, empty
    hub = task.hub_way[stop]
    for at in range(task.near.shape[1]):
        near = whole(task.near[stop, at])
        route = whole(rows[near, ROUTE])
        if route == ABSENT:
            continue
        aside = task.near_way[stop, at]
        behind, ahead = rows[near, TO_NEXT], rows[near, FROM_BEFORE]
        # A place between `near` and a stop farther off, or the hub, adds at least `reach` less the way there.
        reach = aside + min(aside, hub)
        if not task.mixed and reach - max(behind, ahead) >= least:
            continue
        own = task.stops + 1 + route
        if not has_room(task, state, stop, own):
            continue
        to, back = aside, aside
        if task.matrix.shape[0]:
            to, back = way(task, near, stop), way(task, stop, near)
        if task.mixed or reach - behind < least:
            longer = to + way(task, stop, whole(rows[near, NEXT])) - behind
            if longer < least or task.mixed:
                cost = dearer(task, state, stop, own, longer)
                if cost < least and fits(task, state, stop, near, own) and not blinks(state):
                    least, least_before, least_route = cost, near, route
        if task.mixed or reach - ahead < least:
            longer = back + way(task, whole(rows[near, BEFORE]), stop) - ahead
            if longer < least or task.mixed:
                cost = dearer(task, state, stop, own, longer)
                before = whole(rows[near, BEFORE])
                if cost < least and fits(task, state, stop, before, own) and not blinks(state):
                    least, least_before, least_route = cost, before, route
    return least, least_before, least_route


@jit
def recreate(task: Task, state: State, cost: int, most: int, warmth: float) -> int:
    """Put held stops back in; what the plan costs then, or more than `most` where it stopped early.

    An optional stop may cost somewhat more than its prize, now and then a route of its own: two may be worth
    a way that neither is alone.
    """
    for at in range(state.count[HELD]):
        stop = state.held[at]
        limit = task.prize[stop]
        if limit < REQUIRED:
            limit -= int(warmth * math.log(1.0 - share(state.dice)))
            if at == 0 and share(state.dice) < OPENED:
                limit += 2 * task.hub_way[stop]
        added, before, route = best_place(task, state, stop, limit)
        cost += task.prize[stop] if route == ABSENT else added
        if cost > most:
            return cost
        if route == ABSENT:
            continue
        put_in(task, state, stop, before, route)
        own = task.stops + 1 + route
        if task.mixed:
            state.price[route] += added
        refresh(task, state, own)
    return cost
