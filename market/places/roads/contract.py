"""Take out the nodes that no choice is made at. Pure.

Most nodes of OpenStreetMap only give a road its shape: a way passes them without a choice, or ends at them.
Between the nodes that are kept, all ways keep their weights exactly, and Dijkstra has a tenth to look at.
"""

import numpy as np
from numpy.typing import NDArray

from market.places.roads.arcs import Arcs, best

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def contract(arcs: Arcs, keep: Flags) -> Arcs:
    """The same net with fewer nodes, numbered as before; those that `keep` marks, ``(nodes,)``, stay.

    The arcs are as `best` answers them, before and after.
    """
    while True:
        fewer = _join_chains(_cut_ends(arcs, keep), keep)
        if len(fewer.tails) == len(arcs.tails):
            return fewer
        arcs = fewer


def _cut_ends(arcs: Arcs, keep: Flags) -> Arcs:
    """Without the dead ends: nodes that lead back only to where one comes from."""
    out, back = (np.bincount(ends, minlength=len(keep)) for ends in (arcs.tails, arcs.heads))
    neighbor = np.full(len(keep), -1)
    neighbor[arcs.tails] = arcs.heads
    dead = ~keep & (out <= 1) & (back <= 1)
    dead[arcs.heads] &= (out[arcs.heads] == 0) | (neighbor[arcs.heads] == arcs.tails)
    stays = ~(dead[arcs.tails] | dead[arcs.heads])
    return Arcs(arcs.tails[stays], arcs.heads[stays], arcs.weights[stays])


def _join_chains(arcs: Arcs, keep: Flags) -> Arcs:
    """With one arc for each run of arcs over nodes that are only passed.

    The arcs of a chain know the next one; each round doubles how far they see (pointer jumping), so the
    longest chain takes as many rounds as its length has binary digits.
    """
    follows = _next_arcs(arcs, keep)
    passed = np.zeros(len(keep), dtype=bool)
    passed[arcs.heads[follows >= 0]] = True
    weights, ends, ahead = arcs.weights.copy(), np.arange(len(arcs.tails)), follows.copy()
    for _ in range(len(arcs.tails).bit_length()):  # more only turn in a ring that nobody enters
        more = np.flatnonzero(ahead >= 0)
        if not len(more):
            break
        to = ahead[more]
        weights[more], ends[more], ahead[more] = weights[more] + weights[to], ends[to], ahead[to]
    heads = arcs.heads[ends]
    starts = ~passed[arcs.tails]
    return best(Arcs(arcs.tails[starts], heads[starts], weights[starts]))


def _next_arcs(arcs: Arcs, keep: Flags) -> Ints:
    """The one arc that goes on after each, -1 where there is a choice or nothing to go on to."""
    size = len(keep)
    out, back = (np.bincount(ends, minlength=size) for ends in (arcs.tails, arcs.heads))
    first = np.concatenate(([0], np.cumsum(out)))[:-1]
    # A node is passed on a one-way road, or on a road that leads both ways to the same two neighbors.
    by_head = np.lexsort((arcs.tails, arcs.heads))
    comes_from = arcs.tails[by_head]
    first_in = np.concatenate(([0], np.cumsum(back)))[:-1]
    one, two = (np.flatnonzero(~keep & (out == n) & (back == n)) for n in (1, 2))
    one = one[arcs.heads[first[one]] != comes_from[first_in[one]]]
    both = (arcs.heads[first[two]] == comes_from[first_in[two]]) & (
        arcs.heads[first[two] + 1] == comes_from[first_in[two] + 1]
    )
    two = two[both]
    follows = np.full(len(arcs.tails), -1)
    follows[by_head[first_in[one]]] = first[one]
    for arriving, leaving in ((0, 1), (1, 0)):  # both sorted by neighbor: not back to where one came from
        follows[by_head[first_in[two] + arriving]] = first[two] + leaving
    return follows
