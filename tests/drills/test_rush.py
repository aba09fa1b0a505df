"""The rush on a pot, as `python -m tests.drills.rush` does it."""

from tests.drills.rush import drill


def test_a_pot_that_is_rushed_while_processes_die_is_sold_exactly_and_nobody_sees_an_error() -> None:
    assert drill() == []
