"""The planner: a problem, a budget of CPU seconds and a seed in; a plan out. No database, no clock.

Words: a *run* is what one vehicle does in a day; a *trip* goes from the hub to the hub within a run; a
*visit* is a stop with its times. A stop that no run takes is *left out*, with the reason that binds.

Laws:
1. Nothing infeasible is returned: every plan passes `check.violations`, which shares no code with the solver.
2. Every stop is visited once or left out once, never both.
3. The search is anytime: it ends at its CPU budget, or earlier when it no longer finds anything better.
"""

from market.delivery.planner.plan import plan
from market.delivery.planner.pool import Pool, processes
from market.delivery.planner.problem import DAY_SECONDS, Matrices, Problem, Roads, Stop, Vehicle
from market.delivery.planner.result import LeftOut, Plan, Progress, Reason, Run, Trip, Visit

__all__ = [
    "DAY_SECONDS",
    "LeftOut",
    "Matrices",
    "Plan",
    "Pool",
    "Problem",
    "Progress",
    "Reason",
    "Roads",
    "Run",
    "Stop",
    "Trip",
    "Vehicle",
    "Visit",
    "plan",
    "processes",
]
