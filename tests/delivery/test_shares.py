"""Shares of a plan: the laws of the Shapley value, and nobody above going alone."""

from itertools import combinations
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.delivery.planner import plan
from market.delivery.planner.shares import EXACT_PARTIES, Share, fair_shares
from tests.builders.planning import a_county_day

NAMES = "abcdefghijklmno"


@st.composite
def costs(draw, fewest=1, most=5):
    """A cost for each coalition of some parties, with no order in them at all."""
    parties = NAMES[: draw(st.integers(fewest, most))]
    table = {
        frozenset(some): draw(st.integers(0, 10_000))
        for size in range(1, len(parties) + 1)
        for some in combinations(parties, size)
    }
    return parties, table.__getitem__


def airport(needs):
    """Littlechild and Owen 1973: a runway as long as the longest need of those who use it."""
    return lambda some: max(needs[one] for one in some)


def by_party(shares):
    return {share.party: share.share_fen for share in shares}


@given(costs(), st.randoms(use_true_random=False))
def test_shares_sum_to_the_whole_nobody_is_above_going_alone_and_their_order_is_nothing(game, dice):
    parties, cost = game
    shares = fair_shares(parties, cost)
    alone = sum(cost(frozenset({one})) for one in parties)
    assert sum(share.share_fen for share in shares) == min(cost(frozenset(parties)), alone)
    assert all(0 <= share.share_fen <= share.alone_fen == cost(frozenset({share.party})) for share in shares)
    mixed = list(parties)
    dice.shuffle(mixed)
    assert fair_shares(mixed, cost) == shares


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6), st.integers(0, 100))
def test_who_adds_nothing_pays_nothing_and_who_adds_its_own_pays_just_that(needs, own):
    runway = airport(dict(zip(NAMES, needs, strict=False)))
    parties = [*NAMES[: len(needs)], "nothing", "own"]

    def cost(some):
        rest = some - {"nothing", "own"}
        return (runway(rest) if rest else 0) + (own if "own" in some else 0)

    shares = by_party(fair_shares(parties, cost))
    assert (shares["nothing"], shares["own"]) == (0, own)


@given(st.integers(0, 5), st.integers(0, 10_000), st.integers(0, 10_000))
def test_equals_pay_the_same_but_for_a_fen(others, first, each):
    parties = [*NAMES[:others], "x", "y"]
    shares = by_party(fair_shares(parties, lambda some: first + each * len(some)))
    assert abs(shares["x"] - shares["y"]) <= 1


@settings(max_examples=40, deadline=None)
@given(jobs=st.integers(1, 9), seed=st.integers(0, 10_000), parties=st.integers(1, 3))
def test_a_random_county_day_saves_something_or_is_not_pooled(jobs, seed, parties):
    day = a_county_day(jobs, seed)

    def cost(some):
        theirs = [place for place in range(jobs) if NAMES[place % parties] in some]
        return plan(day.with_stops(theirs), cpu_seconds=0.05).cost_fen

    known = {}
    shares = fair_shares(
        {NAMES[place % parties] for place in range(jobs)},
        lambda some: known.setdefault(some, cost(some)),
    )
    together, alone = known[max(known, key=len)], sum(share.alone_fen for share in shares)
    saved = alone - sum(share.share_fen for share in shares)
    assert saved == max(0, alone - together)
    assert all(share.share_fen <= share.alone_fen for share in shares)


def test_a_shared_runway_is_paid_by_who_needs_each_part_of_it():
    shares = fair_shares("abc", airport({"a": 600, "b": 1200, "c": 1800}))
    assert by_party(shares) == {"a": 200, "b": 500, "c": 1100}
    assert [share.error_fen for share in shares] == [0, 0, 0]


def test_what_is_above_going_alone_is_borne_by_those_who_still_save():
    table = {"a": 100, "b": 900, "c": 900, "ab": 1000, "ac": 1000, "bc": 900, "abc": 1100}
    shares = fair_shares("abc", lambda some: table["".join(sorted(some))])
    # The value of a is 133: it adds 200 to b and c together.
    assert by_party(shares) == {"a": 100, "b": 500, "c": 500}


def test_a_plan_that_costs_more_than_all_alone_is_not_shared():
    shares = fair_shares("ab", lambda some: {1: 100, 2: 250}[len(some)])
    assert shares == (Share("a", 100, 100, 0), Share("b", 100, 100, 0))


def test_one_party_pays_all_and_nobody_nothing():
    assert fair_shares(["a"], lambda some: 77) == (Share("a", 77, 77, 0),)
    assert fair_shares([], lambda some: 77) == ()


def test_a_cost_below_nothing_is_refused():
    with pytest.raises(ValueError, match="a cost of -1 fen"):
        fair_shares("ab", lambda some: -1)


def test_a_coalition_is_asked_for_once_and_the_whole_first():
    asked = []
    fair_shares("abcd", lambda some: asked.append(some) or 10 * len(some))
    assert len(asked) == len(set(asked)) == 15
    assert [len(some) for some in asked] == sorted(map(len, asked), reverse=True)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 10_000), min_size=EXACT_PARTIES + 1, max_size=15),
    st.integers(0, 100),
    st.integers(1, 20),
)
def test_sampled_shares_sum_to_the_whole_too_and_a_seed_gives_them_again(needs, seed, orders):
    cost = airport(dict(zip(NAMES, needs, strict=False)))
    parties = NAMES[: len(needs)]
    shares = fair_shares(parties, cost, orders=orders, seed=seed)
    assert sum(share.share_fen for share in shares) == max(needs)
    assert all(0 <= share.share_fen <= share.alone_fen for share in shares)
    assert fair_shares(parties[::-1], cost, orders=orders, seed=seed) == shares


def test_a_sampled_share_is_within_a_few_of_its_errors_of_the_true_one():
    needs = {name: 1_000 * (place + 1) for place, name in enumerate(NAMES[:12])}
    shares = fair_shares(needs, airport(needs), orders=400, seed=1)
    parts = [1_000 / (12 - place) for place in range(12)]  # each part of the runway by those who need it
    for place, share in enumerate(shares):
        assert 0 < share.error_fen < 250
        assert abs(share.share_fen - ceil(sum(parts[: place + 1]))) <= 4 * share.error_fen
