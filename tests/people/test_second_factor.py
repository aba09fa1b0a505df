"""The second factor: codes by time, each once, for a quarter of an hour; recovery codes; and its end."""

from datetime import timedelta

import pytest
from pyotp import TOTP
from sqlalchemy import select

from market.kernel.errors import NotFound, Refused
from market.people.models import AccountSession
from market.people.second_factor import (
    GOOD_FOR,
    begin,
    confirm,
    forget,
    in_force,
    is_proved,
    pending,
    prove,
    recovery_codes_left,
    renew_recovery_codes,
)
from market.people.second_factor_models import RecoveryCode
from market.people.sign_in import start_session
from market.shops.queries import changes_of
from market.shops.reset_factor import reset_factor
from tests.builders.catalog import categories
from tests.builders.people import PASSWORD, an_account, an_operator
from tests.builders.second_factor import SEAL, a_second_factor, code_at
from tests.builders.shops import a_shop, an_owner

HALF = timedelta(seconds=30)


@pytest.fixture
def owner(session, now):
    return an_account(session, now)


@pytest.fixture
def browser(session, owner, now):
    start_session(session, owner, "", now)
    return session.scalars(select(AccountSession.id).where(AccountSession.account_id == owner.id)).one()


def refused(act, *args) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        act(*args)
    return caught.value.code, caught.value.field


def test_the_codes_are_those_of_rfc_6238():
    """Appendix B, SHA-1, its last six digits."""
    totp = TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    seconds = (59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000)
    assert [totp.at(at) for at in seconds] == ["287082", "081804", "050471", "005924", "279037", "353130"]


def test_a_secret_comes_into_force_with_its_first_code(session, owner, browser, now):
    stranger = session, owner, browser, SEAL, now, "not hers"
    assert refused(begin, *stranger) == ("people.wrong_password", "password")
    assert pending(session, owner, SEAL) is None
    address = begin(session, owner, browser, SEAL, now, PASSWORD)
    secret = address.partition("secret=")[2].partition("&")[0]
    assert (pending(session, owner, SEAL), in_force(session, owner.id)) == (address, None)
    assert refused(confirm, session, owner.id, browser, "000000", SEAL, now) == ("people.factor_code", "code")
    assert not is_proved(session, browser, now)
    codes = confirm(session, owner.id, browser, TOTP(secret).at(now), SEAL, now)
    factor = in_force(session, owner.id)
    assert (factor.since, factor.pending_sealed, len(codes), len(set(codes))) == (now, "", 8, 8)
    assert secret not in factor.secret_sealed
    assert is_proved(session, browser, now)
    kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(kept) & {code.replace("-", "") for code in codes}


def test_a_code_counts_once_and_an_earlier_one_never_again(session, owner, browser, now):
    a_second_factor(session, owner, now)
    prove(session, owner.id, browser, code_at(now), SEAL, now)
    again = session, owner.id, browser, code_at(now), SEAL, now + timedelta(seconds=1)
    assert refused(prove, *again) == ("people.factor_used", "code")
    earlier = session, owner.id, browser, code_at(now - HALF), SEAL, now
    assert refused(prove, *earlier) == ("people.factor_used", "code")
    prove(session, owner.id, browser, code_at(now + HALF), SEAL, now + HALF)


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(session, owner, browser, now, steps, taken):
    a_second_factor(session, owner, now)
    given = session, owner.id, browser, code_at(now + steps * HALF), SEAL, now
    if taken:
        prove(*given)
    else:
        assert refused(prove, *given) == ("people.factor_code", "code")
    assert is_proved(session, browser, now) is taken


def test_it_is_good_for_fifteen_minutes_of_that_session_only(session, owner, browser, now):
    a_second_factor(session, owner, now)
    start_session(session, owner, "other", now)
    other = session.scalars(select(AccountSession.id).where(AccountSession.user_agent == "other")).one()
    prove(session, owner.id, browser, code_at(now), SEAL, now)
    end = now + GOOD_FOR
    assert is_proved(session, browser, end - timedelta(seconds=1))
    assert not is_proved(session, browser, end)
    assert not is_proved(session, other, now)


def test_a_recovery_code_opens_once_however_it_is_typed(session, owner, browser, now):
    a_second_factor(session, owner, now)
    first, second, *_ = renew_recovery_codes(session, owner.id, now)
    prove(session, owner.id, browser, first.lower().replace("-", " "), SEAL, now)
    assert recovery_codes_left(session, owner.id) == 7
    again = session, owner.id, browser, first, SEAL, now
    assert refused(prove, *again) == ("people.factor_code", "code")
    renew_recovery_codes(session, owner.id, now)
    assert refused(prove, session, owner.id, browser, second, SEAL, now) == ("people.factor_code", "code")
    assert recovery_codes_left(session, owner.id) == 8


def test_who_has_none_cannot_prove_and_a_new_one_takes_the_old(session, owner, browser, now):
    assert refused(prove, session, owner.id, browser, "123456", SEAL, now) == ("people.factor_none", "code")
    forget(session, owner.id)
    a_second_factor(session, owner, now)
    assert refused(begin, session, owner, browser, SEAL, now) == ("people.proof_needed", None)
    assert pending(session, owner, SEAL) is None
    prove(session, owner.id, browser, code_at(now), SEAL, now)
    address = begin(session, owner, browser, SEAL, now)
    # Until the new phone has shown its first code the old one counts.
    prove(session, owner.id, browser, code_at(now + HALF), SEAL, now + HALF)
    secret = address.partition("secret=")[2].partition("&")[0]
    confirm(session, owner.id, browser, TOTP(secret).at(now), SEAL, now)
    later = now + 4 * HALF
    assert refused(prove, session, owner.id, browser, code_at(later), SEAL, later)[0] == "people.factor_code"
    prove(session, owner.id, browser, TOTP(secret).at(later), SEAL, later)


def test_the_county_takes_a_lost_one_off_and_says_why(session, now):
    categories(session)
    shop = a_shop(session, now)
    owner, operator = an_owner(session, shop), an_operator(session, now)
    a_second_factor(session, owner, now)
    lost = session, shop.county_code, operator.id, shop.id, owner.id
    assert refused(reset_factor, *lost, " ", now) == ("shops.reason_missing", "reason")
    with pytest.raises(NotFound):
        reset_factor(session, "610728", operator.id, shop.id, owner.id, "手机丢了", now)
    assert in_force(session, owner.id) is not None
    reset_factor(*lost, "手机丢了，本人带执照来", now)
    assert in_force(session, owner.id) is None
    newest = changes_of(session, shop.id)[0]
    assert (newest.became, newest.by_id) == ("factor_reset", operator.id)
    assert newest.reason.endswith("手机丢了，本人带执照来")
    with pytest.raises(NotFound):
        reset_factor(*lost, "再来一次", now)
    assert not forget(session, owner.id)
