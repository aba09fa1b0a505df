"""The right to a subsidy: a checked name, a coupon for two natural days, used by one line and given back."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit as everything
from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.kernel.seal import Seal, SealBroken
from market.orders.models import OrderLine
from market.orders.undo import cancel_order
from market.people.models import Account, Consent, Purpose
from market.privacy import sealed
from market.subsidies import audit, coupons, id_number, pots, queries, real_name
from market.subsidies.coupon_models import Coupon, CouponChances, CouponPool, CouponState, RealName
from market.subsidies.models import Quota
from market.subsidies.rules import Item, Reason
from tests.builders.catalog import a_listing
from tests.builders.life import at_once, react
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.shops import a_shop
from tests.builders.subsidies import a_checked_name, a_funded_programme

COUNTY = "610924"
DIGI = "DIGI-2026:1"
SPECIMEN = "11010519491231002X"  # the example printed in GB 11643-1999
SEAL = Seal(["a-key-for-tests-only"], real_name.SEAL_PURPOSE)


@pytest.fixture
def buyer(session, now):
    """Wang Xiuying, her name checked, in a county that has two coupons for phones."""
    a_programme_with_coupons(session, now, 2)
    account = an_account(session, now)
    real_name.check_name(session, account, "王秀英", SPECIMEN, True, SEAL, now)
    return account


def a_programme_with_coupons(session, now, places):
    a_county(session, COUNTY)
    a_funded_programme(session, COUNTY, now, code="DIGI-2026")
    pots.require_coupons(session, COUNTY, DIGI, True)
    pots.set_places(session, COUNTY, DIGI, "phone", places)


def claim(session, account, now, category="phone"):
    return coupons.claim_coupon(session, account, COUNTY, DIGI, category, now)


def taken(session):
    return session.scalar(select(CouponPool.taken).where(CouponPool.category == "phone"))


def a_phone(session, now, **options):
    return a_listing(session, a_shop(session, now), now, category="phone", **options)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (SPECIMEN, None),
        ("11010519491231002x ", None),
        ("１１０１０５１９４９１２３１００２Ｘ", None),
        ("110105491231002", "subsidy.id_old"),
        ("110105194912310021", "subsidy.id_checksum"),
        ("1101051949123100", "subsidy.id_shape"),
        ("11010519491231002Y", "subsidy.id_checksum"),
        ("11010A19491231002X", "subsidy.id_shape"),
        ("", "subsidy.id_shape"),
    ],
)
def test_an_id_number_is_read_as_people_type_it(number, code):
    assert id_number.flaw(id_number.normalize(number), date(2026, 11, 23)) == code


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("99010519491231002", "subsidy.id_implausible"),
        ("11010519490231002", "subsidy.id_implausible"),
        ("11010520270101002", "subsidy.id_implausible"),
        ("11010519000101002", "subsidy.id_implausible"),
        ("11010520121124002", "subsidy.id_too_young"),
        ("11010520121123002", None),
    ],
)
def test_region_birthday_and_age_must_be_plausible(first, code):
    assert id_number.flaw(first + id_number.check_digit(first), date(2026, 11, 23)) == code


@given(st.integers(min_value=0, max_value=16), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_always_noticed(place, by):
    wrong = SPECIMEN[:place] + str((int(SPECIMEN[place]) + by) % 10) + SPECIMEN[place + 1 :]
    assert id_number.flaw(wrong, date(2026, 11, 23)) == "subsidy.id_checksum"


def test_the_number_is_sealed_and_never_shown_whole(session, buyer):
    row = real_name.of(session, buyer.id)
    assert row.masked == "1****************X"
    assert SPECIMEN not in (row.sealed, row.fingerprint)
    assert SEAL.open(row.sealed) == SPECIMEN
    consents = session.scalars(select(Consent.purpose).where(Consent.account_id == buyer.id)).all()
    assert Purpose.subsidy in consents


def test_a_number_belongs_to_one_account_even_after_the_key_has_changed(session, buyer, now):
    rotated = Seal(["a-new-key", "a-key-for-tests-only"], real_name.SEAL_PURPOSE)
    assert rotated.open(real_name.of(session, buyer.id).sealed) == SPECIMEN
    other = an_account(session, now)
    with pytest.raises(Refused) as refused:
        real_name.check_name(session, other, "王秀英", SPECIMEN, True, rotated, now)
    assert (refused.value.code, refused.value.field) == ("subsidy.id_taken", "number")
    assert real_name.of(session, other.id) is None


def test_every_night_numbers_move_to_the_newest_key_and_are_found_by_it_alone(session, buyer, now):
    new = ["a-new-key"]
    both, alone = Seal([*new, "a-key-for-tests-only"], "real_name"), Seal(new, "real_name")
    numbers = sealed.SEALED[0]
    assert sealed.renew(session, numbers, sealed.stale(session, numbers, both), both) == 1
    assert sealed.stale(session, numbers, alone) == []
    assert alone.open(real_name.of(session, buyer.id).sealed) == SPECIMEN
    with pytest.raises(Refused) as refused:
        real_name.check_name(session, an_account(session, now), "王秀英", SPECIMEN, True, alone, now)
    assert refused.value.code == "subsidy.id_taken"


def test_a_sealed_number_is_renewed_under_the_new_key_and_the_old_one_may_go():
    sealed = SEAL.close(SPECIMEN)
    both, new = Seal(["new", "a-key-for-tests-only"], "real_name"), Seal(["new"], "real_name")
    with pytest.raises(SealBroken):
        new.open(sealed)
    assert new.open(both.renew(sealed)) == SPECIMEN
    with pytest.raises(SealBroken):
        Seal(["a-key-for-tests-only"], "something else").open(sealed)


@pytest.mark.parametrize(
    ("name", "agrees", "code"),
    [("王秀英", False, "subsidy.consent"), ("王秀兰", True, "subsidy.name_differs")],
)
def test_without_consent_or_under_another_name_nothing_is_kept(session, now, name, agrees, code):
    account = an_account(session, now)
    with pytest.raises(Refused) as refused:
        real_name.check_name(session, account, name, SPECIMEN, agrees, SEAL, now)
    assert refused.value.code == code
    assert session.scalars(select(RealName)).all() == []


def test_consent_taken_back_leaves_no_number(session, buyer, now):
    real_name.forget_name(session, buyer.id, now)
    assert session.scalars(select(RealName)).all() == []
    with pytest.raises(Refused) as refused:
        claim(session, buyer, now)
    assert refused.value.code == "subsidy.name_first"


def test_a_coupon_lasts_to_the_last_second_of_the_second_day_in_china(session, buyer, now):
    late = datetime(2026, 11, 23, 23, 59, tzinfo=SHANGHAI)
    assert claim(session, buyer, late).expires_at == datetime(2026, 11, 24, 23, 59, 59, tzinfo=SHANGHAI)
    assert taken(session) == 1


def test_claimed_again_she_has_the_same_one(session, buyer, now):
    assert claim(session, buyer, now).id == claim(session, buyer, now).id
    assert (taken(session), session.scalar(select(CouponChances.used))) == (1, 1)


def test_a_coupon_lapses_gives_its_place_back_and_costs_a_chance(session, buyer, now):
    for turn in range(3):
        day = now + timedelta(days=3 * turn)
        coupon = claim(session, buyer, day)
        coupons.lapse(session, coupon.id, coupon.expires_at)
        assert coupon.state is CouponState.claimed
        react(session, coupon.expires_at + timedelta(seconds=1))
        assert (coupon.state, taken(session)) == (CouponState.lapsed, 0)
    with pytest.raises(Refused) as refused:
        claim(session, buyer, now + timedelta(days=12))
    assert (refused.value.code, refused.value.values) == ("subsidy.chances_used", {"chances": 3})
    assert list(audit.breaks(session)) == []


def test_when_all_are_gone_the_next_is_told_so(session, buyer, now):
    for number in ("one", "two"):
        claim(session, a_checked_name(session, an_account(session, now), now, number), now)
    savepoint = session.begin_nested()
    with pytest.raises(Refused) as refused:
        claim(session, buyer, now)
    savepoint.rollback()
    assert refused.value.code == "subsidy.coupons_gone"
    assert taken(session) == 2


def test_another_programme_or_one_without_coupons_has_none_to_claim(session, buyer, now):
    gb = a_funded_programme(session, COUNTY, now)
    with pytest.raises(Refused) as refused:
        coupons.claim_coupon(session, buyer, COUNTY, gb, "tv", now)
    assert refused.value.code == "subsidy.no_coupons"
    with pytest.raises(NotFound):
        coupons.claim_coupon(session, buyer, COUNTY, "JDXX:1", "tv", now)


def test_an_order_uses_the_coupon_and_gives_it_back_when_it_is_canceled(session, buyer, now):
    phone = a_phone(session, now)
    [decision] = queries.quote(session, [Item("x", "phone", None, 1, 2599_00)], COUNTY, buyer.id, now)
    assert decision.reason is Reason.coupon_missing
    coupon = claim(session, buyer, now)
    order = an_order(session, buyer, [(phone, 1)], now)
    session.refresh(coupon)
    line = session.scalars(select(OrderLine)).one()
    assert (order.subsidy_fen, coupon.state, coupon.reference) == (389_85, CouponState.used, line.reference)
    assert everything.run(session, now) == []
    cancel_order(session, buyer.id, order.id, now)
    session.refresh(coupon)
    assert (coupon.state, coupon.reference, taken(session)) == (CouponState.claimed, None, 1)
    assert session.scalars(select(Quota.used)).all() == [0]
    assert everything.run(session, now) == []


def test_a_lapsed_coupon_pays_nothing_even_before_the_worker_has_noticed(session, buyer, now):
    coupon = claim(session, buyer, now)
    after = coupon.expires_at + timedelta(seconds=1)
    [decision] = queries.quote(session, [Item("x", "phone", None, 1, 2599_00)], COUNTY, buyer.id, after)
    assert decision.reason is Reason.coupon_missing
    assert claim(session, buyer, after).id != coupon.id


def test_places_that_are_out_cannot_be_taken_away(session, buyer, now):
    claim(session, buyer, now)
    with pytest.raises(Refused) as refused:
        pots.set_places(session, COUNTY, DIGI, "phone", 0)
    assert refused.value.code == "programme.places"
    assert session.scalar(select(CouponPool.total).where(CouponPool.category == "phone")) == 2


@given(st.integers(min_value=1, max_value=60), st.integers(min_value=0, max_value=10**8))
def test_a_coupon_always_ends_with_a_day_in_china(days, seconds):
    claimed = datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
    end = coupons.lasts_until(days, claimed).astimezone(SHANGHAI)
    assert (end.hour, end.minute, end.second) == (23, 59, 59)
    assert (end.date() - claimed.date()).days == days - 1


@pytest.mark.race
def test_twenty_phones_of_one_person_claim_exactly_one_coupon(fresh_engine, now):
    with Session(fresh_engine) as session:
        a_programme_with_coupons(session, now, 20)
        account_id = a_checked_name(session, an_account(session, now), now, "x").id
        session.commit()

    def one(session, _):
        claim(session, session.get_one(Account, account_id), now)

    assert at_once(fresh_engine, 20, one) == {"done": 20}
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(Coupon)) == 1
        assert session.scalars(select(CouponChances.used)).all() == [1]
        assert taken(session) == 1
        assert list(audit.breaks(session)) == []


@pytest.mark.race
def test_forty_people_claim_the_last_ten_coupons(fresh_engine, now):
    with Session(fresh_engine) as session:
        a_programme_with_coupons(session, now, 10)
        ids = [a_checked_name(session, an_account(session, now), now, str(n)).id for n in range(40)]
        session.commit()

    def one(session, number):
        claim(session, session.get_one(Account, ids[number]), now)

    assert at_once(fresh_engine, 40, one) == {"done": 10, "subsidy.coupons_gone": 30}
    with Session(fresh_engine) as session:
        assert taken(session) == 10
        assert list(audit.breaks(session)) == []
