"""Tell somebody something."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.notices.events import TextWanted
from market.notices.models import Notice
from market.notices.text_messages import ASKED_FOR
from market.people.models import Purpose
from market.people.queries import agrees


def notify(
    session: Session,
    account_id: uuid.UUID,
    kind: str,
    params: dict[str, Any],
    now: datetime,
    reference: str | None = None,
    dedupe_key: str | None = None,
) -> None:
    """Put a notice into the inbox of `account_id`, and ask for a text message where they agreed to them.

    `kind` names the sentence in `market/web/notices_text.py`, `params` the values it mentions (JSON).
    With a `dedupe_key` the second notice of the same key is left out.
    """
    notice_id = session.scalar(
        insert(Notice)
        .values(
            id=new_id(),
            account_id=account_id,
            kind=kind,
            params=params,
            reference=reference,
            dedupe_key=dedupe_key,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(Notice.id)
    )
    if notice_id and (kind in ASKED_FOR or agrees(session, account_id, Purpose.sms)):
        emit(session, TextWanted(notice_id), now)
