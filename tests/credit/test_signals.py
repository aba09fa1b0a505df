"""Brushing is noticed, and an honest village is left alone."""

import uuid
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.credit.signals import (
    KEEPS_MILLI,
    Noticed,
    ReviewFacts,
    Signal,
    alike,
    shingles,
    signals,
    weight_milli,
)
from market.kernel.ids import new_id

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
PRAISE = "这台洗衣机真的非常好用，洗得干净又安静，全家都喜欢，强烈推荐大家购买"


def a_fact(minutes: float = 0, text: str = "", **known) -> ReviewFacts:
    return ReviewFacts(new_id(), new_id(), NOON + timedelta(minutes=minutes), text, **known)


def kinds(found: tuple[Noticed, ...]) -> list[str]:
    return [it.signal.value for it in found]


def a_ring(n: int = 20) -> list[ReviewFacts]:
    """So many accounts on two phones, paid for by one purse, praising in almost the same words in an hour."""
    return [
        a_fact(minutes=2 * i, text=f"{PRAISE}{i}", device=f"phone {i % 2}", payer="one purse")
        for i in range(n)
    ]


def a_village(n: int = 60) -> list[ReviewFacts]:
    """So many neighbors whose goods came to one station on one day: few words, phones shared at home."""
    random = Random(7)
    words = ("很好", "送得快", "不错，师傅耐心", "能用", "比镇上便宜", "噪音有点大", "")
    return [
        a_fact(
            minutes=random.uniform(0, 600), text=random.choice(words), device=f"home {i // 3}", address=None
        )
        for i in range(n)
    ]


def test_a_ring_of_20_is_flagged_to_the_last_review():
    ring = a_ring()
    found = signals(ring)
    assert len(found) == 20
    assert {tuple(kinds(its)) for its in found.values()} == {
        ("shared_device", "shared_payer", "burst", "near_duplicate")
    }
    # 0.3 × 0.3 × 0.7 × 0.4
    assert {weight_milli(its) for its in found.values()} == {25}


def test_each_signal_says_how_many_others_share_it():
    found = signals(a_ring())
    assert {it.signal: it.others for it in next(iter(found.values()))}[Signal.shared_payer] == 19


def test_an_honest_village_of_60_that_shares_a_station_is_not():
    assert set(signals(a_village()).values()) == {()}


def test_a_village_beside_a_ring_stays_clean():
    village = a_village()
    found = signals(village + a_ring())
    assert all(found[it.review_id] == () for it in village)


def test_one_family_of_signals_alone_is_nothing():
    family = [a_fact(minutes=300 * i, device="one phone", address="one door") for i in range(6)]
    burst = [a_fact(minutes=i) for i in range(20)]
    same = [a_fact(minutes=300 * i, text=PRAISE) for i in range(6)]
    for reviews in (family, burst, same):
        assert set(signals(reviews).values()) == {()}


def test_two_families_of_signals_are():
    reviews = [a_fact(minutes=300 * i, text=PRAISE, address="one door") for i in range(4)]
    assert {tuple(kinds(its)) for its in signals(reviews).values()} == {("shared_address", "near_duplicate")}


def test_three_people_are_no_cluster_and_four_are():
    def of(n):
        return signals([a_fact(minutes=300 * i, text=PRAISE, device="d") for i in range(n)])

    assert set(map(len, of(3).values())) == {0}
    assert set(map(len, of(4).values())) == {2}


def test_one_person_with_many_reviews_is_no_cluster():
    author = new_id()
    mine = [ReviewFacts(new_id(), author, NOON, PRAISE, device="my phone") for _ in range(12)]
    assert set(signals(mine).values()) == {()}


@pytest.mark.parametrize(
    ("known", "kind", "weight"),
    [
        ({"was_scanned": False}, "no_delivery_scan", 500),
        ({"refunded_at": NOON + timedelta(days=2)}, "refunded_after", 500),
    ],
)
def test_what_concerns_the_trade_counts_alone(known, kind, weight):
    review = a_fact(**known)
    found = signals([review])[review.review_id]
    assert (kinds(found), weight_milli(found)) == ([kind], weight)


def test_a_refund_before_the_review_says_nothing_of_it():
    review = a_fact(refunded_at=NOON - timedelta(minutes=1))
    assert signals([review])[review.review_id] == ()


def test_a_burst_takes_eight_people_within_an_hour():
    together = [a_fact(minutes=i * 60 / 7, text=PRAISE) for i in range(8)]
    apart = [a_fact(minutes=i * 60 / 7 + i, text=PRAISE) for i in range(8)]
    assert set(map(len, signals(together).values())) == {2}
    assert set(map(len, signals(apart).values())) == {0}


def test_words_are_compared_without_case_spaces_and_signs():
    assert shingles("很好") == frozenset()
    assert alike(shingles(PRAISE), shingles(PRAISE.replace("，", " !! ")))
    assert not alike(shingles(PRAISE), shingles("送货的师傅很负责，从下午等到晚上才装完，辛苦了"))
    assert not alike(frozenset(), frozenset())


facts = st.builds(
    ReviewFacts,
    st.uuids(version=4),
    st.sampled_from([uuid.UUID(int=n) for n in range(1, 9)]),
    st.integers(0, 240).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.sampled_from(["", "很好", PRAISE, PRAISE + "！"]),
    st.sampled_from([None, "a", "b"]),
    st.sampled_from([None, "c", "d"]),
    st.sampled_from([None, "e"]),
    st.booleans(),
    st.sampled_from([None, NOON + timedelta(days=1)]),
)
crowds = st.lists(facts, max_size=24, unique_by=lambda it: it.review_id)


@settings(deadline=None)
@given(crowds, st.randoms())
def test_the_order_of_reviews_changes_nothing(crowd, random):
    assert signals(random.sample(crowd, len(crowd))) == signals(crowd)


@settings(deadline=None)
@given(crowds)
def test_every_weight_lies_between_nothing_and_one_and_less_than_one_has_a_reason(crowd):
    for found in signals(crowd).values():
        assert 0 <= weight_milli(found) <= 1000
        assert (weight_milli(found) < 1000) == bool(found)


@given(st.lists(st.sampled_from(list(Signal)), max_size=7, unique=True), st.sampled_from(list(Signal)))
def test_one_more_signal_never_adds_weight(those, more):
    before = [Noticed(kind, 0) for kind in those]
    assert weight_milli([*before, Noticed(more, 0)]) <= weight_milli(before)


def test_every_signal_lowers():
    assert all(0 < keeps < 1000 for keeps in KEEPS_MILLI.values())
