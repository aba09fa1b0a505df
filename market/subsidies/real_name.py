"""Check a person's name and ID number once, and keep the number sealed.

Nobody official is asked: the number must be plausible, its name must be the account's, and no other account
may have it. That the person consents is written down with it.
"""

import uuid
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import Refused
from market.kernel.seal import Seal
from market.people.consents import give_consent, withdraw_consent
from market.people.models import Account, Purpose
from market.subsidies import evidence, id_number
from market.subsidies.coupon_models import RealName
from market.subsidies.models import COMMITTED_STATES, Claim

SEAL_PURPOSE = "real_name"


def check_name(
    session: Session, account: Account, name: str, number: str, agrees: bool, seal: Seal, now: datetime
) -> RealName:
    """Record the person's name and ID number. Checked again, the new number replaces the old one.

    Raises Refused: ``subsidy.consent`` (field agrees), ``subsidy.id_*`` and ``subsidy.id_taken`` (field
    number), ``subsidy.name_differs`` (field name).
    """
    if not agrees:
        raise Refused("subsidy.consent", field="agrees")
    number = id_number.normalize(number)
    if _plain(name) != _plain(account.name):
        raise Refused("subsidy.name_differs", field="name")
    if code := id_number.flaw(number, local_date(now)):
        raise Refused(code, field="number")
    fingerprints = seal.fingerprints(number)
    taken = session.scalar(
        select(RealName.account_id).where(
            RealName.fingerprint.in_(fingerprints), RealName.account_id != account.id
        )
    )
    if taken is not None:
        raise Refused("subsidy.id_taken", field="number")
    values = {
        "name": _plain(name),
        "masked": id_number.masked(number),
        "sealed": seal.close(number),
        "fingerprint": fingerprints[0],
        "checked_at": now,
    }
    # Two accounts that send the same number at once: the second waits on the index and then changes nothing.
    session.execute(delete(RealName).where(RealName.account_id == account.id))
    kept = session.execute(
        insert(RealName)
        .values(account_id=account.id, **values)
        .on_conflict_do_nothing()
        .returning(RealName.account_id)
    ).first()
    if kept is None:
        raise Refused("subsidy.id_taken", field="number")
    give_consent(session, account.id, Purpose.subsidy, now)
    session.flush()
    _prove(session, account.id, now)
    return session.get_one(RealName, account.id, populate_existing=True)


def forget_name(session: Session, account_id: uuid.UUID, now: datetime) -> None:
    """The person takes her consent back: name and number are gone. What was granted stays granted.

    Where something was, the number's mark stays: it must not draw the same subsidy through another account.
    """
    withdraw_consent(session, account_id, Purpose.subsidy, now)
    mine = RealName.account_id == account_id
    drew = select(Claim.id).where(Claim.account_id == account_id).exists()
    session.execute(delete(RealName).where(mine, ~drew))
    session.execute(update(RealName).where(mine).values(name="", masked="", sealed=""))


def is_checked(session: Session, account: Account) -> bool:
    """Whether the account goes by a name that was checked."""
    return is_name_of(of(session, account.id), account)


def is_name_of(found: RealName | None, account: Account) -> bool:
    """Whether that is the name that the account goes by."""
    return found is not None and found.name == _plain(account.name)


OWN = select(RealName).where(RealName.account_id == bindparam("account_id"), RealName.sealed != "")
"""What `of` asks, for `kernel.together`."""


def of(session: Session, account_id: uuid.UUID) -> RealName | None:
    """The person's own record; None where she took it back."""
    found = session.get(RealName, account_id)
    return found if found and found.sealed else None


def proof(checked_at: datetime) -> dict[str, dict[str, str]]:
    """The evidence that a claim keeps of the check: that it was made, not what was found."""
    return {evidence.REAL_NAME: {"checked_at": checked_at.isoformat()}}


def _prove(session: Session, account_id: uuid.UUID, now: datetime) -> None:
    """Claims that were waiting for the person's name wait no longer."""
    waiting = select(Claim.reference).where(Claim.account_id == account_id, Claim.state.in_(COMMITTED_STATES))
    for reference in session.scalars(waiting.order_by(Claim.id)).all():
        evidence.gather(session, reference, proof(now), now)


def _plain(name: str) -> str:
    return "".join(name.split())
