"""People for tests."""

from datetime import datetime
from itertools import count

from sqlalchemy.orm import Session

from market.people.addresses import AddressInput, add_address
from market.people.models import Account, Address, CountyStaff
from market.people.register import register
from tests.builders.places import a_county, a_region

PASSWORD = "green-village-7"
_numbers = count(13900000001)


def an_account(session: Session, now: datetime, name: str = "王秀英", phone: str | None = None) -> Account:
    """Somebody with an account, whose password is PASSWORD."""
    return register(session, phone or str(next(_numbers)), name, PASSWORD, now)


def an_operator(session: Session, now: datetime, county_code: str = "610924") -> Account:
    """Somebody who works for the county."""
    account = an_account(session, now, name="县里的人")
    a_county(session, county_code)
    session.add(CountyStaff(account_id=account.id, county_code=county_code, created_at=now))
    session.flush()
    return account


def written_address(session: Session, village_code: str = "610924103204", **changes: str) -> AddressInput:
    """What somebody would write into the address form."""
    a_county(session, village_code[:6])
    a_region(session, village_code)
    fields = {
        "county_code": village_code[:6],
        "township_code": village_code[:9],
        "village_code": village_code,
        "detail": "三组 12 号",
        "recipient_name": "王秀英",
        "phone": "13912345678",
    }
    return AddressInput(**{**fields, **changes})


def an_address(
    session: Session, account: Account, now: datetime, village_code: str = "610924103204"
) -> Address:
    """An address of `account` in 焕古镇大连村."""
    return add_address(session, account.id, written_address(session, village_code), now)
