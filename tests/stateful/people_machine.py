"""Whatever people press, on any page of any door, in any order: no page fails, and every book balances.

    python -m tests.stateful.people_machine --moves N --seed K

A seeded town with a few people of each role. A move is one form sent over HTTP: of the page that somebody has
before her, of one that she left long ago (so that moves which are no longer legal are tried), or of another
person's page. Between moves time passes, and the worker's own handlers do what is due: at once, after a day
in which the worker was dead, twice, or early.
"""

import traceback
from collections import Counter
from datetime import timedelta
from random import Random
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from market.kernel import clock
from tests.builders.forms import Form
from tests.stateful.people import BUSY, Person
from tests.stateful.people_checks import Watcher
from tests.stateful.people_memory import Memory, pattern
from tests.stateful.people_tasks import Tasks
from tests.stateful.people_town import START, Town
from tests.stateful.people_worker import Worker

STEPS_A_LIFE = 150
AUDIT_EVERY = 40
TRAIL = 25
ACTS = (*["visit"] * 24, "1", "3", "9", "9", "24", "24", "72", "again", "again", "early", "dies")


class PeopleMachine(RuleBasedStateMachine):
    """Two counties with all that the seed puts into them."""

    town: ClassVar[Town]
    answers: ClassVar[Counter[str]] = Counter()
    reached: ClassVar[Counter[str]] = Counter()
    handled: ClassVar[Counter[str]] = Counter()
    is_stopped: ClassVar[bool] = (
        False  # early: what is left of a life is not led, and the last checks are made
    )

    def __init__(self) -> None:
        super().__init__()
        self.now, self.steps, self.accepted = START, 0, 0
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(clock, "now", lambda: self.now)
        self.people = self.town.begin()
        self.by_account = {str(person.account.id): person for person in self.people}
        self.memory, self.trail, self.tasks = Memory(), list[str](), Tasks(self.town.engine)
        self.worker = Worker(self.town.engine, self.handled, self.town.till)
        self.watcher = Watcher(self.town.engine, self.reached)

    def teardown(self) -> None:
        try:
            self.worker.dead_until = None
            self._react()
            self._audit()
        finally:
            self.patch.undo()

    @rule(act=st.sampled_from(ACTS), number=st.integers(0, 2**24))
    def step(self, act: str, number: int) -> None:
        """Somebody is busy for a while, time passes, or something goes wrong with the worker."""
        if PeopleMachine.is_stopped:
            return
        self.steps += 1
        chance = Random(f"{number}:{self.steps}")
        if act == "visit":
            self._visit(chance)
        elif act == "again":
            self.worker.again(chance, self.now)
        elif act == "early":
            self.worker.early(chance, self.now)
        elif act == "dies":
            self.worker.dead_until = self.now + timedelta(days=1)
        else:
            self._sleep(timedelta(hours=int(act), minutes=chance.randint(0, 59)))
        self._react()

    def _visit(self, chance: Random) -> None:
        """Somebody does what waits for her, or looks around."""
        for _ in range(chance.randint(1, 4)):
            self.do_a_task(chance)
        person = chance.choices(self.people, [BUSY.get(it.role, 1) for it in self.people])[0]
        for _ in range(chance.randint(1, 5)):
            form = self._form(person, chance)
            if form is not None:
                self._press(person, form, chance)
        self.now += timedelta(minutes=chance.randint(0, 12))

    def do_a_task(self, chance: Random) -> None:
        """Somebody presses what her work asks for, on the page on which it waits."""
        task = self.tasks.pick(chance)
        person = self.by_account.get(task.account_id) if task else None
        if task is None or person is None:
            return
        person.knows = task.knows
        self._look(person, task.page)
        for _ in range(3):
            forms = person.forms()
            weights = [self.memory.form_weight(it) for it in forms]
            # Where there is nothing to do but to give up, she mostly leaves it at that.
            if forms and chance.random() < max(weights) / 2 + 0.05:
                self._press(person, chance.choices(forms, weights)[0], chance)
        person.knows = {}

    def _press(self, person: Person, form: Form, chance: Random) -> None:
        status, sent = person.press(form, chance, self.now, self.memory)
        self._note(f"{status} {person.role} {form.action} {sent}")
        self.answers[f"{status} {pattern(form.action)}"] += 1
        assert status < 500, self.trail
        if status == 303:
            self.accepted += 1
            self._checked(self.watcher.after_a_move)
            if self.accepted % AUDIT_EVERY == 0:
                self._audit()

    def _form(self, person: Person, chance: Random) -> Form | None:
        """A form: from the page before her, from one she is led to, one she left, or another's."""
        luck = chance.random()
        if luck < 0.05 and person.left:
            return chance.choice(person.left)
        if luck < 0.08:
            left = chance.choice(self.people).left
            return chance.choice(left) if left else None
        for _ in range(4):
            forms = person.forms()
            weights = [self.memory.form_weight(it) for it in forms]
            if forms and chance.random() < max(weights) ** 0.5:
                return chance.choices(forms, weights)[0]
            self._look(person, person.wander(chance, self.memory))
        return None

    def _look(self, person: Person, path: str) -> None:
        status = person.look(path, self.memory)
        assert status < 500, (person.role, path, status, self.trail)

    def _sleep(self, length: timedelta) -> None:
        """Time goes by, a few hours at once, so that clocks ring in between."""
        until = self.now + length
        while self.now < until:
            self.now = min(until, self.now + timedelta(hours=5))
            self.worker.beat(self.now)
            self._react()

    def _react(self) -> None:
        self._note(f"{self.now:%m-%d %H:%M} {self.worker.catch_up(self.now)} messages")
        self._checked(self.watcher.after_a_move)

    def _audit(self) -> None:
        self._checked(lambda: self.watcher.audit(self.now))

    def _note(self, line: str) -> None:
        self.trail = [*self.trail, line][-TRAIL:]

    def _checked(self, check: object) -> None:
        try:
            check()  # type: ignore[operator]
        except AssertionError as broken:
            where = traceback.format_exception(broken)[-3:]
            raise AssertionError("\n".join([*self.trail, *where])) from broken


if __name__ == "__main__":
    from tests.stateful.people_report import main

    main()
