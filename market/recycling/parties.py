"""Who can hold a thing that came back. A party is written ``role`` or ``role:id`` in custody."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Role(StrEnum):
    consumer = "consumer"
    post = "post"
    station = "station"
    point = "point"
    courier = "courier"
    hub = "hub"
    recycler = "recycler"
    dismantler = "dismantler"
    buyer = "buyer"


@dataclass(frozen=True, slots=True)
class Party:
    """One who holds things. Consumers and buyers have no id here: custody does not tell whose a thing was."""

    role: Role
    id: str = ""

    def __str__(self) -> str:
        return f"{self.role.value}:{self.id}" if self.id else self.role.value

    @classmethod
    def read(cls, text: str) -> Self:
        """The party that `text` stands for. Raises ValueError for an unknown role."""
        role, _, identifier = text.partition(":")
        return cls(Role(role), identifier)


CONSUMER = Party(Role.consumer)
POST = Party(Role.post)
BUYER = Party(Role.buyer)
