"""Bars: their parts lie side by side and fill the whole."""

from hypothesis import given
from hypothesis import strategies as st

from market.insights.rules import bar

amounts = st.lists(st.integers(0, 10**12), min_size=1, max_size=6)


@given(amounts, st.integers(1, 2_000))
def test_parts_lie_side_by_side_and_fill_the_bar(values: list[int], width: int) -> None:
    segments = bar([(str(place), value) for place, value in enumerate(values)], width)
    if not sum(values):
        assert segments == []
        return
    assert [part.x for part in segments] == [sum(p.width for p in segments[:n]) for n in range(len(segments))]
    assert sum(part.width for part in segments) == width


def test_a_part_is_as_wide_as_its_share() -> None:
    segments = bar([("paid", 25), ("promised", 25), ("left", 50)], 600)
    assert [(part.key, part.x, part.width) for part in segments] == [
        ("paid", 0, 150),
        ("promised", 150, 150),
        ("left", 300, 300),
    ]
