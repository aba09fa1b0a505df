"""Who bears how much of a shared plan. Pure: a cost for every coalition of parties in, shares to the fen out.

The *Shapley value* (A Value for n-Person Games, 1953) is what a party adds to the cost when all join one by
one, averaged over every order of joining: the only split that sums to the whole, treats equals alike, asks
nothing of who adds nothing, and adds up over days.

It may ask more of a party than going alone would; here that is cut, and what is cut is borne by the others in
proportion to what they still save.
"""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from statistics import stdev

import numpy as np

from market.kernel.money import allocate

EXACT_PARTIES = 8
ORDERS = 32

Coalition = frozenset[str]
CoalitionCost = Callable[[Coalition], int]
"""What serving the coalition's jobs, and no others, costs in fen."""


@dataclass(frozen=True, slots=True)
class Share:
    """A party's part in fen. `error_fen` is the standard error of a sampled value, rounded up; exact: 0."""

    party: str
    alone_fen: int
    share_fen: int
    error_fen: int


def fair_shares(
    parties: Collection[str], cost: CoalitionCost, *, orders: int = ORDERS, seed: int = 0
) -> tuple[Share, ...]:
    """Every party's share, by name; none above its cost alone. They sum to the cost of all together.

    Where all together cost more than each alone there is nothing to share: everyone is held to its own cost,
    and the shares sum to less than the whole. `cost` is asked once for each coalition, never for nobody;
    of coalitions within each other the larger first. Up to `EXACT_PARTIES` the value is exact; above, it is
    the mean over `orders` orders of joining drawn from `seed`, each next to its reverse (antithetic, which
    halves the luck of coming first), two at least.

    Raises ValueError where a cost is negative.
    """
    named = sorted(parties)
    if not named:
        return ()
    known = _asked_once(cost)
    if len(named) <= EXACT_PARTIES:
        errors = [0] * len(named)
        values = _exact(named, known)
    else:
        values, errors = _sampled(named, known, max(2, (orders + 1) // 2), seed)
    alone = [known(frozenset({party})) for party in named]
    shares = _to_the_fen(_held_to(values, alone), min(known(frozenset(named)), sum(alone)))
    return tuple(Share(*row) for row in zip(named, alone, shares, errors, strict=True))


def _asked_once(cost: CoalitionCost) -> CoalitionCost:
    known: dict[Coalition, int] = {frozenset(): 0}

    def ask(coalition: Coalition) -> int:
        if coalition not in known:
            known[coalition] = cost(coalition)
            if known[coalition] < 0:
                raise ValueError(f"a cost of {known[coalition]} fen")
        return known[coalition]

    return ask


def _exact(parties: Sequence[str], cost: CoalitionCost) -> list[Fraction]:
    """Over every coalition without the party: what it adds, by how many orders come to just that."""
    size = len(parties)
    for members in range(size, 0, -1):
        for some in combinations(parties, members):
            cost(frozenset(some))
    values = []
    for party in parties:
        others = [other for other in parties if other != party]
        total = sum(
            math.factorial(members)
            * math.factorial(size - 1 - members)
            * (cost(frozenset(some) | {party}) - cost(frozenset(some)))
            for members in range(size)
            for some in combinations(others, members)
        )
        values.append(Fraction(total, math.factorial(size)))
    return values


def _sampled(
    parties: Sequence[str], cost: CoalitionCost, pairs: int, seed: int
) -> tuple[list[Fraction], list[int]]:
    dice = np.random.default_rng(seed)
    drawn: dict[str, list[Fraction]] = {party: [] for party in parties}
    for _ in range(pairs):
        order = [parties[place] for place in dice.permutation(len(parties))]
        there, back = dict(_added(order, cost)), dict(_added(order[::-1], cost))
        for party in parties:
            drawn[party].append(Fraction(there[party] + back[party], 2))
    values = [sum(drawn[party], Fraction()) / pairs for party in parties]
    errors = [math.ceil(stdev(map(float, drawn[party])) / math.sqrt(pairs)) for party in parties]
    return values, errors


def _added(order: Sequence[str], cost: CoalitionCost) -> Iterator[tuple[str, int]]:
    """What each adds to those before it in `order`, the last first."""
    for place in range(len(order), 0, -1):
        yield order[place - 1], cost(frozenset(order[:place])) - cost(frozenset(order[: place - 1]))


def _held_to(values: Sequence[Fraction], most: Sequence[int]) -> list[Fraction]:
    """`values` between nothing and `most`, their sum kept where that allows it."""
    held = [min(max(value, Fraction()), Fraction(limit)) for value, limit in zip(values, most, strict=True)]
    missing = min(sum(values, Fraction()), Fraction(sum(most))) - sum(held)
    # What was cut goes to the room that is left below each limit; what was lifted to nothing comes off all.
    room = [limit - part for part, limit in zip(held, most, strict=True)] if missing > 0 else held
    whole = sum(room)
    return [part + (missing * space / whole if whole else 0) for part, space in zip(held, room, strict=True)]


def _to_the_fen(parts: Sequence[Fraction], total: int) -> list[int]:
    """Integers that sum to `total`, each part rounded up or down: never above a limit in whole fen."""
    common = math.lcm(*(part.denominator for part in parts))
    return allocate(total, [int(part * common) for part in parts])
