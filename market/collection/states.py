"""The lives of a point, an item and a transfer (facts §3.5)."""

from enum import StrEnum

from market.kernel.states import States


class PointKind(StrEnum):
    temporary = "temporary"
    yard = "yard"


class PointState(StrEnum):
    open = "open"
    closing = "closing"
    closed = "closed"


class ItemState(StrEnum):
    booked = "booked"
    held = "held"
    awaiting_truck = "awaiting_truck"
    gone = "gone"
    lapsed = "lapsed"


class TransferState(StrEnum):
    planned = "planned"
    collected = "collected"
    signed = "signed"
    canceled = "canceled"


class Why(StrEnum):
    """Why a point is emptied."""

    nearly_full = "nearly_full"
    closing = "closing"
    asked = "asked"


POINT_STATES = States(
    "point",
    {
        PointState.open: {PointState.closing, PointState.closed},
        PointState.closing: {PointState.closed, PointState.open},
        PointState.closed: {PointState.open},
    },
)

ITEM_STATES = States(
    "item",
    {
        ItemState.booked: {ItemState.held, ItemState.lapsed},
        ItemState.held: {ItemState.awaiting_truck},
        # Its transfer was called off.
        ItemState.awaiting_truck: {ItemState.gone, ItemState.held},
        ItemState.gone: set(),
        ItemState.lapsed: set(),
    },
)

TRANSFER_STATES = States(
    "transfer",
    {
        TransferState.planned: {TransferState.collected, TransferState.canceled},
        TransferState.collected: {TransferState.signed},
        TransferState.signed: set(),
        TransferState.canceled: set(),
    },
)

TAKES_ROOM = frozenset({ItemState.booked, ItemState.held, ItemState.awaiting_truck})
ON_THE_POINT = frozenset({ItemState.held, ItemState.awaiting_truck})
