"""Rounds of ruin and recreate under simulated annealing."""

import math

from market.delivery.planner.engine.dice import below, share
from market.delivery.planner.engine.fleet import settle
from market.delivery.planner.engine.jit import entry, jit
from market.delivery.planner.engine.layout import (
    ABSENT,
    BEFORE,
    BEST,
    COST,
    ENDLESS,
    GAPS,
    HELD,
    LENGTH,
    LOGGED,
    NEXT,
    ROUND,
    ROUTE,
    SIZE,
    State,
    Task,
    whole,
)  # fmt: skip
from market.delivery.planner.engine.recreate import recreate, sort_held
from market.delivery.planner.engine.rows import keep, put_in, save_best, take_out, undo
from market.delivery.planner.engine.ruin import ruin
from market.delivery.planner.engine.schedule import refresh
from market.delivery.planner.engine.tails import try_tails

# Rounds in a row stay on a patch of the map: its rows are still in the processor's cache.
PATCH_STOPS = 200
PATCH_ROUNDS = 100


@jit
def call_absent(task: Task, state: State, seed: int) -> int:
    """Hold the absent stops near `seed`; the prizes that are lost without them."""
    lost = 0
    for at in range(-1, task.near.shape[1]):
        stop = seed if at < 0 else whole(task.near[seed, at])
        if state.rows[stop, ROUTE] == ABSENT and (at < 0 or share(state.dice) < 0.25):
            state.held[state.count[HELD]] = stop
            state.count[HELD] += 1
            lost += task.prize[stop]
    return lost


@jit
def end_collections(task: Task, state: State) -> int:
    """Take apart the routes that would only collect now; the way saved."""
    saved = 0
    for at in range(state.count[LOGGED]):
        own = state.logged[at]
        if own > task.stops and state.rows[own, SIZE] and task.collect[state.rows[own, NEXT]]:
            while state.rows[own, SIZE]:
                saved += take_out(task, state, whole(state.rows[own, NEXT]))
    return saved


@jit
def refresh_ruined(task: Task, state: State) -> bool:
    """Bring the ruined routes up to date. Whether all are in time: a rounded way can exceed a detour."""
    in_time = True
    for at in range(state.count[LOGGED]):
        row = state.logged[at]
        if row > task.stops and not refresh(task, state, row):
            in_time = False
    return in_time


@jit
def one_round(task: Task, state: State, patch: int, warmth: float, mean_removed: float, limit: float) -> None:
    """Ruin, recreate, and keep the change or undo it. `state.count[COST]` is the plan's cost."""
    count = state.count
    count[ROUND] += 1
    count[LOGGED] = count[HELD] = count[GAPS] = 0
    before = count[COST]
    most = before - int(warmth * math.log(1.0 - share(state.dice)))
    seed = 1 + (patch + below(state.dice, PATCH_STOPS)) % task.stops
    cost = before
    if task.prized:
        cost -= call_absent(task, state, seed)
    saved = ruin(task, state, seed, mean_removed, limit)
    if task.ordered:
        saved += end_collections(task, state)
    fits = not (task.windowed or task.collects) or refresh_ruined(task, state)
    if fits and not (task.collects or task.ordered):
        saved -= try_tails(task, state, most - before, limit)
    cost += settle(task, state) if task.mixed else -saved
    if fits:
        sort_held(task, state)
        cost = recreate(task, state, cost, most, warmth)
    else:
        cost = most + 1
    if cost > most:
        undo(task, state)
        if task.mixed:
            settle(task, state)
        return
    keep(state)
    count[COST] = cost
    if cost < count[BEST]:
        count[BEST] = cost
        save_best(state)


@jit
def fill(task: Task, state: State) -> None:
    """Make the plan that `state.best` holds, and put in the rest where it adds the least."""
    count, rows = state.count, state.rows
    count[ROUND] += 1
    cost = 0
    for own in range(task.stops + 1, task.stops + 1 + task.routes):
        stop = state.best[own]
        while stop != own:
            put_in(task, state, stop, whole(rows[own, BEFORE]), own - task.stops - 1)
            stop = state.best[stop]
        refresh(task, state, own)
        cost += rows[own, LENGTH]
    if task.mixed:
        cost = settle(task, state)
    for stop in range(1, task.stops + 1):
        if rows[stop, ROUTE] == ABSENT:
            state.held[count[HELD]] = stop
            count[HELD] += 1
    sort_held(task, state)
    cost = recreate(task, state, cost, ENDLESS, 0.0)
    keep(state)
    save_best(state)
    count[COST] = count[BEST] = cost


@entry
def anneal(task: Task, state: State, rounds: int, warmth: float, mean_removed: float, limit: float) -> None:
    """`rounds` rounds at the temperature `warmth`, after the first plan where there is none yet.

    One entry for both: each entry is compiled with all that it calls.
    """
    if state.count[ROUND] == 0:
        fill(task, state)
    patch = 0
    for at in range(rounds):
        if at % PATCH_ROUNDS == 0:
            patch = below(state.dice, task.stops)
        one_round(task, state, patch, warmth, mean_removed, limit)
