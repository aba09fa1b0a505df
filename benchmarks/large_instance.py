"""A seeded capacitated instance of any size: ``python -m benchmarks.large_instance 20000 > large.vrp``.

Towns of very different sizes on a plane, their stops scattered around them, and a few anywhere, as in the
Belgian instances of Arnold, Gendreau and Sörensen (2019): demand 1, 2 or 3, the hub in the middle or, with
``--eccentric``, in a corner. No best cost is known: compare solvers on it.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

DENSITY = 1_500  # stops on a square of 1,000 units
RURAL = 0.2
DEMANDS, SHARES = (1, 2, 3), (0.5, 0.3, 0.2)


def positions(stops: int, seed: int, eccentric: bool) -> NDArray[np.int64]:
    """The hub's position, then the stops', in whole units (stops + 1, 2)."""
    draw = np.random.default_rng(seed)
    width = 1_000 * (stops / DENSITY) ** 0.5
    towns = max(stops // 80, 1)
    weight = draw.pareto(1.2, towns) + 0.2
    town = draw.choice(towns, stops, p=weight / weight.sum())
    spread = 40 * np.sqrt(weight / weight.mean())
    around = draw.uniform(0, width, (towns, 2))[town] + draw.normal(size=(stops, 2)) * spread[town, None]
    rural = draw.random(stops) < RURAL
    around[rural] = draw.uniform(0, width, (int(rural.sum()), 2))
    hub = np.full((1, 2), width * (0.05 if eccentric else 0.5))
    return np.concatenate([hub, np.abs(around)]).astype(np.int64)


def instance(stops: int, capacity: int, seed: int, eccentric: bool) -> str:
    """The text of a VRPLIB file."""
    xy = positions(stops, seed, eccentric)
    demand = np.random.default_rng(seed + 1).choice(DEMANDS, stops + 1, p=SHARES)
    demand[0] = 0
    head = f"NAME : generated-{stops}-{seed}\nTYPE : CVRP\nDIMENSION : {stops + 1}\nEDGE_WEIGHT_TYPE : EUC_2D"
    places = "\n".join(f"{row} {x} {y}" for row, (x, y) in enumerate(xy, start=1))
    loads = "\n".join(f"{row} {load}" for row, load in enumerate(demand, start=1))
    return (
        f"{head}\nCAPACITY : {capacity}\nNODE_COORD_SECTION\n{places}\n"
        f"DEMAND_SECTION\n{loads}\nDEPOT_SECTION\n1\n-1\nEOF"
    )


def main() -> None:
    """Print an instance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stops", type=int)
    parser.add_argument("--capacity", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--eccentric", action="store_true")
    chosen = parser.parse_args()
    print(instance(chosen.stops, chosen.capacity, chosen.seed, chosen.eccentric))


if __name__ == "__main__":
    main()
