"""The clocks of groups and places, and a deposit that is to go back."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PlaceLapses:
    """A place's deposit should have been paid by now."""

    kind: ClassVar[str] = "groups.place_lapses"
    place_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PlaceLapsed:
    """A place is free whose deposit was never paid: nobody is to pay it any more."""

    kind: ClassVar[str] = "groups.place_lapsed"
    place_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class GroupCloses:
    """The deadline: enough have joined, or not."""

    kind: ClassVar[str] = "groups.closes"
    group_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class GroupBereft:
    """The group's shop has closed."""

    kind: ClassVar[str] = "groups.bereft"
    group_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class GroupMadeBy:
    """The day by which the shop said the goods would be there."""

    kind: ClassVar[str] = "groups.made_by"
    group_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class CompletionReminder:
    """The rest is to be paid soon."""

    kind: ClassVar[str] = "groups.completion_reminder"
    group_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class CompletionEnds:
    """The rest should have been paid by now."""

    kind: ClassVar[str] = "groups.completion_ends"
    group_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class DepositFreed:
    """Nothing will take a place's deposit up: it goes back."""

    kind: ClassVar[str] = "groups.deposit_freed"
    place_id: uuid.UUID
