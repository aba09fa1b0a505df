"""Who is better called than written to: the old, and who asked for it, and who cannot be texted.

The age is read from the sealed ID number where somebody had it checked. It was given for subsidies; that it
is looked at here is to protect life and property in an emergency (PIPL art. 13 (4)), and only yes or no comes
out.
"""

import uuid
from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from market.kernel.seal import Seal, SealBroken
from market.notices.calls import wants_calls
from market.people.models import Purpose
from market.people.queries import agrees
from market.subsidies import id_number, real_name

ELDER_YEARS = 60
OpenSeal = Callable[[], Seal]  # asked for only where there is something to open


def is_elder(born: date, today: date) -> bool:
    """Whether somebody born on that day is sixty or older today."""
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years >= ELDER_YEARS


def why_call(session: Session, account_id: uuid.UUID, seal: OpenSeal, today: date) -> str | None:
    """Why the person is to be called: ``elder``, ``chosen`` or ``no_text``; None where a text will do."""
    born = _born_on(session, account_id, seal)
    if born is not None and is_elder(born, today):
        return "elder"
    if wants_calls(session, account_id):
        return "chosen"
    return None if agrees(session, account_id, Purpose.sms) else "no_text"


def _born_on(session: Session, account_id: uuid.UUID, seal: OpenSeal) -> date | None:
    known = real_name.of(session, account_id)
    if known is None:
        return None
    try:
        return id_number.born_on(seal().open(known.sealed))
    except SealBroken:
        return None
