"""What a walk cannot reach is excused by name, with a test that reaches it."""

from pathlib import Path

from tests.stateful.people_states import EXCUSED, excused, tables


def test_whatever_is_excused_is_a_state_and_has_a_test() -> None:
    states = {f"{name} {state.value}" for name, states in tables().items() for state in states}
    for why, names in EXCUSED.items():
        assert set(names) <= states, set(names) - states
        assert Path(why.rpartition(": ")[2]).exists(), why
    assert excused("shop_orders.state delivered") is None
