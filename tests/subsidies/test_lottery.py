"""Coupons by lot: a seed promised beforehand, tickets by number, and a draw that anybody can repeat."""

import hashlib
from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from market.kernel.errors import NotFound, Refused
from market.kernel.seal import Seal
from market.subsidies import audit, coupons, lottery, pots, programmes, queries
from market.subsidies.coupon_models import Coupon, CouponPool, LotteryTicket, RealName, RoundState
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county

COUNTY = "610924"
SHANGHAI_STYLE = "LOTTERY-TEST:1"
SEAL = Seal(["a-key-for-tests-only"], lottery.SEAL_PURPOSE)


@pytest.fixture
def a_round(session, now):
    """Two coupons for phones by lot, valid for 14 days, out of a pool of five."""
    a_county(session, COUNTY)
    data = deepcopy(next(row for row in programmes.shipped() if row["id"] == "DIGI-2026"))
    data["id"] = "LOTTERY-TEST"
    data["rules"]["coupon"] |= {"issue": "lottery", "ttl": "P14D"}
    programmes.publish(session, data)
    programmes.fund(session, SHANGHAI_STYLE, COUNTY, 10_000_00, now)
    pots.require_coupons(session, COUNTY, SHANGHAI_STYLE, True)
    pots.set_places(session, COUNTY, SHANGHAI_STYLE, "phone", 5)
    return opened(session, an_operator(session, now).id, now)


def opened(session, operator_id, now, places=2, closes_in=timedelta(days=7)):
    return lottery.open_round(
        session, COUNTY, operator_id, SHANGHAI_STYLE, "phone", places, now + closes_in, SEAL, now
    )


def named(session, now, number):
    account = an_account(session, now)
    session.add(
        RealName(
            account_id=account.id,
            name=account.name,
            masked="",
            sealed="sealed",
            fingerprint=str(number),
            checked_at=now,
        )
    )
    session.flush()
    return account


def pool(session):
    return session.scalars(select(CouponPool).execution_options(populate_existing=True)).one()


def test_a_round_takes_its_places_and_promises_its_seed(session, a_round, now):
    assert pool(session).taken == 2
    assert (a_round.seed, a_round.state) == (None, RoundState.open)
    assert hashlib.sha256(SEAL.open(a_round.sealed_seed).encode()).hexdigest() == a_round.seed_hash
    assert list(audit.breaks(session)) == []


def test_the_draw_can_be_repeated_by_anybody(session, a_round, now):
    people = [named(session, now, n) for n in range(5)]
    numbers = [lottery.register(session, person, COUNTY, a_round.id, now).number for person in people]
    assert numbers == [1, 2, 3, 4, 5]
    assert lottery.register(session, people[0], COUNTY, a_round.id, now).number == 1
    lottery.draw(session, a_round.id, SEAL, a_round.closes_at - timedelta(seconds=1))
    assert a_round.seed is None
    lottery.draw(session, a_round.id, SEAL, a_round.closes_at)
    lottery.draw(session, a_round.id, SEAL, a_round.closes_at)
    assert hashlib.sha256(a_round.seed.encode()).hexdigest() == a_round.seed_hash
    ranked = sorted(numbers, key=lambda n: hashlib.sha256(f"{a_round.seed}:{n}".encode()).hexdigest())
    assert lottery.winning_numbers(session, a_round.id) == sorted(ranked[:2])
    holders = set(session.scalars(select(Coupon.account_id)))
    won = set(session.scalars(select(LotteryTicket.account_id).where(LotteryTicket.won.is_(True))))
    assert (holders, len(holders)) == (won, 2)
    ends = set(session.scalars(select(Coupon.expires_at)))
    assert ends == {coupons.lasts_until(14, a_round.closes_at)}
    assert pool(session).taken == 2
    assert list(audit.breaks(session)) == []


def test_places_that_nobody_won_go_back(session, a_round, now):
    lottery.register(session, named(session, now, 1), COUNTY, a_round.id, now)
    lottery.draw(session, a_round.id, SEAL, a_round.closes_at)
    assert pool(session).taken == 1
    assert list(audit.breaks(session)) == []


def test_who_may_not_register_is_told_why(session, a_round, now):
    with pytest.raises(Refused) as refused:
        lottery.register(session, an_account(session, now), COUNTY, a_round.id, now)
    assert refused.value.code == "subsidy.name_first"
    person = named(session, now, 1)
    with pytest.raises(Refused) as refused:
        lottery.register(session, person, COUNTY, a_round.id, a_round.closes_at)
    assert refused.value.code == "lottery.over"
    with pytest.raises(NotFound):
        lottery.register(session, person, "610728", a_round.id, now)
    with pytest.raises(Refused) as refused:
        coupons.claim_coupon(session, person, COUNTY, SHANGHAI_STYLE, "phone", now)
    assert refused.value.code == "subsidy.lottery_only"
    assert (a_round.tickets, session.scalars(select(Coupon)).all()) == (0, [])


def test_a_round_cannot_give_more_than_there_is_or_end_before_it_begins(session, a_round, now):
    operator = a_round.opened_by
    with pytest.raises(Refused) as refused:
        opened(session, operator, now, places=4)
    assert refused.value.code == "subsidy.coupons_gone"
    with pytest.raises(Refused) as refused:
        opened(session, operator, now, closes_in=timedelta(0))
    assert (refused.value.code, refused.value.field) == ("lottery.closes", "closes_on")
    assert pool(session).taken == 2


def test_the_public_sees_hash_then_seed_and_never_a_name(client, session, a_round, now):
    person = named(session, now, 1)
    lottery.register(session, person, COUNTY, a_round.id, now)
    before = client.get(f"/open/{COUNTY}/draws").text
    assert a_round.seed_hash in before
    assert "还没开奖" in before
    lottery.draw(session, a_round.id, SEAL, a_round.closes_at)
    session.commit()
    after = client.get(f"/open/{COUNTY}/draws").text
    assert a_round.seed in after
    assert person.name not in after


def test_registering_takes_two_taps(client, session, a_round, now):
    client.become(named(session, now, 1))
    assert "登记" in client.get("/subsidies").text
    # The round of this test began in its own past; the page goes by the clock on the wall.
    a_round.closes_at = a_round.closes_at.replace(year=2099)
    session.commit()
    assert client.submit(f"/subsidies/rounds/{a_round.id}").status_code == 303
    assert "您的号码是 1" in client.get("/subsidies").text


def test_an_operator_opens_a_round(client, session, a_round, now):
    client.become(an_operator(session, now))
    page = f"/county/programmes/{SHANGHAI_STYLE}"
    assert "开一轮摇号" in client.get(page).text
    faulty = client.submit(f"{page}/rounds", {"category": "phone", "places": "0", "closes_on": "soon"})
    assert faulty.status_code == 422
    assert "请填 1 到 1000000 个" in faulty.text
    assert "请填日期" in faulty.text
    typed = {"category": "phone", "places": "3", "closes_on": "2099-01-01"}
    assert client.submit(f"{page}/rounds", typed).status_code == 303
    assert pool(session).taken == 5
    assert queries.pools(session, COUNTY, SHANGHAI_STYLE)["phone"].total == 5


@given(
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.sets(st.integers(min_value=1, max_value=500), max_size=30),
    st.integers(min_value=1, max_value=40),
)
def test_a_draw_takes_as_many_as_there_are_places_whatever_the_order(seed, numbers, places):
    drawn = lottery.winners(seed, sorted(numbers), places)
    assert len(drawn) == len(set(drawn)) == min(places, len(numbers))
    assert set(drawn) <= numbers
    assert lottery.winners(seed, sorted(numbers, reverse=True), places) == drawn
