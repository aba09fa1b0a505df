"""Charges of fraud as the county and the charged see them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from market.credit.fraud_models import FraudCharge, FraudState
from market.credit.models import SubjectKind
from market.delivery.models import Courier
from market.people.models import Account
from market.shops.models import Shop


@dataclass(frozen=True, slots=True)
class Chargeable:
    """A shop or courier of the county, by name."""

    kind: SubjectKind
    id: uuid.UUID
    name: str


def chargeable(session: Session, county_code: str) -> list[Chargeable]:
    """Every shop and courier of the county, shops first."""
    shops = session.execute(
        select(Shop.id, Shop.name).where(Shop.county_code == county_code).order_by(Shop.name, Shop.id)
    )
    couriers = session.execute(
        select(Courier.id, Account.name)
        .join(Account, Account.id == Courier.account_id)
        .where(Courier.county_code == county_code)
        .order_by(Account.name, Courier.id)
    )
    return [
        *(Chargeable(SubjectKind.shop, *row) for row in shops),
        *(Chargeable(SubjectKind.courier, *row) for row in couriers),
    ]


def charges(session: Session, county_code: str) -> Sequence[FraudCharge]:
    """The county's charges, those to be decided first, then the latest."""
    waits = case((FraudCharge.state == FraudState.charged, 0), else_=1)
    return session.scalars(
        select(FraudCharge)
        .where(FraudCharge.county_code == county_code)
        .order_by(waits, FraudCharge.charged_at.desc(), FraudCharge.id)
    ).all()


def charges_against(session: Session, kind: SubjectKind, subject_id: uuid.UUID) -> Sequence[FraudCharge]:
    """What a subject is or was charged with, the latest first."""
    return session.scalars(
        select(FraudCharge)
        .where(FraudCharge.subject_kind == kind, FraudCharge.subject_id == subject_id)
        .order_by(FraudCharge.charged_at.desc(), FraudCharge.id)
    ).all()
