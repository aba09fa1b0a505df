"""The long walk and its report: what was pressed, what was reached, and what never was."""

import argparse
import logging
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from market import embedded
from tests.database import create_tables
from tests.stateful.people_machine import STEPS_A_LIFE, PeopleMachine
from tests.stateful.people_states import excused, tables
from tests.stateful.people_strangers import try_all
from tests.stateful.people_town import Town, town

LIVES_A_SEED = 4
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def walk(town: Town, lives: int, seed_number: int, steps: int = STEPS_A_LIFE) -> Counter[str]:
    """So many lives of so many steps: how many forms got which answer at which door.

    Before them comes hypothesis's simplest one, the same for every seed: nothing but visits.
    """
    PeopleMachine.town = town
    PeopleMachine.answers, PeopleMachine.reached, PeopleMachine.handled = Counter(), Counter(), Counter()
    run_state_machine_as_test(
        seed(seed_number)(PeopleMachine),
        settings=settings(
            max_examples=lives + 1,  # the simplest comes first
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return PeopleMachine.answers


def accepted(answers: Counter[str]) -> int:
    """How many forms were taken."""
    return sum(count for name, count in answers.items() if name.startswith("303 "))


def main() -> None:
    """Walk until so many moves were accepted, one life after another; exit 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.stateful.people_machine")
    parser.add_argument("--moves", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--steps", type=int, default=STEPS_A_LIFE)
    parser.add_argument("--minutes", type=float, default=600, help="begin no life after so many")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, _stop)  # stopped early, it still tells what it saw
    answers, reached, handled, failures = Counter[str](), Counter[str](), Counter[str](), 0
    tried = Counter[str]()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="market-moves-")))
        server = embedded.Postgres(folder / "postgres", folder / "postgres.log", QUICK)
        stack.callback(embedded.stop, server.start(), 2)
        valkey = embedded.Valkey(folder / "valkey", folder / "valkey.log")
        stack.callback(embedded.stop, valkey.start(), 15)
        create_tables(server)
        ready = stack.enter_context(town(server, valkey.url, folder))
        began, cpu, number = time.monotonic(), time.process_time(), chosen.seed
        until = began + chosen.minutes * 60
        while accepted(answers) < chosen.moves and time.monotonic() < until and not PeopleMachine.is_stopped:
            number += 1
            try:
                walk(ready, LIVES_A_SEED, number, chosen.steps)
                tried += try_all(ready)
            except Exception as error:  # the walk goes on: one night finds more than one defect
                failures += 1
                why = "".join(traceback.format_exception(error))[-6000:]
                print(f"BROKEN in a life of seed {number}: {why}", flush=True)
            finally:
                answers += PeopleMachine.answers
                reached += PeopleMachine.reached
                handled += PeopleMachine.handled
            spent = f"{time.monotonic() - began:.0f} s, {time.process_time() - cpu:.0f} s of CPU"
            print(
                f"seed {number}: {accepted(answers)} of {answers.total()} forms taken, {spent}",
                flush=True,
            )
    report(answers, reached, handled)
    print("\nwhat was another's, and not found:")
    print(", ".join(f"{name} {count}" for name, count in sorted(tried.items())))
    print(f"{accepted(answers)} moves from seed {chosen.seed + 1} to {number}: {failures} lives broken.")
    raise SystemExit(failures > 0)


def _stop(*_signal: object) -> None:
    PeopleMachine.is_stopped = True


def report(answers: Counter[str], reached: Counter[str], handled: Counter[str]) -> None:
    """Forms, clocks and states, each with how often."""
    for title, counts in (("forms", answers), ("messages", handled)):
        print(f"\n{title}:")
        for name, count in sorted(counts.items()):
            print(f"{count:6} {name}")
    print("\nstates:")
    for name, states in tables().items():
        counts = {state.value: reached[f"{name} {state.value}"] for state in states}
        print(f"{name}: " + ", ".join(f"{state} {count}" for state, count in counts.items() if count))
        never = [state for state, count in counts.items() if not count]
        if open_ := [state for state in never if excused(f"{name} {state}") is None]:
            print(f"    not reached: {', '.join(open_)}")
        for state in (it for it in never if it not in open_):
            print(f"    excused: {state} ({excused(f'{name} {state}')})")
    total = [f"{name} {state.value}" for name, states in tables().items() for state in states]
    missing = [name for name in total if not reached[name]]
    without = sum(excused(name) is not None for name in missing)
    print(
        f"{len(total) - len(missing)} of {len(total)} states reached, {without} excused,"
        f" {len(missing) - without} not reached"
    )
