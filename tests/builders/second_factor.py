"""An owner's second factor for tests."""

from datetime import datetime

from pyotp import TOTP
from sqlalchemy import update
from sqlalchemy.orm import Session

from market.kernel import clock
from market.kernel.seal import Seal
from market.people.models import Account, AccountSession
from market.people.second_factor import SEAL_PURPOSE
from market.people.second_factor_models import SecondFactor

SEAL = Seal(["tests-only-secret-key-of-40-characters-00"], SEAL_PURPOSE)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(now: datetime) -> str:
    """What the phone shows at that moment."""
    return TOTP(SECRET).at(now)


def a_second_factor(session: Session, account: Account, now: datetime) -> SecondFactor:
    """The account's phone has SECRET."""
    factor = SecondFactor(
        account_id=account.id, secret_sealed=SEAL.close(SECRET), pending_sealed="", last_counter=0, since=now
    )
    session.add(factor)
    session.flush()
    return factor


def proved(session: Session, account: Account) -> None:
    """The account has a second factor, and gave it just now in all of its sessions."""
    a_second_factor(session, account, clock.now())
    just_now = update(AccountSession).where(AccountSession.account_id == account.id)
    session.execute(just_now.values(proved_at=clock.now()))
    session.commit()
