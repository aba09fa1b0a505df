"""Whatever an operator moves, each stop stays in the plan once, and no trip is empty."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.delivery.draft import Change, Draft, MoveRun, MoveStop, TakeOut, changed, touched, vehicle_of
from market.kernel.errors import NotFound, Refused

VEHICLES, STOPS = "ABC", "abcdefgh"
DRAFT: Draft = {"A": (("a", "b"), ("c",)), "B": (("d", "e"),)}

changes = st.one_of(
    st.builds(
        MoveStop, st.sampled_from(STOPS), st.sampled_from(VEHICLES), st.integers(0, 4), st.integers(0, 5)
    ),
    st.builds(MoveRun, st.sampled_from(VEHICLES), st.sampled_from(VEHICLES)),
    st.builds(TakeOut, st.sampled_from(STOPS)),
)


def _on(draft: Draft) -> Counter[str]:
    return Counter(stop for trips in draft.values() for trip in trips for stop in trip)


@given(st.lists(changes, max_size=12))
def test_each_stop_is_in_a_draft_once_after_any_changes(all_changes: list[Change]) -> None:
    draft = DRAFT
    for change in all_changes:
        try:
            then = changed(draft, change)
        except (NotFound, Refused):
            continue
        gone = {change.stop_id} if isinstance(change, TakeOut) else set()
        come = {change.stop_id} if isinstance(change, MoveStop) else set()
        assert set(_on(then)) == (set(_on(draft)) - gone) | come
        assert set(_on(then).values()) <= {1}
        assert all(trip for trips in then.values() for trip in trips)
        assert all(then.values())
        same = set(draft) - touched(draft, change)
        assert {it: then.get(it) for it in same} == {it: draft[it] for it in same}
        draft = then


def test_a_stop_goes_exactly_where_it_was_put() -> None:
    assert changed(DRAFT, MoveStop("d", "A", 2, 1)) == {"A": (("a", "b"), ("d", "c")), "B": (("e",),)}
    assert changed(DRAFT, MoveStop("c", "A", 1, 3)) == {"A": (("a", "b", "c"),), "B": (("d", "e"),)}
    assert changed(DRAFT, MoveStop("c", "A", 3, 1)) == DRAFT
    assert changed(DRAFT, MoveStop("a", "C", 1, 1))["C"] == (("a",),)
    assert vehicle_of(changed(DRAFT, MoveStop("h", "B", 1, 2)), "h") == "B"


def test_two_runs_are_exchanged_and_a_vehicle_from_the_yard_takes_one_over() -> None:
    assert changed(DRAFT, MoveRun("A", "B")) == {"A": DRAFT["B"], "B": DRAFT["A"]}
    assert changed(DRAFT, MoveRun("A", "C")) == {"C": DRAFT["A"], "B": DRAFT["B"]}


def test_what_is_not_there_is_not_found() -> None:
    for change in (TakeOut("h"), MoveRun("C", "A")):
        with pytest.raises(NotFound):
            changed(DRAFT, change)
