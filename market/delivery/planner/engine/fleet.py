"""What a route costs where kinds of vehicles differ: always the cheapest kind that holds its load."""

from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import LENGTH, LOAD, LOGGED, SIZE, State, Task

NEVER = 1 << 60


@jit
def price(task: Task, load: int, length: int) -> int:
    """The cost of a route of this load and length, or NEVER where no kind holds it."""
    cheapest = NEVER
    for kind in range(task.kind_room.shape[0]):
        if task.kind_room[kind] >= load:
            cost = task.kind_fixed[kind] + task.kind_unit[kind] * length
            cheapest = min(cheapest, cost)
    return cheapest


@jit
def settle(task: Task, state: State) -> int:
    """Price anew the routes that this round has changed; how much more they cost."""
    more = 0
    for at in range(state.count[LOGGED]):
        row = state.logged[at]
        if row > task.stops:
            route = row - task.stops - 1
            cost = 0
            if state.rows[row, SIZE]:
                cost = price(task, state.rows[row, LOAD], state.rows[row, LENGTH])
            more += cost - state.price[route]
            state.price[route] = cost
    return more
