"""A second factor beside the password: codes by time (TOTP, RFC 6238), and recovery codes for a lost phone.

Codes are of six digits and 30 seconds; one step before and after is accepted too (RFC 6238 §5.2).
"""

import secrets
import uuid
from datetime import datetime, timedelta

from pyotp import TOTP, random_base32
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.seal import Seal, SealBroken
from market.people.models import Account, AccountSession
from market.people.passwords import verify
from market.people.rules import token_hash
from market.people.second_factor_models import RecoveryCode, SecondFactor

SEAL_PURPOSE = "second_factor"
ISSUER = "绿乡"
GOOD_FOR = timedelta(minutes=15)
RECOVERY_CODES = 8
_STEPS = (0, -1, 1)
_RECOVERY_CHARS = 16


def begin(
    session: Session, account: Account, session_id: uuid.UUID, seal: Seal, now: datetime, password: str = ""
) -> str:
    """A new secret, waiting for its first code: the ``otpauth:`` address that a phone's app scans.

    Until then the one in force stays so. The first one takes the account's `password`: whoever finds a
    shop's browser open shall not make her own phone the owner's. Raises Refused: ``people.proof_needed``
    where one is in force and this session was not proved lately; ``people.wrong_password`` (field password).
    """
    factor = _locked(session, account.id)
    if factor.secret_sealed and not is_proved(session, session_id, now):
        raise Refused("people.proof_needed")
    if not factor.secret_sealed and not verify(account.password_hash, password):
        raise Refused("people.wrong_password", field="password")
    secret = random_base32()
    factor.pending_sealed = seal.close(secret)
    session.flush()
    return _address(account, secret)


def pending(session: Session, account: Account, seal: Seal) -> str | None:
    """The ``otpauth:`` address that waits for its first code, or None."""
    factor = session.get(SecondFactor, account.id)
    secret = _opened(factor.pending_sealed, seal) if factor else None
    return _address(account, secret) if secret else None


def confirm(
    session: Session, account_id: uuid.UUID, session_id: uuid.UUID, code: str, seal: Seal, now: datetime
) -> list[str]:
    """The first code off the new secret puts it in force. The new recovery codes, which are kept nowhere.

    The session counts as proved. Raises Refused: ``people.factor_code`` (field code); ``people.proof_needed``
    where one is in force and this session was not proved lately, whoever began.
    """
    factor = _locked(session, account_id)
    if factor.secret_sealed and not is_proved(session, session_id, now):
        raise Refused("people.proof_needed")
    secret = _opened(factor.pending_sealed, seal)
    counter = _counter(secret, code, now) if secret else None
    if counter is None:
        raise Refused("people.factor_code", field="code")
    factor.secret_sealed, factor.pending_sealed = factor.pending_sealed, ""
    factor.last_counter, factor.since = counter, now
    _mark(session, session_id, now)
    return renew_recovery_codes(session, account_id, now)


def prove(
    session: Session, account_id: uuid.UUID, session_id: uuid.UUID, code: str, seal: Seal, now: datetime
) -> None:
    """A code of the phone's or a recovery code: the session counts as proved for GOOD_FOR. Each works once.

    Raises Refused (field code): ``people.factor_none``, ``people.factor_code``, ``people.factor_used``.
    """
    factor = _locked(session, account_id)
    if not factor.secret_sealed:
        raise Refused("people.factor_none", field="code")
    if not _recovered(session, account_id, code, now):
        secret = _opened(factor.secret_sealed, seal)
        counter = _counter(secret, code, now) if secret else None
        if counter is None:
            raise Refused("people.factor_code", field="code")
        if counter <= factor.last_counter:
            raise Refused("people.factor_used", field="code")
        factor.last_counter = counter
    _mark(session, session_id, now)


def is_proved(session: Session, session_id: uuid.UUID, now: datetime) -> bool:
    """Whether a second factor was given in this session within the last GOOD_FOR."""
    proved_at = session.scalar(select(AccountSession.proved_at).where(AccountSession.id == session_id))
    return proved_at is not None and now < proved_at + GOOD_FOR


def in_force(session: Session, account_id: uuid.UUID) -> SecondFactor | None:
    """The account's second factor, where it has one."""
    found = session.get(SecondFactor, account_id)
    return found if found and found.secret_sealed else None


def recovery_codes_left(session: Session, account_id: uuid.UUID) -> int:
    """How many recovery codes were not used yet."""
    unused = RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def renew_recovery_codes(session: Session, account_id: uuid.UUID, now: datetime) -> list[str]:
    """New recovery codes; the earlier ones open nothing any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [random_base32(32)[:_RECOVERY_CHARS] for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=token_hash(code), made_at=now) for code in codes
    )
    session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, _RECOVERY_CHARS, 4)) for code in codes]


def forget(session: Session, account_id: uuid.UUID) -> bool:
    """The account has no second factor any more, and no session of it is proved; whether it had one."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    gone = delete(SecondFactor).where(SecondFactor.account_id == account_id)
    had = session.scalar(gone.returning(SecondFactor.secret_sealed))
    session.execute(
        update(AccountSession).where(AccountSession.account_id == account_id).values(proved_at=None)
    )
    session.flush()
    return bool(had)


def _locked(session: Session, account_id: uuid.UUID) -> SecondFactor:
    row = {"account_id": account_id, "secret_sealed": "", "pending_sealed": "", "last_counter": 0}
    session.execute(insert(SecondFactor).values(row).on_conflict_do_nothing())
    return session.get_one(SecondFactor, account_id, with_for_update=True, populate_existing=True)


def _opened(sealed: str, seal: Seal) -> str | None:
    try:
        return seal.open(sealed) if sealed else None
    except SealBroken:
        return None


def _counter(secret: str, code: str, now: datetime) -> int | None:
    """The time step that `code` is of; None where it is of none near `now`."""
    totp = TOTP(secret)
    typed = "".join(code.split())
    steps = (totp.timecode(now) + step for step in _STEPS)
    return next((it for it in steps if secrets.compare_digest(totp.generate_otp(it), typed)), None)


def _recovered(session: Session, account_id: uuid.UUID, code: str, now: datetime) -> bool:
    typed = "".join(c for c in code.upper() if c.isalnum())
    unused = RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    spent = (
        update(RecoveryCode)
        .where(*unused, RecoveryCode.code_hash == token_hash(typed))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return session.scalar(spent) is not None


def _mark(session: Session, session_id: uuid.UUID, now: datetime) -> None:
    session.execute(update(AccountSession).where(AccountSession.id == session_id).values(proved_at=now))
    session.flush()


def _address(account: Account, secret: str) -> str:
    return TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER)
