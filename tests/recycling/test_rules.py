"""What a thing is worth, what may be posted, and when a changed row shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.chain import GENESIS, chain_hash, first_break
from market.recycling.prices import shipped
from market.recycling.rules import (
    Deduction,
    Safety,
    danger,
    differences,
    hazards,
    read_table,
    value,
)
from market.recycling.states import STATES, RecyclingState

TABLES = {row["category_code"]: read_table(row["prices"]) for row in shipped()}
PHONE = TABLES["phone"]
tables = st.sampled_from(sorted(TABLES)).map(TABLES.__getitem__)


def test_each_fault_takes_its_part_of_what_is_left():
    worth = value(PHONE, 2, ["screen_broken", "battery_weak"])
    assert (worth.base_fen, worth.value_fen) == (90_000, 21_037)
    assert worth.largest == (
        Deduction("age", 45_000),
        Deduction("screen_broken", 20_250),
        Deduction("battery_weak", 3_713),
    )


def test_the_material_is_the_least_that_is_paid():
    assert value(PHONE, 40, PHONE.fault_codes).value_fen == 800


def test_only_the_three_largest_deductions_are_named():
    worth = value(PHONE, 6, ["not_working", "screen_broken", "battery_weak"])
    assert [deduction.code for deduction in worth.largest] == ["age", "not_working", "screen_broken"]


def test_a_fault_that_the_table_does_not_know_is_an_error():
    with pytest.raises(ValueError, match="soul_missing"):
        value(PHONE, 1, ["soul_missing"])


@given(tables, st.integers(0, 50), st.data())
def test_deductions_sum_to_what_is_missing_and_the_value_stays_above_the_material(table, age, data):
    faults = data.draw(st.sets(st.sampled_from(sorted(table.fault_codes))))
    worth = value(table, age, faults)
    assert worth.base_fen - sum(deduction.fen for deduction in worth.deductions) == worth.value_fen
    assert table.material_fen <= worth.value_fen <= table.base_fen


@given(tables, st.integers(0, 49), st.data())
def test_neither_a_year_nor_a_fault_makes_a_thing_worth_more(table, age, data):
    faults = data.draw(st.sets(st.sampled_from(sorted(table.fault_codes))))
    one_more = faults | {data.draw(st.sampled_from(sorted(table.fault_codes)))}
    assert value(table, age + 1, faults).value_fen <= value(table, age, faults).value_fen
    assert value(table, age, one_more).value_fen <= value(table, age, faults).value_fen


@pytest.mark.parametrize(
    ("safety", "code"),
    [
        (Safety(False, False, False), None),
        (Safety(True, False, False), "recycling.battery_loose"),
        (Safety(False, True, False), "recycling.battery_swollen"),
        (Safety(False, False, True), "recycling.power_bank"),
        (Safety(True, True, True), "recycling.battery_swollen"),
    ],
)
def test_a_dangerous_battery_never_goes_by_post(safety, code):
    assert danger(hazards(safety)) == code


def test_only_what_is_worse_than_told_is_a_difference():
    assert differences(2, ["battery_weak"], 2, ["battery_weak"]) == ()
    assert differences(2, ["battery_weak"], 1, []) == ()
    assert differences(2, [], 3, ["screen_broken"]) == ("age", "screen_broken")


rows = st.lists(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5)), min_size=1, max_size=8
)


@given(rows, st.data())
def test_a_changed_row_breaks_the_chain_where_it_was_changed(rows, data):
    chained, previous = [], GENESIS
    for row in rows:
        previous = chain_hash(previous, row)
        chained.append((row, previous))
    assert first_break(chained) is None
    place = data.draw(st.integers(0, len(rows) - 1))
    chained[place] = ({**chained[place][0], "spoiled": True}, chained[place][1])
    assert first_break(chained) == place


def test_every_state_can_be_reached_and_every_end_is_known():
    reached, waiting = set(), [RecyclingState.draft]
    while waiting:
        state = waiting.pop()
        reached.add(state)
        waiting += STATES[state] - reached
    assert reached == set(RecyclingState)
    ends = {state for state in RecyclingState if STATES.is_end(state)}
    assert {state.value for state in ends} == {
        "resold", "dismantled", "returned", "expired", "cancelled", "compensated",
    }  # fmt: skip
