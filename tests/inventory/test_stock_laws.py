"""Stock against a model of it, whatever is done in whatever order."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from market.inventory import audit
from market.inventory.models import Stock
from market.inventory.receive import adjust, receive
from market.inventory.reserve import allocate, release, reserve, ship
from market.kernel.errors import NotFound, Refused
from tests.builders.catalog import a_listing
from tests.builders.shops import a_shop

references = st.sampled_from(["a", "b", "c", "d"])
AFTER = {"reserved": {"allocated", "released"}, "allocated": {"shipped", "released"}}


def test_stock_follows_its_laws(connection, now):
    class Shelf(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.savepoint = connection.begin_nested()
            self.session = Session(connection, join_transaction_mode="create_savepoint")
            self.listing = a_listing(self.session, a_shop(self.session, now), now, stock=5)
            self.on_hand = 5
            self.held: dict[str, tuple[int, str]] = {}

        def teardown(self) -> None:
            self.session.close()
            self.savepoint.rollback()

        @property
        def sums(self) -> Counter[str]:
            sums: Counter[str] = Counter()
            for quantity, state in self.held.values():
                sums[state] += quantity
            return sums

        @property
        def left(self) -> int:
            return self.on_hand - self.sums["reserved"] - self.sums["allocated"]

        @rule(quantity=st.integers(1, 4))
        def receive(self, quantity: int) -> None:
            receive(self.session, self.listing.id, quantity, "进货", now)
            self.on_hand += quantity

        @rule(change=st.integers(-4, 4).filter(bool))
        def adjust(self, change: int) -> None:
            fits = change + self.left >= 0
            assert fits is _done(lambda: adjust(self.session, self.listing.id, change, "盘点", now))
            self.on_hand += change if fits else 0

        @rule(reference=references, quantity=st.integers(1, 4))
        def reserve(self, reference: str, quantity: int) -> None:
            fits = reference in self.held or quantity <= self.left
            assert fits is _done(lambda: reserve(self.session, self.listing.id, quantity, reference, now))
            if fits:
                self.held.setdefault(reference, (quantity, "reserved"))

        @rule(reference=references, to=st.sampled_from(["allocated", "shipped", "released"]))
        def move(self, reference: str, to: str) -> None:
            step = {"allocated": allocate, "shipped": ship, "released": release}[to]
            quantity, state = self.held.get(reference, (0, "none"))
            moves = to in AFTER.get(state, set())
            assert (moves or state == to) is _done(lambda: step(self.session, reference, now))
            if moves:
                self.held[reference] = (quantity, to)
                self.on_hand -= quantity if to == "shipped" else 0

        @invariant()
        def row_agrees(self) -> None:
            stock = self.session.get_one(Stock, self.listing.id, populate_existing=True)
            sums = self.sums
            assert (stock.on_hand, stock.reserved, stock.allocated) == (
                self.on_hand,
                sums["reserved"],
                sums["allocated"],
            )
            assert list(audit.breaks(self.session)) == []

    run_state_machine_as_test(
        Shelf,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _done(step) -> bool:
    try:
        step()
    except (Refused, NotFound):
        return False
    return True
