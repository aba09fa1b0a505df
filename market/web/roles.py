"""Which doors a person may go through, for the links on the account's first page."""

import uuid
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from market.people.queries import county_of_staff


@dataclass(frozen=True, slots=True)
class Door:
    """A door by its name and address."""

    name: str
    url: str


def doors_of(session: Session, account_id: uuid.UUID) -> list[Door]:
    """The working doors of the person; a villager has none."""
    doors = []
    if county_of_staff(session, account_id):
        doors.append(Door(_("县运营台"), url_for("county.home")))
    return doors
