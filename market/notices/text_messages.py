"""Text messages: a notice as an SMS, through a gateway.

No SMS provider is connected yet: `Record` is the only gateway, and the rows of `text_messages` are what a
provider would have been given. A provider is one more class with `name` and `send`.
"""

import uuid
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from market.notices.models import Notice, TextMessage
from market.people.models import Account, Purpose
from market.people.queries import agrees


class Gateway(Protocol):
    """Whoever carries text messages."""

    name: str

    def send(self, phone: str, template: str, params: dict[str, Any]) -> None:
        """Hand one message over, or raise for it to be tried again later."""


class Record:
    """Carries nothing: the row in `text_messages` is all there is."""

    name = "record"

    def send(self, phone: str, template: str, params: dict[str, Any]) -> None:
        """Do nothing."""


RECORD = Record()
ASKED_FOR = frozenset({"orders.assist_code"})
"""What somebody asks for herself, there and then, is sent whether she agreed to texts or not."""


def send_text(session: Session, notice_id: uuid.UUID, now: datetime, gateway: Gateway = RECORD) -> None:
    """Send the notice to its reader's phone, unless it was sent or the consent has been withdrawn since."""
    notice = session.get_one(Notice, notice_id)
    wanted = notice.kind in ASKED_FOR or agrees(session, notice.account_id, Purpose.sms)
    if session.get(TextMessage, notice_id) or not wanted:
        return
    phone = session.get_one(Account, notice.account_id).phone
    gateway.send(phone, notice.kind, notice.params)
    session.add(
        TextMessage(
            notice_id=notice_id,
            phone=phone,
            template=notice.kind,
            params=notice.params,
            gateway=gateway.name,
            handed_over_at=now,
        )
    )
    session.flush()
