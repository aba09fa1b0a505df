"""What is added to a review: edits, photos, answers, votes, masks, weighings; nothing is taken away."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from market.credit import audit, queries, review_queries
from market.credit.answer_review import answer_review, vote
from market.credit.appeal import decide_appeal
from market.credit.appeal_weight import appeal_weight, weighed_by
from market.credit.history import FULL_WEIGHT
from market.credit.mask_review import decide_mask, lift_mask, propose_mask, read_original
from market.credit.models import RatingEvent, Review, SubjectKind
from market.credit.review_models import MaskReason, ReviewEdit, ReviewMask, ReviewPhoto, ReviewWeighing
from market.credit.review_queries import Order
from market.credit.signals import ReviewFacts
from market.credit.weigh_reviews import weigh_reviews
from market.credit.write_review import edit_review, write_review
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from market.people.models import DataAccess
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_clerk, a_shop

SHOP = SubjectKind.shop
COUNTY = "610924"
PRAISE = "这台洗衣机真的非常好用，洗得干净又安静，全家都喜欢，强烈推荐大家购买"


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def author(session, now):
    return an_account(session, now)


def written(session, author, shop, now, stars=5, reference="order_line:1", words="送得快", **more):
    return write_review(session, author.id, shop.id, None, reference, stars, words, now, **more)


def a_photo(width=4000, height=3000) -> bytes:
    image, out = Image.new("RGB", (width, height), "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A Phone Maker"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def score(session, shop):
    return queries.rating(session, SHOP, shop.id).score


def test_an_edit_changes_the_stars_once_and_keeps_what_was_first(session, author, shop, now):
    review_id = written(session, author, shop, now, stars=1, words="坏的")
    low = score(session, shop)
    edit_review(session, author.id, review_id, 5, "换了新的，好了", now + timedelta(days=1))
    shown = review_queries.one(session, review_id)
    assert (shown.stars, shown.text, shown.first_text) == (5, "换了新的，好了", "坏的")
    assert shown.review.stars == 1
    assert score(session, shop) > low
    after = score(session, shop)
    with pytest.raises(Refused, match="already_edited"):
        edit_review(session, author.id, review_id, 1, "", now + timedelta(days=2))
    assert session.scalar(select(ReviewEdit.stars)) == 5
    assert score(session, shop) == after
    assert list(audit.breaks(session)) == []


def test_only_its_author_edits_it(session, author, shop, now):
    review_id = written(session, author, shop, now, stars=1)
    with pytest.raises(NotFound):
        edit_review(session, an_account(session, now).id, review_id, 5, "", now)
    assert session.scalar(select(func.count()).select_from(ReviewEdit)) == 0


def test_photos_are_small_and_bare_and_at_most_four(session, author, shop, now):
    review_id = written(session, author, shop, now, photos=[a_photo()] * 4)
    kept = session.scalars(select(ReviewPhoto.jpeg).order_by(ReviewPhoto.position)).all()
    assert len(kept) == 4
    with Image.open(io.BytesIO(kept[0])) as image:
        assert image.size == (1280, 960)
        assert dict(image.getexif()) == {}
    assert max(map(len, kept)) <= 200_000
    assert len(review_queries.one(session, review_id).photos) == 4


@pytest.mark.parametrize(
    ("photos", "code"), [([b"<svg/>"], "unreadable"), ([a_photo(10, 10)] * 5, "credit.photos")]
)
def test_what_is_no_photo_or_too_many_publishes_nothing(session, author, shop, now, photos, code):
    with pytest.raises(Refused, match=code):
        written(session, author, shop, now, photos=photos)
    assert queries.rating(session, SHOP, shop.id) is None


def test_the_shop_answers_once_and_the_author_is_told(session, author, shop, now):
    review_id, clerk = written(session, author, shop, now), a_clerk(session, shop, now)
    answer_review(session, shop.id, clerk.id, review_id, " 谢谢您 ", now)
    assert review_queries.one(session, review_id).answer.text == "谢谢您"
    with pytest.raises(Refused, match="already_answered"):
        answer_review(session, shop.id, clerk.id, review_id, "又一句", now)
    other = a_shop(session, now, name="别家")
    with pytest.raises(NotFound):
        answer_review(session, other.id, clerk.id, review_id, "我们更好", now)
    told = select(Notice.kind).where(Notice.account_id == author.id)
    assert session.scalars(told).all() == ["review.answered"]


def test_readers_vote_and_may_change_their_mind_but_not_on_their_own(session, author, shop, now):
    review_id, reader = written(session, author, shop, now), an_account(session, now)
    vote(session, reader.id, review_id, True, now)
    vote(session, reader.id, review_id, False, now)
    shown = review_queries.one(session, review_id)
    assert (shown.helpful, shown.votes) == (0, 1)
    with pytest.raises(Refused, match="own_review"):
        vote(session, author.id, review_id, True, now)


def test_reviews_stand_in_the_order_that_is_named(session, author, shop, now):
    ids = [
        written(session, author, shop, now + timedelta(days=n), stars, f"order_line:{n}")
        for n, stars in enumerate((2, 5, 1))
    ]
    readers = [an_account(session, now) for _ in range(3)]
    for reader in readers:
        vote(session, reader.id, ids[1], True, now)
    vote(session, readers[0].id, ids[0], True, now)  # 1 of 1 is less sure than 3 of 3
    of_shop = review_queries.of_shop(shop.id)
    orders = {it: [s.review.id for s in review_queries.listed(session, of_shop, it)] for it in Order}
    assert orders[Order.newest] == [ids[2], ids[1], ids[0]]
    assert orders[Order.helpful] == [ids[1], ids[0], ids[2]]
    assert orders[Order.lowest] == [ids[2], ids[0], ids[1]]


def test_figures_count_every_star_and_say_when_reviews_are_few(session, author, shop, now):
    for n, stars in enumerate((5, 5, 4, 1)):
        written(session, author, shop, now, stars, f"order_line:{n}")
    figures = review_queries.figures(session, review_queries.of_shop(shop.id), now)
    assert figures.counts == {5: 2, 4: 1, 3: 0, 2: 0, 1: 1}
    # (4.5 × 10 + 15) / 14
    assert (figures.count, figures.mean_milli, figures.few) == (4, 4286, True)
    later = review_queries.figures(session, review_queries.of_shop(shop.id), now + timedelta(days=180))
    # (4.5 × 10 + 15 / 2) / 12
    assert later.mean_milli == 4375


def test_words_are_masked_by_two_people_and_the_stars_still_count(session, author, shop, now):
    one, other = an_operator(session, now), an_operator(session, now)
    review_id = written(session, author, shop, now, stars=1, words="老板电话 13900000000")
    before = score(session, shop)
    propose_mask(session, "610924", one.id, review_id, MaskReason.personal_data, "写了电话", now)
    assert review_queries.one(session, review_id).text == "老板电话 13900000000"
    with pytest.raises(Refused, match="own_mask"):
        decide_mask(session, "610924", one.id, review_id, True, now)
    decide_mask(session, "610924", other.id, review_id, True, now)
    shown = review_queries.one(session, review_id)
    assert (shown.text, shown.stars, shown.is_masked, shown.review.text) == (
        "",
        1,
        True,
        "老板电话 13900000000",
    )
    assert score(session, shop) == before
    told = session.scalars(select(Notice).where(Notice.account_id == author.id)).one()
    assert (told.kind, told.params) == ("review.masked", {"reason": "personal_data"})
    lift_mask(session, "610924", one.id, review_id, now)
    assert review_queries.one(session, review_id).text == "老板电话 13900000000"


def test_a_declined_mask_leaves_the_words_and_the_second_proposal_waits_for_the_first(
    session, author, shop, now
):
    one, other = an_operator(session, now), an_operator(session, now)
    review_id = written(session, author, shop, now)
    propose_mask(session, "610924", one.id, review_id, MaskReason.insult, "骂人", now)
    with pytest.raises(Refused, match="mask_open"):
        propose_mask(session, "610924", other.id, review_id, MaskReason.insult, "骂人", now)
    decide_mask(session, "610924", other.id, review_id, False, now)
    assert review_queries.one(session, review_id).text == "送得快"
    assert session.scalars(select(ReviewMask.state)).all() == ["declined"]


def test_postgresql_wants_two_people_for_a_mask(session, author, shop, now):
    one = an_operator(session, now)
    review_id = written(session, author, shop, now)
    propose_mask(session, "610924", one.id, review_id, MaskReason.insult, "骂人", now)
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.execute(
            text(
                "UPDATE review_masks SET state = 'masked', decided_by_id = proposed_by_id, decided_at = now()"
            )
        )


def test_another_countys_review_is_not_found(session, author, shop, now):
    stranger = an_operator(session, now, county_code="610728")
    review_id = written(session, author, shop, now)
    with pytest.raises(NotFound):
        propose_mask(session, "610728", stranger.id, review_id, MaskReason.insult, "骂人", now)
    with pytest.raises(NotFound):
        read_original(session, "610728", stranger.id, review_id, now)
    assert session.scalar(select(func.count()).select_from(DataAccess)) == 0


def test_reading_the_original_is_noted_for_its_author(session, author, shop, now):
    operator = an_operator(session, now)
    review_id = written(session, author, shop, now)
    read_original(session, "610924", operator.id, review_id, now)
    noted = session.scalars(select(DataAccess)).one()
    assert (noted.account_id, noted.viewer_id, noted.reference) == (
        author.id,
        operator.id,
        f"review:{review_id}",
    )


@pytest.mark.parametrize(
    "table", ["reviews", "review_edits", "review_photos", "review_answers", "review_weighings"]
)
def test_no_part_of_a_review_can_be_deleted(session, author, shop, now, table):
    review_id = written(session, author, shop, now, photos=[a_photo(10, 10)])
    edit_review(session, author.id, review_id, 4, "", now)
    answer_review(session, shop.id, a_clerk(session, shop, now).id, review_id, "谢谢", now)
    session.add(ReviewWeighing(review_id=review_id, weight_milli=500, signals=[], weighed_at=now))
    session.flush()
    with pytest.raises(DatabaseError, match="kept as written"):
        session.execute(text(f"DELETE FROM {table}"))


def a_ring(session, shop, now):
    """Five reviews by five people, of the same words from the same device, and what is on record of them."""
    facts = []
    for n in range(5):
        author = an_account(session, now)
        at = now + timedelta(hours=2 * n)
        review_id = written(session, author, shop, at, 5, f"order_line:{n}", PRAISE, device_hash="d")
        facts.append(ReviewFacts(review_id, author.id, at, PRAISE, device="d"))
    return facts


def test_a_flagged_review_counts_less_for_a_reason_that_its_author_reads(session, shop, now):
    facts = a_ring(session, shop, now)
    high, later = score(session, shop), now + timedelta(days=1)
    weigh_reviews(session, shop.id, facts, later)
    shown = review_queries.one(session, facts[0].review_id)
    # 0.3 × 0.4
    assert shown.weight_milli == 120
    assert shown.signals == [
        {"kind": "shared_device", "keeps_milli": 300, "others": 4},
        {"kind": "near_duplicate", "keeps_milli": 400, "others": 4},
    ]
    assert shown.text == PRAISE
    assert score(session, shop) < high
    told = session.scalars(select(Notice).where(Notice.account_id == facts[0].author_id)).one()
    assert (told.kind, told.params) == ("review.weighed", {"percent": 12})
    assert len(review_queries.weighed_down(session, review_queries.of_county("610924"))) == 5
    assert list(audit.breaks(session)) == []


def test_weighing_again_writes_nothing_and_later_facts_weigh_anew(session, shop, now):
    facts = a_ring(session, shop, now)
    for _ in range(2):
        weigh_reviews(session, shop.id, facts, now + timedelta(days=1))
    count = select(func.count()).select_from(ReviewWeighing)
    assert session.scalar(count) == 5
    weigh_reviews(session, shop.id, facts[:1], now + timedelta(days=2))  # alone it is a cluster no longer
    assert session.scalar(count) == 6
    assert review_queries.one(session, facts[0].review_id).weight_milli == 1000
    assert list(audit.breaks(session)) == []


def test_a_review_asks_to_be_weighed_and_so_does_its_edit(session, author, shop, now):
    review_id = written(session, author, shop, now)
    edit_review(session, author.id, review_id, 4, "", now)
    asked = select(OutboxRow.dedupe_key).where(OutboxRow.kind == "credit.review_written")
    assert set(session.scalars(asked)) == {
        f"credit.review_written:{review_id}",
        f"credit.review_written:{review_id}:edit",
    }


def test_the_audit_sees_an_event_that_no_review_stands_behind(session, author, shop, now):
    written(session, author, shop, now)
    session.add(
        RatingEvent(
            subject_kind=SHOP, subject_id=shop.id, kind="reviewed", stars=5, reference="x", happened_at=now
        )
    )
    session.flush()
    broken = list(audit.breaks(session))
    assert broken[0].startswith(f"rating of shop {shop.id}: ")
    assert broken[1] == f"reviews of shop {shop.id}: its rating counts others than are published"


def test_who_wrote_it_has_a_person_look_and_it_counts_in_full_to_the_digit(session, shop, now):
    facts = a_ring(session, shop, now)
    hers = session.get_one(Review, facts[0].review_id)
    neighbor, later = an_account(session, now), now + timedelta(days=1)
    with pytest.raises(NotFound):  # it counts in full
        appeal_weight(session, hers.author_id, hers, COUNTY, "算少了", later)
    weigh_reviews(session, shop.id, facts, later)
    with pytest.raises(NotFound):
        appeal_weight(session, neighbor.id, hers, COUNTY, "不是我的", later)
    asked = appeal_weight(session, hers.author_id, hers, COUNTY, "店里那台电脑上写的", later)
    assert (asked.event_id, asked.subject_id) == (weighed_by(session, hers).event.id, shop.id)
    with pytest.raises(Refused, match="already_appealed"):
        appeal_weight(session, hers.author_id, hers, COUNTY, "再说一次", later)
    weighed = score(session, shop)
    decide_appeal(session, COUNTY, an_operator(session, now).id, asked.id, True, "店里的电脑，属实", later)
    assert review_queries.one(session, hers.id).weight_milli == FULL_WEIGHT
    assert score(session, shop) > weighed
    assert weighed_by(session, hers) is None
    weigh_reviews(session, shop.id, facts, later + timedelta(days=1))
    assert review_queries.one(session, hers.id).weight_milli == FULL_WEIGHT
    assert list(audit.breaks(session)) == []
