"""Where the search keeps what: its arrays, and the fields of a row.

A stop's row and a route's own row (it stands for the hub at both of the route's ends) have the same fields:
no move needs to ask whether its neighbor is the hub. Rows: 0 is the hub, 1 to n the stops, and n + 1 + r is
route r. Everything is an integer, scaled as the family's rounding asks.
"""

from typing import Any, NamedTuple

import numpy as np

NEXT = 0
BEFORE = 1
ROUTE = 2  # of a stop: its route, or ABSENT
TO_NEXT = 3  # the way to NEXT
FROM_BEFORE = 4  # the way from BEFORE
EARLY = 5  # soonest start of service, given what comes before
LATE = 6  # latest start of service that what comes after allows
LOAD = 7  # of a route: everything it delivers
SIZE = 8  # of a route: its number of stops
LENGTH = 9  # of a route: its way
COLLECT = 10  # of a route: everything it collects
MOST_BEFORE = 11  # the heaviest load on the ways up to the one that leaves here
MOST_AFTER = 12  # the heaviest load on the ways from the one that leaves here
FIELDS = 16  # one cache line

ABSENT = -1
ENDLESS = 1 << 62

# Counters
ROUND = 0
LOGGED = 1
HELD = 2
OPEN = 3
UNTIL_BLINK = 4
DIRTY = 5
COST = 6
BEST = 7
GAPS = 8
COUNTERS = 9

whole: Any = np.int64  # a row read from a field: one width, so that Numba compiles each function once
Array = Any  # a NumPy array: Numba infers its type, and mypy does not see through Numba


class Task(NamedTuple):
    """What is to be planned. Rows of stops and routes alike, read only."""

    xy: Array  # float64 (rows, 2): scaled positions
    half: float  # added before the fraction is cut: 0.5 rounds, 0 truncates
    matrix: Array  # int32 (places, places), or (0, 0) where ways come from positions
    place: Array  # int32 (rows): the matrix's row
    near: Array  # int32 (stops + 1, K): nearest stops, nearest first
    near_way: Array  # int32: their ways
    hub_way: Array  # int32 (stops + 1)
    demand: Array  # int32 (rows)
    collect: Array  # int32 (rows)
    service: Array  # int32 (rows)
    opens: Array  # int32 (rows)
    closes: Array  # int32 (rows)
    prize: Array  # int64 (rows): what it costs to leave the stop out
    kind_room: Array  # int64 (kinds): capacity, ascending
    kind_fixed: Array  # int64 (kinds)
    kind_unit: Array  # int64 (kinds): cost of a unit of way
    stops: int
    routes: int
    room: int  # the largest capacity
    windowed: bool
    prized: bool
    mixed: bool  # kinds differ
    collects: bool
    ordered: bool  # no delivery follows a collection, and no route only collects


class State(NamedTuple):
    """A plan that is being changed, what undoes the change, and the best plan so far."""

    rows: Array  # int32 (rows, FIELDS)
    stamp: Array  # int64 (rows): the round in which the row was logged last
    log: Array  # int32 (rows, FIELDS): rows as they were when the round began
    logged: Array  # int64 (rows): whose they were
    ruined: Array  # int64 (routes): the round in which a string was taken from the route
    gap: Array  # int64 (routes): rows that a string was taken from behind in this round
    price: Array  # int64 (routes): what the route costs, where kinds of vehicles differ
    open: Array  # int64 (routes): a stack that holds every empty route, and perhaps others
    is_open: Array  # bool (routes): on that stack
    held: Array  # int64 (stops + 1): taken out in this round
    key: Array  # float64 (stops + 1): by which they are sorted
    best: Array  # int64 (rows): NEXT in the best plan, ABSENT where it is on no route
    dirty: Array  # int64 (rows): changed since the best plan was kept
    is_dirty: Array  # bool (rows)
    count: Array  # int64 (COUNTERS)
    dice: Array  # uint64 (1)
