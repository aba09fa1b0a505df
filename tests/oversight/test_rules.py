"""Draws come out again, and figures warn beyond their threshold and not at it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from market.oversight.rules import Alert, Figure, Handled, alerts, draw, thresholds

LIMITS = thresholds()


def handled(code, quote_fen=100_00, offer_fen=100_00, wipes_failed=0, is_wiped=False, is_returned=False):
    return Handled(code, quote_fen, offer_fen, wipes_failed, is_wiped, is_returned)


def test_the_draw_of_a_known_seed_is_this_one():
    first = draw("seed", [1] * 5, 3, 2, 2)
    assert [(it.recycler, it.inspectors) for it in first] == [
        (it.recycler, it.inspectors) for it in draw("seed", [1] * 5, 3, 2, 2)
    ]
    assert draw("other", [1] * 5, 3, 2, 2) != first


@given(st.text(min_size=1), st.integers(1, 30), st.integers(1, 10), st.data())
def test_a_draw_takes_as_many_as_it_should_and_nobody_twice(seed, recyclers, inspectors, data):
    places, each = data.draw(st.integers(1, recyclers)), data.draw(st.integers(1, inspectors))
    drawn = draw(seed, [1] * recyclers, inspectors, places, each)
    assert len({it.recycler for it in drawn}) == places
    assert all(len(set(it.inspectors)) == each for it in drawn)
    assert all(1 <= it.recycler <= recyclers for it in drawn)


def test_every_recycler_is_drawn_about_as_often():
    counts = Counter(draw(str(n), [1] * 5, 1, 1, 1)[0].recycler for n in range(2_000))
    assert all(330 < counts[number] < 470 for number in range(1, 6))


def test_four_tickets_are_drawn_about_four_times_as_often_as_one():
    counts = Counter(draw(str(n), [4, 1], 1, 1, 1)[0].recycler for n in range(2_000))
    assert 1_520 < counts[1] < 1_680


@given(st.text(min_size=1), st.integers(1, 4), st.integers(1, 4))
def test_one_more_ticket_never_costs_a_place(seed, mine, others):
    def is_drawn(tickets):
        return any(it.recycler == 1 for it in draw(seed, [tickets, others, others], 1, 1, 1))

    assert is_drawn(mine) <= is_drawn(mine + 1)


def test_offers_below_seven_tenths_on_more_than_a_fifth_are_bait():
    fair = [handled(f"F{n}") for n in range(4)]
    edge = [*fair, handled("E", offer_fen=70_00), handled("L", offer_fen=69_99)]
    assert alerts(edge, LIMITS) == []
    more = [*fair, handled("L1", offer_fen=69_99), handled("L2", offer_fen=1)]
    assert alerts(more, LIMITS) == [Alert(Figure.bait, 3333, 2000, 6, ("L1", "L2"))]


def test_exactly_a_fifth_does_not_warn():
    orders = [*(handled(f"F{n}") for n in range(4)), handled("L", offer_fen=1)]
    assert alerts(orders, LIMITS) == []


def test_a_few_orders_warn_of_nothing():
    assert alerts([handled(f"L{n}", offer_fen=1) for n in range(4)], LIMITS) == []


def test_failed_wipes_count_against_what_was_to_be_wiped():
    orders = [handled(f"W{n}", is_wiped=True) for n in range(4)] + [handled("X", wipes_failed=2)]
    orders += [handled(f"N{n}") for n in range(50)]
    assert alerts(orders, LIMITS) == [Alert(Figure.wipe_failed, 2000, 1000, 5, ("X",))]


def test_returns_above_three_tenths_warn_and_unassessed_ones_do_not_count():
    back = [handled(f"R{n}", is_returned=True) for n in range(2)]
    fair = [handled(f"F{n}") for n in range(4)]
    assert alerts([*back, *fair], LIMITS) == [Alert(Figure.returned, 3333, 3000, 6, ("R0", "R1"))]
    waiting = [handled(f"Q{n}", offer_fen=None) for n in range(90)]
    assert len(alerts([*back, *fair, *waiting], LIMITS)) == 1


@given(st.lists(st.builds(handled, st.uuids().map(str), st.integers(1, 10**6), st.integers(1, 10**6))))
def test_an_alert_names_exactly_the_orders_beyond_it(orders):
    for alert in alerts(orders, LIMITS):
        assert set(alert.codes) <= {order.code for order in orders}
        assert alert.share_bp == len(alert.codes) * 10_000 // alert.of
