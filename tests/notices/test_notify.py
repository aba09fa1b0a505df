"""Telling people things."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.outbox import OutboxRow
from market.notices import queries
from market.notices.models import Notice, TextMessage
from market.notices.notify import notify
from market.notices.read import mark_read
from market.notices.text_messages import send_text
from market.people.consents import give_consent, withdraw_consent
from market.people.models import Account, Purpose
from tests.builders.people import an_account


@pytest.fixture
def reader(session: Session, now: datetime) -> Account:
    return an_account(session, now)


def tell(session: Session, reader: Account, now: datetime, key: str | None = None) -> None:
    notify(session, reader.id, "order.paid", {"number": "LX1", "fen": 12300}, now, "order:1", key)


def test_a_notice_is_new_until_the_inbox_is_opened(session: Session, now: datetime, reader: Account) -> None:
    tell(session, reader, now)
    [notice] = queries.inbox(session, reader.id)
    assert (notice.kind, notice.params) == ("order.paid", {"number": "LX1", "fen": 12300})
    assert queries.unread_count(session, reader.id) == 1
    mark_read(session, reader.id, now + timedelta(minutes=1))
    assert queries.unread_count(session, reader.id) == 0


def test_the_same_key_tells_once_and_no_key_tells_each_time(
    session: Session, now: datetime, reader: Account
) -> None:
    for key in ("paid:1", "paid:1", None, None):
        tell(session, reader, now, key)
    assert queries.unread_count(session, reader.id) == 3


def test_an_inbox_holds_only_its_readers_notices(session: Session, now: datetime, reader: Account) -> None:
    tell(session, reader, now)
    other = an_account(session, now)
    assert queries.inbox(session, other.id) == []
    mark_read(session, other.id, now)
    assert queries.unread_count(session, reader.id) == 1


def test_nobody_gets_a_text_message_who_did_not_agree(
    session: Session, now: datetime, reader: Account
) -> None:
    tell(session, reader, now)
    assert session.scalar(select(func.count()).select_from(OutboxRow)) == 0


def test_who_agreed_gets_each_notice_once_by_text(session: Session, now: datetime, reader: Account) -> None:
    give_consent(session, reader.id, Purpose.sms, now)
    tell(session, reader, now)
    assert session.scalars(select(OutboxRow.kind)).all() == ["notices.text_wanted"]
    notice = session.scalars(select(Notice)).one()
    for _ in range(2):
        send_text(session, notice.id, now)
    sent = session.scalars(select(TextMessage)).one()
    assert (sent.phone, sent.template, sent.gateway) == (reader.phone, "order.paid", "record")


def test_a_consent_taken_back_stops_what_is_on_its_way(
    session: Session, now: datetime, reader: Account
) -> None:
    give_consent(session, reader.id, Purpose.sms, now)
    tell(session, reader, now)
    withdraw_consent(session, reader.id, Purpose.sms, now)
    send_text(session, session.scalars(select(Notice.id)).one(), now)
    assert session.scalars(select(TextMessage)).all() == []


def test_a_gateway_that_fails_leaves_no_trace_of_a_message(
    session: Session, now: datetime, reader: Account
) -> None:
    class Broken:
        name = "broken"

        def send(self, phone: str, template: str, params: dict[str, Any]) -> None:
            raise ConnectionError

    give_consent(session, reader.id, Purpose.sms, now)
    tell(session, reader, now)
    with pytest.raises(ConnectionError):
        send_text(session, session.scalars(select(Notice.id)).one(), now, Broken())
    assert session.scalars(select(TextMessage)).all() == []
