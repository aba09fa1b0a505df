"""Appeals, what a rating does, buyers' credit, and news that comes late."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.credit import audit, effects, queries
from market.credit.appeal import appeal, decide_appeal, note_late
from market.credit.appeal_models import RatingAppeal
from market.credit.buyers import choose, has_services, record_of_buyer
from market.credit.criteria import criteria
from market.credit.models import Rating, RatingChange, RatingEvent, SubjectKind
from market.credit.record_event import follow_criteria, history, record_event, replay
from market.credit.trend import trend
from market.delivery.cash_limit import check_cash_limit
from market.delivery.models import Courier
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_clerk, a_shop

SHOP, COURIER, BUYER = SubjectKind.shop, SubjectKind.courier, SubjectKind.buyer
COUNTY = "610924"


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def clerk(session, shop, now):
    return a_clerk(session, shop, now)


def events(session, kind, subject_id, what, n, now):
    for number in range(n):
        record_event(session, kind, subject_id, what, f"{what}:{number}", now)


def late(session, shop, now, reference="shop_order:1"):
    return record_event(session, SHOP, shop.id, "handed_over_late", reference, now)


def an_appeal(session, shop, clerk, event_id, now, words="路断了，有公告"):
    return appeal(session, SHOP, shop.id, COUNTY, clerk.id, event_id, words, now)


def test_an_upheld_appeal_voids_the_event_and_the_score_is_as_if_it_never_was(session, shop, clerk, now):
    events(session, SHOP, shop.id, "handed_over_on_time", 3, now)
    before = queries.rating(session, SHOP, shop.id).score
    event_id = late(session, shop, now)
    assert queries.rating(session, SHOP, shop.id).score < before
    found = an_appeal(session, shop, clerk, event_id, now)
    assert found.due_at == now + timedelta(days=15)
    decide_appeal(session, COUNTY, an_operator(session, now).id, found.id, True, "公告属实", now)
    assert queries.rating(session, SHOP, shop.id).score == before
    assert session.get(RatingEvent, event_id) is not None
    newest = queries.changes(session, SHOP, shop.id)[0]
    assert (newest.event.kind, newest.event.amends_id) == ("voided", event_id)
    told = session.scalars(select(Notice).where(Notice.account_id == clerk.id)).one()
    assert (told.kind, told.params) == ("credit.appeal_upheld", {"answer": "公告属实"})
    assert list(audit.breaks(session)) == []


def test_a_rejected_appeal_changes_nothing_and_is_the_last(session, shop, clerk, now):
    event_id = late(session, shop, now)
    before = queries.rating(session, SHOP, shop.id).score
    found = an_appeal(session, shop, clerk, event_id, now)
    operator = an_operator(session, now)
    decide_appeal(session, COUNTY, operator.id, found.id, False, "没有公告", now)
    assert queries.rating(session, SHOP, shop.id).score == before
    with pytest.raises(Refused, match="already_appealed"):
        an_appeal(session, shop, clerk, event_id, now)
    with pytest.raises(Refused, match="illegal_move"):
        decide_appeal(session, COUNTY, operator.id, found.id, True, "改主意", now)


def test_an_appeal_can_be_made_until_the_minute_when_30_days_are_over(session, shop, clerk, now):
    event_id, over = late(session, shop, now), now + timedelta(days=30)
    with pytest.raises(Refused, match="not_appealable"):
        an_appeal(session, shop, clerk, event_id, over)
    assert an_appeal(session, shop, clerk, event_id, over - timedelta(minutes=1)).state == "open"


def test_good_news_and_others_events_cannot_be_appealed_against(session, shop, clerk, now):
    good = record_event(session, SHOP, shop.id, "handed_over_on_time", "so:1", now)
    with pytest.raises(Refused, match="not_appealable"):
        an_appeal(session, shop, clerk, good, now)
    other = a_shop(session, now, name="别家")
    theirs = late(session, other, now, "so:2")
    with pytest.raises(NotFound):
        an_appeal(session, shop, clerk, theirs, now)
    with pytest.raises(Refused, match="appeal_words"):
        an_appeal(session, shop, clerk, late(session, shop, now), now, words="  ")
    assert session.scalar(select(func.count()).select_from(RatingAppeal)) == 0


def test_nobody_decides_her_own_appeal_nor_another_countys(session, shop, now):
    operator = an_operator(session, now)
    found = an_appeal(session, shop, operator, late(session, shop, now), now)
    with pytest.raises(Refused, match="own_appeal"):
        decide_appeal(session, COUNTY, operator.id, found.id, True, "我说对", now)
    with pytest.raises(NotFound):
        decide_appeal(session, "610728", operator.id, found.id, True, "别县", now)
    with pytest.raises(Refused, match="appeal_answer"):
        decide_appeal(session, COUNTY, an_operator(session, now).id, found.id, True, " ", now)


@pytest.mark.parametrize(
    ("wait", "is_late"), [(timedelta(minutes=-1), False), (timedelta(), True), (timedelta(days=1), True)]
)
def test_the_county_hears_once_of_an_appeal_that_waits_15_days(session, shop, clerk, now, wait, is_late):
    an_operator(session, now)
    found = an_appeal(session, shop, clerk, late(session, shop, now), now)
    for _ in range(2):
        note_late(session, found.id, found.due_at + wait)
    told = session.scalar(select(func.count()).where(Notice.kind == "credit.appeal_late"))
    assert (told, found.late_at is not None) == (int(is_late), is_late)
    rung = select(OutboxRow.due_at).where(OutboxRow.kind == "credit.appeal_due")
    assert session.scalar(rung) == now + timedelta(days=15)


def test_a_newcomer_is_new_until_the_fifth_event_unless_a_gate_is_open(session, shop, now):
    events(session, SHOP, shop.id, "order_completed", 4, now)
    assert queries.rating(session, SHOP, shop.id).letter is None
    record_event(session, SHOP, shop.id, "fraud_found", "case:1", now)
    assert queries.rating(session, SHOP, shop.id).letter == "D"
    record_event(session, SHOP, shop.id, "fraud_cleared", "case:1", now)
    record_event(session, SHOP, shop.id, "order_completed", "5", now)
    assert queries.rating(session, SHOP, shop.id).letter == "A"


def test_news_that_comes_late_counts_as_if_it_had_come_in_time(session, shop, now):
    happened = [(kind, now + timedelta(days=day)) for day, kind in enumerate(
        ("handed_over_on_time", "handed_over_late", "order_completed", "dispute_lost", "returned_for_fault")
    )]  # fmt: skip
    other = a_shop(session, now, name="别家")
    for subject, told in ((shop, happened), (other, happened[::-1])):
        for kind, at in told:
            record_event(session, SHOP, subject.id, kind, "one", at)
    one, two = (queries.rating(session, SHOP, it.id) for it in (shop, other))
    assert (one.score, one.reasons, one.as_of) == (two.score, two.reasons, two.as_of)
    assert one.as_of == now + timedelta(days=4)
    assert list(audit.breaks(session)) == []


def test_the_audit_sees_a_rating_that_was_tampered_with(session, shop, now):
    late(session, shop, now)
    rating = queries.rating(session, SHOP, shop.id)
    assert list(audit.breaks(session)) == []
    computed = rating.score
    rating.score = 999
    session.flush()
    assert list(audit.breaks(session)) == [
        f"rating of shop {shop.id}: 999 {rating.grade} is stored, {computed} {rating.grade} computed"
    ]


def test_other_criteria_rate_everybody_anew_with_a_change_that_says_so(session, shop, now):
    late(session, shop, now)
    rating = queries.rating(session, SHOP, shop.id)
    rating.criteria_version, rating.score = "2020-01", 1
    session.flush()
    version = criteria(SHOP).version
    for _ in range(2):
        follow_criteria(session, version, now + timedelta(days=1))
    rating = queries.rating(session, SHOP, shop.id)
    assert (rating.criteria_version, rating.score) == (
        version,
        replay(session, SHOP, shop.id, rating.as_of).score,
    )
    assert session.scalars(select(RatingChange.kind).order_by(RatingChange.changed_at)).all() == [
        "handed_over_late",
        "criteria_changed",
    ]


@pytest.mark.parametrize(
    ("letter", "price_fen", "place"),
    [("A+", 100, (False, 100, 0)), (None, 100, (False, 100, 2)), ("D", 50, (True, 50, 4))],
)
def test_offers_stand_by_price_then_grade_and_the_lowest_grade_last(letter, price_fen, place):
    assert effects.offer_order(letter, price_fen) == place


def test_every_letter_has_every_effect_and_a_better_one_is_never_worse_off():
    table = effects.effects()
    letters = ["A+", "A", "B", "C", "D"]
    for column, sign in (
        (table.offer_rank, 1),
        (table.hold_days, 1),
        (table.inspection_tickets, 1),
        (table.cash_share_bp, -1),
        (table.buyer_services, -1),
    ):
        assert set(column) == {*letters, "new"}
        values = [sign * column[letter] for letter in letters]
        assert values == sorted(values)


def test_a_shops_money_is_held_longer_while_a_gate_is_open(session, shop, now):
    assert effects.hold_days(session, shop.id) == 0
    record_event(session, SHOP, shop.id, "fraud_found", "case:1", now)
    assert effects.hold_days(session, shop.id) == 14


def a_courier(session, now):
    courier = Courier(
        account_id=an_account(session, now).id, county_code=COUNTY, name="李师傅", phone="13900000999",
        cash_limit_fen=100_000,
    )  # fmt: skip
    session.add(courier)
    session.flush()
    return courier


def test_a_couriers_cash_limit_follows_her_letter(session, shop, now):
    courier = a_courier(session, now)
    check_cash_limit(session, courier.id, 100_000)
    record_event(session, COURIER, courier.id, "fraud_found", "case:1", now)
    changed = select(OutboxRow.payload).where(OutboxRow.kind == "credit.grade_changed")
    assert session.scalars(changed).one() == {"subject_kind": "courier", "subject_id": str(courier.id)}
    for _ in range(2):
        effects.take_effect(session, COURIER, courier.id)
    with pytest.raises(Refused) as refused:
        check_cash_limit(session, courier.id, 1)
    assert refused.value.values == {"limit_fen": 0}
    record_event(session, COURIER, courier.id, "fraud_cleared", "case:1", now)
    effects.take_effect(session, COURIER, courier.id)
    check_cash_limit(session, courier.id, 100_000)


def test_buyers_credit_opens_a_service_and_can_be_switched_off(session, now):
    buyer = an_account(session, now).id
    assert not has_services(session, buyer)
    for number in range(5):
        record_of_buyer(session, buyer, "was_at_home", f"so:{number}", now)
    assert has_services(session, buyer)
    choose(session, buyer, True, now)
    assert not has_services(session, buyer)
    record_of_buyer(session, buyer, "was_not_home", "so:6", now)
    assert session.scalar(select(func.count()).where(RatingEvent.kind == "was_not_home")) == 0
    choose(session, buyer, False, now)
    assert has_services(session, buyer)


def test_buyers_credit_knows_neither_subsidies_nor_what_was_recycled():
    assert criteria(BUYER).asked == {"was_at_home", "was_not_home", "fetched_in_time", "not_fetched"}


def test_the_trend_is_replayed_month_by_month(session, shop, now):
    events(session, SHOP, shop.id, "handed_over_on_time", 5, now - timedelta(days=61))
    late(session, shop, now - timedelta(days=1))
    points = trend(SHOP, history(session, SHOP, shop.id, now), now)
    assert [point.at for point in points] == [now - timedelta(days=60), now - timedelta(days=30), now]
    assert points[-1].score == replay(session, SHOP, shop.id, now).score
    assert points[-1].score < points[0].score


def test_nobody_who_is_unknown_has_a_trend(session, now):
    assert trend(SHOP, history(session, SHOP, uuid.uuid4(), now), now) == []
    assert session.scalar(select(func.count()).select_from(Rating)) == 0
