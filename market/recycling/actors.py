"""For whom an account may hold, give and take things."""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from market.delivery.queries import courier_of
from market.people.queries import county_of_staff
from market.recycling.held import party_of
from market.recycling.parties import Party, Role
from market.recycling.queries import recycler_of


@dataclass(frozen=True, slots=True)
class Actor:
    """A party that an account acts for, and the county it is in."""

    party: Party
    county_code: str


def actors_of(session: Session, account_id: uuid.UUID) -> list[Actor]:
    """The parties that the account works for; none for a consumer."""
    found = []
    if courier := courier_of(session, account_id):
        found.append(Actor(Party(Role.courier, str(courier.id)), courier.county_code))
    if county_code := county_of_staff(session, account_id):
        found.append(Actor(Party(Role.hub, county_code), county_code))
    if recycler := recycler_of(session, account_id):
        found.append(Actor(party_of(recycler), recycler.county_code))
    return found
