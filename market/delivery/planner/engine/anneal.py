"""Rounds of ruin and recreate under simulated annealing."""

import math

from market.delivery.planner.engine.dice import below, share
from market.delivery.planner.engine.fleet import settle
from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import (
    ABSENT,
    BEST,
    COST,
    HELD,
    LOGGED,
    ROUND,
    ROUTE,
    State,
    Task,
)  # fmt: skip
from market.delivery.planner.engine.recreate import recreate, sort_held
from market.delivery.planner.engine.rows import keep, save_best, undo
from market.delivery.planner.engine.ruin import ruin
from market.delivery.planner.engine.schedule import refresh


@jit
def call_absent(task: Task, state: State, seed: int) -> int:
    """Hold the absent stops near `seed`; the prizes that are lost without them."""
    lost = 0
    for at in range(-1, task.near.shape[1]):
        stop = seed if at < 0 else task.near[seed, at]
        if state.rows[stop, ROUTE] == ABSENT and (at < 0 or share(state.dice) < 0.25):
            state.held[state.count[HELD]] = stop
            state.count[HELD] += 1
            lost += task.prize[stop]
    return lost


@jit
def touched_routes(task: Task, state: State) -> None:
    """Bring times and loads along the ruined routes up to date."""
    for at in range(state.count[LOGGED]):
        row = state.logged[at]
        if row > task.stops:
            refresh(task, state, row)


@jit
def one_round(task: Task, state: State, warmth: float, mean_removed: float, limit: float) -> None:
    """Ruin, recreate, and keep the change or undo it. `state.count[COST]` is the plan's cost."""
    count = state.count
    count[ROUND] += 1
    count[LOGGED] = count[HELD] = 0
    before = count[COST]
    most = before - int(warmth * math.log(1.0 - share(state.dice)))
    seed = 1 + below(state.dice, task.stops)
    cost = before
    if task.prized:
        cost -= call_absent(task, state, seed)
    saved = ruin(task, state, seed, mean_removed, limit)
    cost += settle(task, state) if task.mixed else -saved
    if task.windowed or task.collects:
        touched_routes(task, state)
    sort_held(task, state)
    cost = recreate(task, state, cost, most)
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
def anneal(
    task: Task, state: State, rounds: int, warmth: float, cooling: float, mean_removed: float, limit: float
) -> None:
    """`rounds` rounds, from the temperature `warmth`, each `cooling` times the last."""
    for _ in range(rounds):
        one_round(task, state, warmth, mean_removed, limit)
        warmth *= cooling
