"""A rich county night, planned: ``python -m benchmarks.night [--jobs 100 1000 10000] [--processes 2]``.

The demo county's hub, townships and villages; every kind of job (deliveries with and without an installation,
old appliances taken on the same stop, returns, repairs out and back, recycling pick-ups), three kinds of
vehicle, windows, skills, reloads; twelve shops of unequal size. Each size runs in a process of its own. The
same jobs are then planned once more for each shop alone, by the same planner, with as much CPU time in all.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from market.delivery.planner import Plan, Problem, Stop, Vehicle, plan, processes
from market.places.load import region_rows
from market.places.roads.estimate import Estimate
from market.places.rules import Position
from market.seed.plans import PLANS

CPU_SECONDS = {100: 20.0, 1_000: 120.0, 10_000: 500.0, 30_000: 1_500.0}
SHOPS = 12
KINDS = {"deliver": 50, "swap": 18, "return": 4, "repair out": 4, "repair back": 4, "recycle": 20}
FITTER = frozenset({"general", "electric", "gas"})
VEHICLES = (
    Vehicle("van", 800_000, 6_000_000, 2_000,
            fixed_fen=12_000, fen_per_km=90, fen_per_hour=2_800),
    Vehicle("truck", 1_800_000, 14_000_000, 3_800, 2, frozenset({"general", "electric"}),
            fixed_fen=24_000, fen_per_km=150, fen_per_hour=5_000),
    Vehicle("fitters", 1_200_000, 10_000_000, 3_200, 2, FITTER,
            fixed_fen=22_000, fen_per_km=130, fen_per_hour=6_000),
)  # fmt: skip
# Weight (kg), liters, longest side (mm), skill and minutes of an installation, how often: about facts §6.
GOODS = (
    (75, 900, 1_900, "", 8, 16), (70, 450, 900, "general", 25, 14), (45, 250, 950, "electric", 60, 16),
    (22, 200, 1_450, "", 8, 12), (30, 120, 900, "electric", 45, 8), (35, 160, 800, "gas", 60, 7),
    (110, 700, 1_300, "electric", 90, 3), (6, 40, 450, "", 4, 12), (2, 12, 320, "", 3, 12),
)  # fmt: skip


def villages() -> list[Position]:
    """Where people of the demo county live, as the market has it."""
    code = PLANS["demo"][0].code
    rows = (row for row in region_rows() if str(row[0]).startswith(code) and len(str(row[0])) == 12)
    return [Position(float(str(row[4])), float(str(row[5]))) for row in rows if row[4] is not None]


def night(jobs: int, seed: int) -> tuple[Problem, list[int]]:
    """The stops of about `jobs` jobs with vehicles and roads, and which shop each stop belongs to."""
    dice = random.Random(seed)  # noqa: S311 - a benchmark
    homes = villages()
    stops: list[Stop] = []
    where: list[Position] = []
    shop_of: list[int] = []
    done = 0
    while done < jobs:
        stop, count = _stop(dice, len(stops))
        home = dice.choice(homes)
        stops.append(stop)
        where.append(Position(home.lat + dice.gauss(0, 0.006), home.lon + dice.gauss(0, 0.007)))
        shop_of.append(min(int(dice.expovariate(0.35)), SHOPS - 1))
        done += count
    county = PLANS["demo"][0]
    return Problem(tuple(stops), _fleet(len(stops)), Estimate(county, [county.hub, *where])), shop_of


def _stop(dice: random.Random, number: int) -> tuple[Stop, int]:
    """A household: what comes, what goes; and how many jobs that is."""
    (ware,) = dice.choices(GOODS, [ware[-1] for ware in GOODS])
    kilograms, liters, side, skill, minutes, _ = ware
    grams, cm3 = int(kilograms * dice.uniform(700, 1_300)), int(liters * dice.uniform(700, 1_300))
    (kind,) = dice.choices(list(KINDS), list(KINDS.values()))
    brings, takes = kind in ("deliver", "swap", "repair back"), kind not in ("deliver", "repair back")
    opens = dice.choices((0, 8, 14), (70, 15, 15))[0] * 3600
    return Stop(
        str(number),
        deliver_grams=grams if brings else 0,
        deliver_cm3=cm3 if brings else 0,
        collect_grams=grams if takes else 0,
        collect_cm3=cm3 if takes else 0,
        longest_side_mm=side,
        people=2 if grams > 50_000 else 1,
        skills=frozenset({skill}) if skill and kind in ("deliver", "swap") else frozenset(),
        service_seconds=300 + 60 * (minutes if kind in ("deliver", "swap") else 5),
        earliest=opens,
        latest=opens + 4 * 3600 if opens else 24 * 3600,
    ), 2 if kind == "swap" else 1


def _fleet(stops: int) -> tuple[Vehicle, ...]:
    """More than are needed, so that the plan chooses how many of each kind go out."""
    shares = {"van": 12, "truck": 12, "fitters": 14}
    return tuple(
        replace(kind, id=f"{kind.id} {n}") for kind in VEHICLES for n in range(3 + stops // shares[kind.id])
    )


def alone(problem: Problem, shop_of: list[int], cpu_seconds: float, count: int) -> tuple[int, int]:
    """What the shops pay in all where each drives for itself, and how many stops they leave out."""
    of_shop: dict[int, list[int]] = defaultdict(list)
    for place, shop in enumerate(shop_of):
        of_shop[shop].append(place)
    plans: list[Plan] = []
    for places in of_shop.values():
        own = replace(problem.with_stops(places), vehicles=_fleet(len(places)))
        share = max(5.0, cpu_seconds * len(places) / len(shop_of))
        plans.append(_plan(own, share, count))
    return sum(one.cost_fen for one in plans), sum(len(one.left_out) for one in plans)


def _plan(problem: Problem, cpu_seconds: float, count: int) -> Plan:
    if count == 1:
        return plan(problem, cpu_seconds=cpu_seconds)
    with processes(count) as pool:
        return plan(problem, cpu_seconds=cpu_seconds, pool=pool)


def measure(jobs: int, seed: int, count: int, cpu_seconds: float) -> dict[str, object]:
    """One size, in this process."""
    problem, shop_of = night(jobs, seed)
    began, cpu = time.monotonic(), time.process_time()
    pooled = _plan(problem, cpu_seconds, count)
    wall = time.monotonic() - began
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own_mb, each_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, children.ru_maxrss / 1024
    spent = time.process_time() - cpu + children.ru_utime + children.ru_stime
    served = len(problem.stops) - len(pooled.left_out)
    print(
        f"{jobs} jobs: {wall:.0f} s, {spent:.0f} CPU s, {pooled.cost_fen / 100:.0f} yuan,"
        f" {len(pooled.left_out)} left out, {own_mb:.0f} MB and {each_mb:.0f} each; now each shop alone",
        file=sys.stderr,
        flush=True,
    )
    apart_fen, apart_out = alone(problem, shop_of, cpu_seconds, count)
    return {
        "jobs": jobs,
        "stops": len(problem.stops),
        "runs": len(pooled.runs),
        "trips": sum(len(run.trips) for run in pooled.runs),
        "kinds": dict(Counter(run.vehicle_id.split()[0] for run in pooled.runs)),
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(spent, 1),
        "peak_mb": f"{own_mb:.0f} + {count} × {each_mb:.0f}" if count > 1 else f"{own_mb:.0f}",
        "fen_per_stop": round(pooled.cost_fen / max(served, 1)),
        "cost_yuan": round(pooled.cost_fen / 100),
        "alone_yuan": round(apart_fen / 100),
        "saving": f"{1 - pooled.cost_fen / apart_fen:.1%}",
        "left_out": len(pooled.left_out),
        "left_out_alone": apart_out,
        "reasons": dict(Counter(out.reason.value for out in pooled.left_out)),
    }


def main() -> None:
    """Print a line of figures for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cpu-seconds", type=float, help="instead of the size's own")
    parser.add_argument("--here", action="store_true", help="measure in this process")
    given = parser.parse_args()
    for jobs in given.jobs:
        if given.here:
            cpu_seconds = given.cpu_seconds or float(
                np.interp(jobs, list(CPU_SECONDS), list(CPU_SECONDS.values()))
            )
            print(json.dumps(measure(jobs, given.seed, given.processes, cpu_seconds), ensure_ascii=False))
            continue
        command = [sys.executable, "-m", "benchmarks.night", "--here", "--jobs", str(jobs)]
        command += ["--processes", str(given.processes), "--seed", str(given.seed)]
        command += ["--cpu-seconds", str(given.cpu_seconds)] if given.cpu_seconds else []
        subprocess.run(command, check=True)  # noqa: S603 - ourselves


if __name__ == "__main__":
    main()
