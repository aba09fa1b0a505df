"""How long one decision takes: `python -m benchmarks.quote`. 20 lines, 50 programmes, no database."""

import argparse
import random
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median, quantiles
from time import perf_counter

from market.subsidies import programmes, rules
from market.subsidies.rules import Buyer, Item, Offer

LINES = 20
PROGRAMMES = 50
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def on_offer() -> list[Offer]:
    """The shipped programmes that run in 2026, again and again under other names."""
    running = [row for row in programmes.shipped() if "2026" in row["id"]]
    read = [
        rules.read(
            row["id"], *(datetime.fromisoformat(row[end]) for end in ("valid_from", "valid_to")), row["rules"]
        )
        for row in running
    ]
    return [
        Offer(replace(read[number % len(read)], id=f"P{number}:1"), 10_000_000_00)
        for number in range(PROGRAMMES)
    ]


def a_cart(chance: random.Random, offers: list[Offer]) -> list[Item]:
    """Lines of what the programmes name, at any price and grade."""
    categories = sorted({name for offer in offers for name in offer.programme.quantity_limits})
    return [
        Item(
            f"{n}",
            chance.choice(categories),
            chance.choice([1, 2, None]),
            chance.randint(1, 3),
            chance.randint(100_00, 9000_00),
        )
        for n in range(LINES)
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    chance, offers, took_ms = random.Random(chosen.seed), on_offer(), []  # noqa: S311
    for _ in range(chosen.rounds):
        cart = a_cart(chance, offers)
        started = perf_counter()
        rules.quote(cart, Buyer(), offers, NOW)
        took_ms.append((perf_counter() - started) * 1000)
    middle, p99 = median(took_ms), quantiles(took_ms, n=100)[98]
    print(f"{LINES} lines, {PROGRAMMES} programmes: median {middle:.2f} ms, 99th percentile {p99:.2f} ms")


if __name__ == "__main__":
    main()
