"""The scores of facts §4.2, to the digit, and the laws of a rating."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.credit.criteria import criteria
from market.credit.history import Happened
from market.credit.models import SubjectKind
from market.credit.rules import Component, Criteria, grade, stand
from market.credit.statistics import bayesian_mean, decay_ppm, effective_n, wilson_lower

AS_OF = datetime(2026, 11, 23, 2, tzinfo=UTC)
SHOP = criteria(SubjectKind.shop)
BAD = sorted(frozenset().union(*(part.bad for part in SHOP.components)))
GOOD = sorted(frozenset().union(*(part.good for part in SHOP.components)) - {"reviewed"})


@pytest.mark.parametrize(
    ("positive", "n", "lower"),
    [
        (5, 5, "0.5655"),
        (48, 50, "0.8654"),
        (950, 1000, "0.9347"),
        (9, 10, "0.5958"),
        (90, 100, "0.8256"),
        (1, 1, "0.2065"),
        (0, 5, "0"),
    ],
)
def test_wilsons_lower_bound_matches_the_vectors(positive, n, lower):
    assert round(wilson_lower(Fraction(positive, n), n), 4) == Fraction(lower)


def test_no_trials_have_no_lower_bound():
    assert wilson_lower(Fraction(0), 0) is None


@pytest.mark.parametrize(
    ("total", "n", "mean"), [(0, 0, "4.5"), (5, 1, "4.545"), (25, 5, "4.667"), (960, 200, "4.786")]
)
def test_the_bayesian_mean_matches_the_vectors(total, n, mean):
    assert round(bayesian_mean(total, n), 3) == Fraction(mean)


@pytest.mark.parametrize(
    ("days", "ppm"), [(0, 1_000_000), (90, 707_107), (180, 500_000), (365, 245_233), (-3, 1_000_000)]
)
def test_an_event_counts_half_after_180_days(days, ppm):
    assert decay_ppm(timedelta(days=days)) == ppm


def test_equal_weights_count_fully_and_unequal_ones_less():
    assert effective_n([500] * 8) == 8
    assert effective_n([1000, 0]) == 1
    assert effective_n([1000, 500]) == Fraction("1.8")
    assert effective_n([]) == 0


@pytest.mark.parametrize(
    ("score", "letter"),
    [(1000, "A+"), (950, "A+"), (949, "A"), (880, "A"), (750, "B"), (600, "C"), (599, "D"), (0, "D")],
)
def test_grades_begin_where_they_are_published_to(score, letter):
    assert grade(score) == letter


def test_a_subject_of_which_nothing_is_known_stands_at_the_start_values_and_says_so():
    standing = stand(SHOP, [], AS_OF)
    assert standing.score == 892
    assert standing.unmeasured == tuple(part.code for part in SHOP.components)
    assert (standing.stars_milli, standing.positive_lower_milli, standing.few_reviews) == (4500, None, True)


def test_five_fresh_reviews_are_no_longer_few():
    five = [Happened("reviewed", AS_OF, 5) for _ in range(5)]
    assert not stand(SHOP, five, AS_OF).few_reviews
    assert stand(SHOP, five[:4], AS_OF).few_reviews
    assert stand(SHOP, five, AS_OF).stars_milli == 4667
    assert stand(SHOP, five, AS_OF).positive_lower_milli == 566


def test_an_open_gate_overrides_the_score_until_it_is_closed():
    opened = [Happened("recall_opened", AS_OF)]
    assert stand(SHOP, opened, AS_OF).grade == "D"
    assert stand(SHOP, opened, AS_OF).gates == ("recall_opened",)
    assert stand(SHOP, [*opened, Happened("recall_resolved", AS_OF)], AS_OF).grade == "A"


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_the_published_weights_sum_to_100_and_reviews_weigh_at_most_30(kind):
    assert sum(part.weight for part in criteria(kind).components) == 100


def test_criteria_that_lean_on_reviews_are_refused():
    reviews = Component(
        "reviews", "评价", "Reviews", 31, Fraction(9, 10), frozenset({"reviewed"}), frozenset()
    )
    other = replace(reviews, code="other", weight=69, good=frozenset({"done"}))
    with pytest.raises(ValueError, match="at most 30"):
        Criteria("test", (reviews, other), ())


HAIR = Fraction(1, 10**12)
ages = st.integers(0, 2000).map(lambda days: AS_OF - timedelta(days=days))
facts = st.builds(Happened, st.sampled_from(GOOD + BAD), ages)
reviews = st.builds(Happened, st.just("reviewed"), ages, st.integers(1, 5))
histories = st.lists(facts | reviews, max_size=30)


@settings(deadline=None)
@given(histories, st.randoms())
def test_the_order_in_which_events_are_read_changes_no_digit(history, random):
    shuffled = random.sample(history, len(history))
    assert stand(SHOP, history, AS_OF) == stand(SHOP, shuffled, AS_OF)


@settings(deadline=None)
@given(histories, st.sampled_from(GOOD))
def test_a_good_event_never_lowers_the_score(history, kind):
    assert stand(SHOP, [*history, Happened(kind, AS_OF)], AS_OF).score >= stand(SHOP, history, AS_OF).score


@settings(deadline=None)
@given(histories, st.sampled_from(BAD))
def test_a_bad_event_never_raises_the_score(history, kind):
    assert stand(SHOP, [*history, Happened(kind, AS_OF)], AS_OF).score <= stand(SHOP, history, AS_OF).score


@settings(deadline=None)
@given(histories)
def test_five_stars_never_lower_the_score_and_one_star_never_raises_it(history):
    score = stand(SHOP, history, AS_OF).score
    assert stand(SHOP, [*history, Happened("reviewed", AS_OF, 5)], AS_OF).score >= score
    assert stand(SHOP, [*history, Happened("reviewed", AS_OF, 1)], AS_OF).score <= score


@settings(deadline=None)
@given(histories, st.lists(reviews, max_size=200))
def test_reviews_move_a_score_by_at_most_30_of_100(history, brushed):
    without = [event for event in history if event.kind != "reviewed"]
    moved = stand(SHOP, without + brushed, AS_OF).score - stand(SHOP, without, AS_OF).score
    assert -300 <= moved <= 300


@settings(deadline=None)
@given(st.fractions(0, 1, max_denominator=1000), st.integers(1, 500))
def test_the_lower_bound_is_below_the_share_and_rises_with_evidence(share, n):
    assert 0 <= wilson_lower(share, n) <= share + HAIR
    assert wilson_lower(share, n) <= wilson_lower(share, n + 1) + HAIR


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 300))
def test_one_more_good_mark_never_lowers_the_bound_and_one_more_bad_never_raises_it(good, bad):
    n = good + bad
    lower = wilson_lower(Fraction(good, n), n)
    assert wilson_lower(Fraction(good + 1, n + 1), n + 1) >= lower - HAIR
    assert wilson_lower(Fraction(good, n + 1), n + 1) <= lower + HAIR


def test_a_kind_that_came_in_later_counts_from_its_day_and_changes_nothing_before():
    since = SHOP.counts_from["declined_by_shop"]
    on_time = [Happened("handed_over_on_time", since - timedelta(days=n)) for n in range(1, 9)]
    as_of = since + timedelta(days=1)
    before = stand(SHOP, on_time, as_of)
    declined = [Happened("declined_by_shop", since - timedelta(seconds=n)) for n in range(1, 20)]
    assert stand(SHOP, on_time + declined, as_of) == before
    counted = stand(SHOP, [*on_time, Happened("declined_by_shop", since)], as_of)
    assert (counted.score < before.score, counted.known_events) == (True, before.known_events + 1)


def test_no_two_versions_of_the_criteria_have_one_name():
    """Whoever changes what counts gives it a name of its own, so that everybody is rated anew."""
    assert (SHOP.version, SHOP.counts_from["declined_by_shop"].isoformat()) == (
        "2026-12.1",
        "2026-12-01T00:00:00+08:00",
    )
