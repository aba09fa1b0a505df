"""What every step of the seed is handed, and the account each of its people gets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.people.models import Account
from market.people.register import register
from market.seed.names import person, phone
from market.seed.plans import PASSWORD, CountyPlan

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class World:
    """One county being filled. `seed` and the purpose alone decide what is drawn, not the order of steps."""

    session: Session
    plan: CountyPlan
    scale: int
    seed: int
    now: datetime
    progress: Progress

    def random(self, purpose: str) -> Random:
        """A source of chance of this county's own for one purpose."""
        return Random(f"{self.seed}:{self.plan.code}:{purpose}")  # noqa: S311 - repeatable, not secret

    def account(self, role: str, number: int) -> Account:
        """The `number`-th person of a role, registered with the demo's password unless there already."""
        digits = phone(self.plan.digit, role, number)
        found = self.session.scalar(select(Account).where(Account.phone == digits))
        if found:
            return found
        name = person(self.random(f"{role}:{number}"))
        return register(self.session, digits, name, PASSWORD, self.now)
