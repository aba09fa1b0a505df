"""Accounts, passwords and sessions."""

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.people import queries
from market.people.models import Account, AccountSession, AccountState, Purpose
from market.people.profile import change_password
from market.people.register import register
from market.people.rules import token_hash
from market.people.sign_in import (
    SESSION_LIFETIME,
    sign_in,
    sign_out,
    sign_out_everywhere,
    start_session,
    touch,
)
from tests.builders.people import PASSWORD, an_account


def test_a_number_is_stored_in_one_shape_and_belongs_to_one_account(session: Session, now: datetime) -> None:
    account = register(session, " +86 138-0013-8000 ", " 李秀兰 ", PASSWORD, now)
    assert (account.phone, account.name) == ("13800138000", "李秀兰")
    with pytest.raises(Refused, match=r"people\.phone_taken"):
        register(session, "13800138000", "另一个人", PASSWORD, now)
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_registering_records_the_consent_an_account_needs_and_no_other(
    session: Session, now: datetime
) -> None:
    account = an_account(session, now)
    assert [consent.purpose for consent in queries.consents(session, account.id)] == [Purpose.account]
    assert not queries.agrees(session, account.id, Purpose.sms)


def test_a_password_is_kept_as_argon2id(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in account.password_hash


def test_an_old_hash_is_made_anew_at_the_next_sign_in(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    sign_in(session, account.phone, PASSWORD, "", now)
    assert "$m=19456,t=2,p=1$" in account.password_hash


@pytest.mark.parametrize("phone", ["13900000000", "13800138000", "not a number", ""])
def test_a_wrong_number_and_a_wrong_password_are_refused_alike(
    session: Session, now: datetime, phone: str
) -> None:
    an_account(session, now, phone="13800138000")
    with pytest.raises(Refused) as caught:
        sign_in(session, phone, "wrong-password", "", now)
    assert (caught.value.code, caught.value.field) == ("people.wrong_sign_in", "password")
    assert session.scalar(select(func.count()).select_from(AccountSession)) == 0


def test_a_suspended_account_is_told_so_and_a_closed_one_is_unknown(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    account.state = AccountState.suspended
    with pytest.raises(Refused, match=r"people\.suspended"):
        sign_in(session, account.phone, PASSWORD, "", now)
    account.state = AccountState.closed
    with pytest.raises(Refused, match=r"people\.wrong_sign_in"):
        sign_in(session, account.phone, PASSWORD, "", now)


def test_the_database_knows_a_session_only_by_its_hash(session: Session, now: datetime) -> None:
    start = start_session(session, an_account(session, now), "Firefox", now)
    stored = session.scalars(select(AccountSession)).one()
    assert stored.token_hash == token_hash(start.token) != start.token
    assert start.token not in repr(start)


def test_a_session_opens_until_it_expires(session: Session, now: datetime) -> None:
    start = start_session(session, an_account(session, now), "", now)
    last = now + SESSION_LIFETIME - timedelta(seconds=1)
    assert queries.arrival(session, start.token, last) is not None
    assert queries.arrival(session, start.token, now + SESSION_LIFETIME) is None


def test_a_revoked_session_opens_nothing_and_the_others_stay(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    phone, laptop = (start_session(session, account, name, now) for name in ("phone", "laptop"))
    lost = queries.arrival(session, phone.token, now)
    assert lost is not None
    sign_out(session, account.id, lost.account_session.id, now)
    assert queries.arrival(session, phone.token, now) is None
    assert queries.arrival(session, laptop.token, now) is not None


def test_nobody_ends_the_session_of_another(session: Session, now: datetime) -> None:
    start = start_session(session, an_account(session, now), "", now)
    theirs = queries.arrival(session, start.token, now)
    assert theirs is not None
    with pytest.raises(NotFound):
        sign_out(session, an_account(session, now).id, theirs.account_session.id, now)
    assert queries.arrival(session, start.token, now) is not None


def test_all_sessions_but_one_can_be_ended_at_once(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    starts = [start_session(session, account, "", now) for _ in range(3)]
    kept = queries.arrival(session, starts[0].token, now)
    assert kept is not None
    sign_out_everywhere(session, account.id, now, keep=kept.account_session.id)
    assert [row.id for row in queries.live_sessions(session, account.id, now)] == [kept.account_session.id]


def test_a_suspended_account_is_signed_out_at_once(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    start = start_session(session, account, "", now)
    account.state = AccountState.suspended
    session.flush()
    assert queries.arrival(session, start.token, now) is None


def test_use_of_a_session_is_noted_once_an_hour(session: Session, now: datetime) -> None:
    start_session(session, an_account(session, now), "", now)
    row = session.scalars(select(AccountSession)).one()
    assert not touch(session, row, now + timedelta(minutes=59))
    assert row.seen_at == now
    assert touch(session, row, now + timedelta(hours=1))
    assert row.seen_at == now + timedelta(hours=1)


def test_a_new_password_ends_every_other_session(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    here, elsewhere = (start_session(session, account, "", now) for _ in range(2))
    row = queries.arrival(session, here.token, now)
    assert row is not None
    change_password(session, account, PASSWORD, "another-village-8", now, keep=row.account_session.id)
    assert queries.arrival(session, here.token, now) is not None
    assert queries.arrival(session, elsewhere.token, now) is None
    assert sign_in(session, account.phone, "another-village-8", "", now).account is account


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        ("wrong-password", "another-village-8", "people.wrong_password"),
        (PASSWORD, "12345678", "people.password_easy"),
    ],
)
def test_a_refused_change_of_password_changes_nothing(
    session: Session, now: datetime, current: str, new: str, code: str
) -> None:
    account = an_account(session, now)
    start = start_session(session, account, "", now)
    before = account.password_hash
    with pytest.raises(Refused, match=code):
        change_password(session, account, current, new, now)
    assert account.password_hash == before
    assert queries.arrival(session, start.token, now) is not None
