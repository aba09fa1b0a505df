"""How long ways by road take: ``python -m benchmarks.roads [--nodes N]``. Synthetic counties, no database.

*streets*: a square grid where every node is a crossing, the worst case: no node can be taken out.
*mountains*: as a rural county is mapped: about as many nodes, most of which only give a road its shape; a
crossing every 800 m, and at each a spur of 800 m to a village, where the road ends.
"""

import argparse
import math
import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from market.places.roads.by_road import ByRoad
from market.places.roads.compile import compile_net
from market.places.roads.extract import Extract
from market.places.roads.graph import from_bytes, to_bytes
from market.places.roads.tags import Road
from market.places.rules import Position

HUB = Position(32.5203, 108.5342)
BLOCKS = (300, 1_000)
STEP_DEGREES = 55 / 111_195
BETWEEN, SPUR = 15, 11  # steps of road between two crossings, and of a spur
KINDS = (Road(50), Road(40), Road(30), Road(25), Road(25, backward=False))

Spot = tuple[int, int]  # steps to the north and east


@dataclass(frozen=True)
class County:
    """The estimate for the gaps."""

    detour_factor: Decimal = Decimal("1.60")
    speed_kmh: int = 30


def streets(nodes: int) -> Iterator[list[Spot]]:
    """A street along each row and each column."""
    side = math.isqrt(nodes)
    for line in range(side):
        yield [(line, step) for step in range(side)]
        yield [(step, line) for step in range(side)]


def mountains(nodes: int) -> Iterator[list[Spot]]:
    """Roads from crossing to crossing, and a spur into the middle of each square between them."""
    side = math.isqrt(nodes // (2 * BETWEEN + SPUR))
    for north in range(0, side * BETWEEN, BETWEEN):
        for east in range(0, side * BETWEEN, BETWEEN):
            yield [(north, east + step) for step in range(BETWEEN + 1)]
            yield [(north + step, east) for step in range(BETWEEN + 1)]
            yield [(north + step, east + step) for step in range(SPUR + 1)]


COUNTIES = {"streets": streets, "mountains": mountains}


def extract(lines: list[list[Spot]], chance: np.random.Generator) -> Extract:
    """These roads around the hub, nodes moved a little, of any kind; spurs lead both ways."""
    rows = np.array([spot for line in lines for spot in line])
    spots, refs = np.unique(rows, axis=0, return_inverse=True)
    moved = (spots - spots.mean(axis=0) + chance.uniform(-0.3, 0.3, spots.shape)) * STEP_DEGREES
    kinds = [KINDS[kind] for kind in chance.integers(0, len(KINDS), len(lines))]
    roads = tuple(
        Road(25) if len(line) == SPUR + 1 else kind for line, kind in zip(lines, kinds, strict=True)
    )
    return Extract(
        refs.ravel(),
        HUB.lat + moved[refs.ravel(), 0],
        HUB.lon + moved[refs.ravel(), 1] / math.cos(math.radians(HUB.lat)),
        np.full(len(rows), np.nan),
        np.repeat(np.arange(len(lines)), [len(line) for line in lines]),
        roads, Counter(), 0, 0, None,
    )  # fmt: skip


def measure(name: str, nodes: int, size: int) -> None:
    """One row of the table, in a process of its own so that its peak is its own."""
    chance = np.random.default_rng(1)
    read = extract(list(COUNTIES[name](nodes)), chance)
    began = time.perf_counter()
    compiled = compile_net(read, HUB)
    compiling = time.perf_counter() - began
    content = to_bytes(compiled.graph)
    del read, compiled

    began, before = time.perf_counter(), peak_mb()
    graph = from_bytes(content)
    lat, lon = (chance.uniform(axis.min(), axis.max(), 2 * size) for axis in (graph.lat, graph.lon))
    places = [Position(float(a), float(b)) for a, b in zip(lat, lon, strict=True)]
    ways = ByRoad(graph, County(), places)
    ready = time.perf_counter() - began
    began, cpu = time.perf_counter(), time.process_time()
    ways.block(np.arange(size), np.arange(size, 2 * size))
    took, cpu_took = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"| {name} | {len(graph.lat):,} | {len(graph.heads):,} | {len(content) / 1e6:.1f} | {compiling:.1f} "
        f"| {ready:.2f} | {ways.nodes:,} | {size:,} × {size:,} | {took:.1f} | {cpu_took:.1f} "
        f"| {peak_mb():.0f} ({before:.0f} before) |",
        flush=True,
    )


def peak_mb() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--nodes", type=int, default=200_000)
    nodes = options.parse_args().nodes
    print(
        "| county | nodes | arcs | kept MB | compile s | ready s | nodes looked at | block | s | CPU s |"
        " peak MB |\n|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|",
        flush=True,
    )
    context = multiprocessing.get_context("spawn")
    for name in COUNTIES:
        for size in BLOCKS:
            process = context.Process(target=measure, args=(name, nodes, size))
            process.start()
            process.join()


if __name__ == "__main__":
    main()
