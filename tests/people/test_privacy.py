"""Consents, and the record of who looked."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.people import queries
from market.people.consents import give_consent, withdraw_consent
from market.people.data_access import record_access
from market.people.models import Consent, DataAccess, Purpose, ViewerRole, ViewPurpose
from tests.builders.people import an_account


def test_a_consent_given_twice_is_one_and_given_after_withdrawal_is_another(
    session: Session, now: datetime
) -> None:
    account = an_account(session, now)
    later = now + timedelta(days=1)
    for moment in (now, now):
        give_consent(session, account.id, Purpose.sms, moment)
    withdraw_consent(session, account.id, Purpose.sms, later)
    assert not queries.agrees(session, account.id, Purpose.sms)
    give_consent(session, account.id, Purpose.sms, later)
    assert queries.agrees(session, account.id, Purpose.sms)
    rows = session.scalars(select(Consent).where(Consent.purpose == Purpose.sms).order_by(Consent.id)).all()
    assert [(row.given_at, row.withdrawn_at) for row in rows] == [(now, later), (later, None)]


def test_the_consent_of_one_is_not_the_consent_of_another(session: Session, now: datetime) -> None:
    one, other = an_account(session, now), an_account(session, now)
    give_consent(session, one.id, Purpose.sms, now)
    withdraw_consent(session, other.id, Purpose.sms, now)
    assert queries.agrees(session, one.id, Purpose.sms)


def test_a_person_sees_who_looked_at_their_data_and_what_for(session: Session, now: datetime) -> None:
    villager, courier = an_account(session, now), an_account(session, now, name="赵师傅")
    record_access(session, villager.id, courier.id, ViewerRole.courier, ViewPurpose.delivery, "LX0001", now)
    [(access, viewer)] = queries.accesses(session, villager.id)
    assert (access.role, access.purpose, access.reference, viewer) == (
        "courier", "delivery", "LX0001", "赵师傅",
    )  # fmt: skip
    assert queries.accesses(session, courier.id) == []


def test_the_same_page_opened_again_that_day_is_one_access(session: Session, now: datetime) -> None:
    villager, courier = an_account(session, now), an_account(session, now)
    for moment in (now, now + timedelta(hours=3), now + timedelta(days=1)):
        record_access(
            session, villager.id, courier.id, ViewerRole.courier, ViewPurpose.delivery, "LX0001", moment
        )
    assert session.scalar(select(func.count()).select_from(DataAccess)) == 2


def test_looking_at_ones_own_data_is_not_recorded(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    record_access(session, account.id, account.id, ViewerRole.shop, ViewPurpose.order, "LX0001", now)
    assert queries.accesses(session, account.id) == []
