"""Reviews on the pages: written with photos, changed once, answered, covered, and never deleted."""

import io
import re
from datetime import datetime

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.credit.models import Review
from market.credit.review_models import ReviewAnswer, ReviewMask, ReviewVote
from market.credit.signals import ReviewFacts
from market.credit.weigh_reviews import weigh_reviews
from market.kernel import clock
from market.orders.models import OrderLine
from market.people.models import Account
from market.shops.models import Shop
from market.web.routes import routes
from tests.builders.aftersales import a_delivered_washer
from tests.builders.catalog import categories
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_clerk
from tests.builders.web import Browser

WORDS = "师傅当天就装好了，洗得干净，声音也小"


@pytest.fixture
def line(session: Session, buyer: Account, washer: Listing, now: datetime) -> OrderLine:
    """A washer that she has."""
    categories(session)
    return a_delivered_washer(session, buyer, now, washer).shop_orders[0].lines[0]


@pytest.fixture
def review(client: Browser, session: Session, line: OrderLine) -> Review:
    """What she wrote of it, with a photo."""
    data = {"stars": 2, "text": WORDS, "photos": (io.BytesIO(a_jpeg()), "../../x.jpg")}
    assert client.submit(f"/review/{line.id}", data, content_type="multipart/form-data").status_code == 303
    return session.scalars(select(Review)).one()


def a_jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return out.getvalue()


def another(app: Flask, account: Account) -> Browser:
    browser = Browser(app)
    browser.become(account)
    return browser


def test_a_review_with_its_photo_is_on_the_listings_page(app: Flask, review: Review, washer: Listing) -> None:
    stranger = Browser(app)
    for path in (f"/listing/{washer.id}", f"/listing/{washer.id}/reviews", f"/shops/{review.shop_id}"):
        page = stranger.get(path).text
        assert WORDS in page
        assert "评价较少" in page
    photo = re.search(r'href="(/reviews/photos/[^"]+)"', page)
    assert photo is not None
    answer = stranger.get(photo[1])
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")


def test_it_remembers_the_device_by_a_hash_alone(client: Browser, session: Session, review: Review) -> None:
    cookie = client.get_cookie("device")
    assert cookie is not None
    assert len(review.device_hash or "") == 64
    assert cookie.value not in (review.device_hash or "")


def test_she_changes_it_once_and_both_versions_are_read(
    app: Flask, client: Browser, review: Review, line: OrderLine
) -> None:
    assert "改一次" in client.get(f"/review/{line.id}").text
    changed = {"stars": 5, "text": "换了新的，很满意"}
    assert client.submit(f"/review/{line.id}/edit", changed).location == f"/review/{line.id}"
    page = Browser(app).get(f"/shops/{review.shop_id}").text
    assert "换了新的，很满意" in page
    assert WORDS in page
    again = client.submit(f"/review/{line.id}/edit", {"stars": 1, "text": "又改"})
    assert again.status_code == 422
    assert "只能改一次" in again.text


def test_a_file_that_is_no_photo_is_refused_by_its_field_and_the_words_stay(
    client: Browser, session: Session, line: OrderLine
) -> None:
    data = {"stars": 4, "text": WORDS, "photos": (io.BytesIO(b"<svg onload=x>"), "x.svg")}
    answer = client.submit(f"/review/{line.id}", data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'id="photos-error"' in answer.text
    assert WORDS in answer.text
    assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_the_three_orders_and_wrong_addresses(app: Flask, review: Review, washer: Listing) -> None:
    stranger = Browser(app)
    for order in ("newest", "helpful", "lowest", "paid", ""):
        for page in ("1", "x", "0", "99999999999999999999"):
            assert stranger.get(f"/listing/{washer.id}/reviews?order={order}&page={page}").status_code == 200


def test_a_reader_votes_once_and_the_author_not_at_all(
    app: Flask, client: Browser, session: Session, review: Review, now: datetime
) -> None:
    reader = another(app, an_account(session, now))
    for _ in range(2):
        answer = reader.submit(f"/reviews/{review.id}/vote", {"is_helpful": "1", "next": "//evil.example"})
        assert answer.location == f"/shops/{review.shop_id}"
    assert session.scalars(select(ReviewVote.is_helpful)).all() == [True]
    assert "1 人里 1 人说有用" in reader.get(f"/shops/{review.shop_id}").text
    client.submit(f"/reviews/{review.id}/vote", {"is_helpful": "1"})
    assert session.scalar(select(func.count()).select_from(ReviewVote)) == 1


def test_the_shop_answers_below_it(
    app: Flask, session: Session, review: Review, shop: Shop, now: datetime
) -> None:
    clerk = another(app, a_clerk(session, shop, now))
    assert WORDS in clerk.get("/shop/reviews").text
    empty = clerk.submit(f"/shop/reviews/{review.id}", {"text": " "})
    assert (empty.status_code, "请写回复" in empty.text) == (422, True)
    assert clerk.submit(f"/shop/reviews/{review.id}", {"text": "谢谢您，有事打电话"}).status_code == 303
    assert "谢谢您，有事打电话" in Browser(app).get(f"/shops/{shop.id}").text
    assert clerk.submit(f"/shop/reviews/{review.id}", {"text": "再说一句"}).status_code == 422
    assert session.scalars(select(ReviewAnswer.text)).all() == ["谢谢您，有事打电话"]


def test_two_operators_cover_words_and_everybody_sees_why(
    app: Flask, session: Session, review: Review, now: datetime
) -> None:
    one, other = (another(app, an_operator(session, now)) for _ in range(2))
    assert WORDS in one.get(f"/county/reviews/{review.id}").text
    proposed = one.submit(f"/county/reviews/{review.id}/propose", {"reason": "insult", "note": "骂人"})
    assert proposed.location == "/county/reviews"
    refused = one.submit(f"/county/reviews/{review.id}/decide", {"is_masked": "1"})
    assert (refused.status_code, "要另一位同事来定" in refused.text) == (422, True)
    assert other.submit(f"/county/reviews/{review.id}/decide", {"is_masked": "1"}).status_code == 303
    public = Browser(app).get(f"/shops/{review.shop_id}").text
    assert WORDS not in public
    assert "文字和照片已由县里遮住：侮辱谩骂" in public
    assert "/reviews/photos/" not in public
    assert WORDS in other.get(f"/county/reviews/{review.id}").text
    assert session.scalars(select(ReviewMask.state)).all() == ["masked"]


def test_a_covered_photo_is_found_by_nobody_but_the_operator(
    app: Flask, session: Session, review: Review, now: datetime
) -> None:
    page = Browser(app).get(f"/shops/{review.shop_id}").text
    photo_id = re.search(r"/reviews/photos/([^\"]+)\"", page)[1]  # type: ignore[index]
    one, other = (another(app, an_operator(session, now)) for _ in range(2))
    one.submit(f"/county/reviews/{review.id}/propose", {"reason": "unlawful", "note": "违法"})
    other.submit(f"/county/reviews/{review.id}/decide", {"is_masked": "1"})
    assert Browser(app).get(f"/reviews/photos/{photo_id}").status_code == 404
    assert one.get(f"/county/reviews/{review.id}/photos/{photo_id}").status_code == 200


def test_another_countys_operator_and_another_shop_find_no_review(
    app: Flask, session: Session, review: Review, now: datetime
) -> None:
    operator = another(app, an_operator(session, now, county_code="610728"))
    assert operator.get(f"/county/reviews/{review.id}").status_code == 404
    for act in ("propose", "decide", "lift"):
        data = {"reason": "insult", "note": "x", "is_masked": "1"}
        assert operator.submit(f"/county/reviews/{review.id}/{act}", data).status_code == 404
    assert session.scalar(select(func.count()).select_from(ReviewMask)) == 0


def test_no_route_deletes_a_review(app: Flask) -> None:
    """Every address that names a review only adds to it; nothing answers to DELETE."""
    about = [rule for rule in app.url_map.iter_rules() if "review" in rule.rule]
    assert {rule.endpoint for rule in about if "POST" in (rule.methods or ())} == {
        "storefront.write",
        "storefront.edit",
        "storefront.vote_review",
        "storefront.appeal_review_weight",
        "shop.answer",
        "county.propose",
        "county.decide",
        "county.lift",
    }
    assert not any({"DELETE", "PUT", "PATCH"} & set(rule.methods or ()) for rule in app.url_map.iter_rules())
    assert not any("delete" in route.endpoint and "review" in route.endpoint for route in routes(app))


def test_she_reads_why_it_counts_less_and_asks_for_a_person(
    app: Flask, client: Browser, session: Session, review: Review, line: OrderLine
) -> None:
    page = f"/review/{line.id}/weight"
    assert client.get(page).status_code == 404  # it counts in full
    facts = ReviewFacts(review.id, review.author_id, review.created_at, refunded_at=clock.now())
    weigh_reviews(session, review.shop_id, [facts], clock.now())
    session.commit()
    assert page in client.get(f"/review/{line.id}").text
    shown = client.get(page).text
    assert ("现在算 50%" in shown, "评价后退了钱，货没退" in shown) == (True, True)
    silent = client.submit(page, {"words": ""})
    assert (silent.status_code, "请写明哪里不对" in silent.text) == (422, True)
    assert client.submit(page, {"words": "退的是差价，机器还在用"}).location == page
    again = client.get(page).text
    assert ("退的是差价，机器还在用" in again, "请人来看" in again) == (True, False)
    assert another(app, an_account(session, clock.now())).get(page).status_code == 404
