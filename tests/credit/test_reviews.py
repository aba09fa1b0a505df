"""Reviews and events in the database: kept as written, replayed to the digit."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from market.credit import queries, review_queries
from market.credit.models import RatingEvent, Review, SubjectKind
from market.credit.record_event import record_event, replay
from market.credit.review_queries import Order
from market.credit.write_review import write_review
from market.kernel.errors import Refused
from tests.builders.people import an_account
from tests.builders.shops import a_shop

SHOP = SubjectKind.shop


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def author(session, now):
    return an_account(session, now)


def rate(session, author, shop, now, stars=5, reference="line:1", words="送得快"):
    return write_review(session, author.id, shop.id, None, reference, stars, words, now)


def test_a_review_moves_the_shops_rating_and_the_reason_is_kept(session, author, shop, now):
    record_event(session, SHOP, shop.id, "handed_over_on_time", "shop_order:1", now)
    before = queries.rating(session, SHOP, shop.id).score
    rate(session, author, shop, now, stars=1)
    rating = queries.rating(session, SHOP, shop.id)
    assert rating.score < before
    newest = queries.changes(session, SHOP, shop.id)[0].change
    assert (newest.kind, newest.score_before, newest.score_after) == ("reviewed", before, rating.score)
    assert queries.few_reviews(rating)


def test_a_second_review_of_one_line_is_refused_and_counts_nothing(session, author, shop, now):
    rate(session, author, shop, now)
    before = queries.rating(session, SHOP, shop.id).score
    with pytest.raises(Refused, match="already_reviewed"):
        rate(session, author, shop, now, stars=1)
    assert queries.rating(session, SHOP, shop.id).score == before
    assert session.scalar(select(func.count()).select_from(Review)) == 1


@pytest.mark.parametrize(
    ("stars", "words", "code"), [(0, "", "stars"), (6, "", "stars"), (5, "字" * 501, "text")]
)
def test_a_review_outside_the_form_is_refused(session, author, shop, now, stars, words, code):
    with pytest.raises(Refused, match=code):
        rate(session, author, shop, now, stars=stars, words=words)
    assert queries.rating(session, SHOP, shop.id) is None


@pytest.mark.parametrize("statement", ["DELETE FROM reviews", "UPDATE reviews SET stars = 5"])
def test_a_review_is_neither_changed_nor_deleted(session, author, shop, now, statement):
    rate(session, author, shop, now, stars=1)
    with pytest.raises(DatabaseError, match="kept as written"):
        session.execute(text(statement))


def test_an_event_is_recorded_once(session, now):
    courier = uuid.uuid4()
    for _ in range(2):
        record_event(session, SubjectKind.courier, courier, "delivered_on_time", "job:1", now)
    assert session.scalar(select(func.count()).select_from(RatingEvent)) == 1


def test_a_kind_that_the_criteria_do_not_know_is_an_error(session, now):
    with pytest.raises(ValueError, match="smiled"):
        record_event(session, SubjectKind.courier, uuid.uuid4(), "smiled", "job:1", now)


def test_replaying_from_zero_gives_the_same_rating(session, author, shop, now):
    for day, stars in enumerate((5, 2, 4, 5, 3)):
        rate(session, author, shop, now + timedelta(days=40 * day), stars, reference=f"line:{day}")
        record_event(session, SHOP, shop.id, "handed_over_late", f"so:{day}", now + timedelta(days=40 * day))
    rating = queries.rating(session, SHOP, shop.id)
    again = replay(session, SHOP, shop.id, rating.as_of)
    assert (again.score, again.grade, again.stars_milli) == (rating.score, rating.grade, rating.stars_milli)
    assert again.n_effective_centi == rating.n_effective_centi
    assert dict(again.parts) == rating.reasons["parts"]


def test_reviews_come_newest_first_and_page_on(session, author, shop, now):
    for day in range(3):
        rate(session, author, shop, now + timedelta(days=day), reference=f"line:{day}")
    of_shop = review_queries.of_shop(shop.id)
    first, rest = (review_queries.listed(session, of_shop, Order.newest, page, 2) for page in (1, 2))
    assert [it.review.reference for it in first] == ["line:2", "line:1", "line:0"]  # one more: a page follows
    assert [it.review.reference for it in rest] == ["line:0"]
    assert set(queries.reviewed(session, ["line:1", "line:9"])) == {"line:1"}
