"""Events that amend others: what stands at the end does not depend on the order of arrival."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from market.credit.criteria import criteria
from market.credit.history import Happened, in_force
from market.credit.models import SubjectKind
from market.credit.rules import stand
from market.kernel.ids import new_id

AS_OF = datetime(2026, 11, 23, 2, tzinfo=UTC)
SHOP = criteria(SubjectKind.shop)


def a_review(stars=1, days=10):
    return Happened("reviewed", AS_OF - timedelta(days=days), stars)


def revised(review, stars, days=5):
    return Happened("revised", AS_OF - timedelta(days=days), stars, amends=review.id)


def weighed(review, weight_milli, days=4):
    return Happened("weighed", AS_OF - timedelta(days=days), None, weight_milli, amends=review.id)


def voided(event, days=1):
    return Happened("voided", AS_OF - timedelta(days=days), amends=event.id)


def test_an_edit_replaces_the_stars_and_leaves_the_day():
    review = a_review(stars=1)
    assert in_force([revised(review, 5), review]) == [replace(review, stars=5)]


def test_the_last_weighing_is_in_force():
    review = a_review()
    events = [weighed(review, 500, days=2), weighed(review, 300, days=3), review]
    assert in_force(events) == [replace(review, weight_milli=500)]


def test_a_voided_event_counts_for_nothing_and_a_voided_weighing_gives_the_review_back():
    late, review = Happened("handed_over_late", AS_OF), a_review()
    weighing = weighed(review, 0)
    assert in_force([late, voided(late)]) == []
    assert in_force([review, weighing, voided(weighing)]) == [review]
    assert stand(SHOP, [late, voided(late)], AS_OF) == stand(SHOP, [], AS_OF)


def test_a_review_that_weighs_nothing_moves_nothing():
    review = a_review()
    nothing = stand(SHOP, [], AS_OF)
    found = stand(SHOP, [review, weighed(review, 0)], AS_OF)
    assert (found.score, found.stars_milli, found.n_effective_centi) == (nothing.score, 4500, 0)


def test_half_the_weight_moves_half_as_much_evidence():
    review = a_review(days=0)
    half = stand(SHOP, [review, weighed(review, 500, days=0)], AS_OF)
    # (4.5 × 10 + 1 × 0.5) / 10.5
    assert half.stars_milli == 4333


def test_a_voided_gate_is_open_no_longer():
    fraud = Happened("fraud_found", AS_OF)
    assert stand(SHOP, [fraud], AS_OF).grade == "D"
    assert stand(SHOP, [fraud, voided(fraud)], AS_OF).grade == "A"


@st.composite
def histories(draw):
    """Reviews and other facts, each amended or not, at any time."""
    events = []
    ages = st.integers(0, 400)
    for _ in range(draw(st.integers(0, 8))):
        review = a_review(draw(st.integers(1, 5)), draw(ages))
        fact = Happened(
            draw(st.sampled_from(sorted(SHOP.asked - {"reviewed"}))), AS_OF - timedelta(draw(ages))
        )
        amending = [revised(review, draw(st.integers(1, 5)), draw(ages))]
        amending += [weighed(review, draw(st.integers(0, 1000)), draw(ages)) for _ in range(2)]
        amending += [voided(fact, draw(ages)), voided(amending[1], draw(ages))]
        events += [review, fact, *(it for it in amending if draw(st.booleans()))]
    return events


@settings(deadline=None)
@given(histories(), st.randoms())
def test_the_order_of_arrival_changes_no_digit(history, random):
    shuffled = random.sample(history, len(history))
    assert stand(SHOP, shuffled, AS_OF) == stand(SHOP, history, AS_OF)


@settings(deadline=None)
@given(histories())
def test_ids_decide_nothing(history):
    """The same events with the ids of another database stand the same."""
    fresh = {event.id: new_id() for event in history}
    other = [replace(it, id=fresh[it.id], amends=fresh.get(it.amends)) for it in history]
    assert stand(SHOP, other, AS_OF) == stand(SHOP, history, AS_OF)


@settings(deadline=None)
@given(histories(), st.sampled_from(sorted(SHOP.asked - SHOP.adverse - {"reviewed"})))
def test_more_good_events_never_lower_the_score_whatever_was_amended(history, kind):
    better = stand(SHOP, [*history, Happened(kind, AS_OF)], AS_OF)
    assert better.score >= stand(SHOP, history, AS_OF).score
