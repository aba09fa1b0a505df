"""The laws of ways, over any roads."""

from collections import Counter
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from market.places.roads import by_road
from market.places.roads.arcs import Arcs
from market.places.roads.by_road import ByRoad
from market.places.roads.compile import compile_net
from market.places.roads.contract import contract
from market.places.roads.estimate import Estimate
from market.places.roads.extract import Extract
from market.places.roads.tags import Road
from market.places.rules import Position, road_meters, road_seconds
from tests.builders.extracts import HUB
from tests.places.roads.test_ways import County

Ints = NDArray[np.int64]
points = st.tuples(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05)).map(
    lambda off: Position(HUB[0] + off[0], HUB[1] + off[1])
)


@st.composite
def roads(draw: st.DrawFn) -> ByRoad:
    """Up to eight places among some random roads, some of them one-way."""
    spots = draw(st.lists(points, min_size=3, max_size=12))
    pairs = st.tuples(st.integers(0, len(spots) - 1), st.integers(0, len(spots) - 1))
    ends = [pair for pair in draw(st.lists(pairs, min_size=1, max_size=20)) if pair[0] != pair[1]] or [(0, 1)]
    kinds = st.builds(Road, st.sampled_from([12.0, 30.0, 47.0]), backward=st.booleans())
    refs = np.array([end for pair in ends for end in pair])
    extract = Extract(
        refs,
        np.array([spots[ref].lat for ref in refs]),
        np.array([spots[ref].lon for ref in refs]),
        np.full(len(refs), np.nan),
        np.repeat(np.arange(len(ends)), 2),
        tuple(draw(st.lists(kinds, min_size=len(ends), max_size=len(ends)))),
        skipped=Counter(), barriers=0, shut=0, extract_at=None,
    )  # fmt: skip
    places = draw(st.lists(points, min_size=2, max_size=8))
    return ByRoad(compile_net(extract, Position(*HUB)).graph, County(), places)


def size_of(ways: ByRoad) -> Ints:
    return np.arange(len(ways.gaps))


@given(roads())
def test_seconds_obey_the_triangle_inequality_to_the_second(ways: ByRoad) -> None:
    places = size_of(ways)
    _, seconds = ways.block(places, places)
    over = seconds[:, :, None] + seconds[None, :, :]
    assert (seconds[:, None, :] <= over).all()
    assert (np.diagonal(seconds) == 0).all()


@given(roads(), st.data())
def test_a_block_is_what_its_pairs_are_whichever_side_is_larger(ways: ByRoad, data: st.DataObject) -> None:
    some = st.lists(st.sampled_from(size_of(ways).tolist()), min_size=1, max_size=12).map(np.array)
    rows, columns = data.draw(some), data.draw(some)
    meters, seconds = ways.block(rows, columns)
    assert meters.shape == seconds.shape == (len(rows), len(columns))
    assert meters.dtype == seconds.dtype == np.int64
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            meter, second = ways.block(np.array([row]), np.array([column]))
            assert (meters[i, j], seconds[i, j]) == (meter[0, 0], second[0, 0])


@given(st.data())
def test_taking_out_nodes_changes_no_way_between_those_kept(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 25))
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(
        lambda pair: pair[0] != pair[1]
    )
    chain = {pair: 7 for i in range(1, size) for pair in ((i - 1, i), (i, i - 1))}
    drawn = chain | data.draw(st.dictionaries(ends, st.integers(1, 50), max_size=12))
    tails, heads = (np.array([pair[side] for pair in sorted(drawn)]) for side in (0, 1))
    weights = np.array([drawn[pair] for pair in sorted(drawn)])
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    fewer = contract(Arcs(tails, heads, weights), keep)
    kept = np.flatnonzero(keep)
    before = csr_array((weights.astype(float), (tails, heads)), shape=(size, size))
    after = csr_array((fewer.weights.astype(float), (fewer.tails, fewer.heads)), shape=(size, size))
    if len(kept):
        ways = (dijkstra(net, indices=kept)[:, kept] for net in (before, after))
        np.testing.assert_array_equal(*ways)


def test_a_long_road_without_a_choice_is_one_arc_each_way() -> None:
    tails = np.concatenate((np.arange(0, 999), np.arange(1, 1_000)))
    heads = np.concatenate((np.arange(1, 1_000), np.arange(0, 999)))
    order = np.lexsort((heads, tails))
    keep = np.zeros(1_000, dtype=bool)
    keep[[100, 700]] = True
    fewer = contract(Arcs(tails[order], heads[order], np.full(1_998, 3)), keep)
    assert fewer.tails.tolist() == [100, 700]
    assert fewer.heads.tolist() == [700, 100]
    assert fewer.weights.tolist() == [1_800, 1_800]


@given(roads())
def test_little_memory_gives_the_same_ways(ways: ByRoad) -> None:
    places = size_of(ways)
    whole = ways.block(places, places)
    by_road.BLOCK_BYTES, usual = 1, by_road.BLOCK_BYTES
    try:
        np.testing.assert_array_equal(whole, ways.block(places, places))
    finally:
        by_road.BLOCK_BYTES = usual


@given(
    st.lists(st.builds(Position, st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=12),
    st.decimals("1", "9.99", places=2),
    st.integers(1, 120),
)
def test_the_estimate_is_that_of_single_pairs_to_the_meter_and_second(
    places: list[Position], detour: Decimal, kmh: int
) -> None:
    county, everywhere = County(detour, kmh), np.arange(len(places))
    meters, seconds = Estimate(county, places).block(everywhere, everywhere)
    assert meters.tolist() == [[road_meters(county, a, b) for b in places] for a in places]
    assert seconds.tolist() == [[road_seconds(county, a, b) for b in places] for a in places]
