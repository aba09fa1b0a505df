"""The lives of a group and of a place in it."""

from enum import StrEnum

from market.kernel.states import States


class GroupState(StrEnum):
    open = "open"
    confirmed = "confirmed"  # the deadline is over and enough have joined: it is being made
    ready = "ready"  # it is made and in the shop: the rest is to be paid
    closed = "closed"
    missed = "missed"
    canceled = "canceled"


GROUP_STATES = States(
    "group",
    {
        GroupState.open: {GroupState.confirmed, GroupState.missed, GroupState.canceled},
        GroupState.confirmed: {GroupState.ready, GroupState.canceled},
        GroupState.ready: {GroupState.closed, GroupState.canceled},
        GroupState.closed: set(),
        GroupState.missed: set(),
        GroupState.canceled: set(),
    },
)


class PlaceState(StrEnum):
    held = "held"  # its deposit is still to be paid
    joined = "joined"
    ordered = "ordered"
    lapsed = "lapsed"  # nothing was ever paid
    left = "left"
    returned = "returned"  # the group, the shop or the goods let the buyer down
    forfeited = "forfeited"


PLACE_STATES = States(
    "place",
    {
        PlaceState.held: {PlaceState.joined, PlaceState.lapsed},
        PlaceState.joined: {
            PlaceState.ordered,
            PlaceState.left,
            PlaceState.returned,
            PlaceState.forfeited,
        },
        # An order that is undone gives the place back, or ends it.
        PlaceState.ordered: {PlaceState.joined, PlaceState.returned, PlaceState.forfeited},
        PlaceState.lapsed: set(),
        PlaceState.left: set(),
        PlaceState.returned: set(),
        PlaceState.forfeited: set(),
    },
)
LIVE = (PlaceState.held, PlaceState.joined, PlaceState.ordered)
FREED = (PlaceState.left, PlaceState.returned)
