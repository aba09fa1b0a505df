"""The lives of a return and of a repair."""

from enum import StrEnum

from market.kernel.states import States


class ReturnState(StrEnum):
    requested = "requested"
    approved = "approved"
    refused = "refused"
    disputed = "disputed"
    collected = "collected"
    received = "received"
    exchanging = "exchanging"
    settling = "settling"
    going_home = "going_home"
    refunded = "refunded"
    exchanged = "exchanged"
    home = "home"
    closed = "closed"
    withdrawn = "withdrawn"


class RepairState(StrEnum):
    requested = "requested"
    collected = "collected"
    at_station = "at_station"
    quoted = "quoted"
    repairing = "repairing"
    waiting_parts = "waiting_parts"
    going_home = "going_home"
    home = "home"
    replaced = "replaced"
    withdrawn = "withdrawn"


R = ReturnState
P = RepairState

RETURN_STATES = States(
    "return",
    {
        # What has nothing to come back (a lower price, a missing piece) is settled once it is agreed.
        R.requested: {R.approved, R.refused, R.disputed, R.settling, R.withdrawn},
        R.refused: {R.disputed, R.closed},
        # A person of the county decides: it goes on, it is paid, or it ends and the goods go home.
        R.disputed: {R.approved, R.exchanging, R.settling, R.going_home, R.closed, R.withdrawn},
        R.approved: {R.collected, R.received, R.withdrawn},
        R.collected: {R.received},
        R.received: {R.exchanging, R.settling, R.disputed},
        R.exchanging: {R.exchanged, R.settling},
        # The county does not approve the refund: it has to say what else is to happen.
        R.settling: {R.refunded, R.disputed},
        R.going_home: {R.home},
        R.refunded: set(),
        R.exchanged: set(),
        R.home: set(),
        R.closed: set(),
        # A courier without signal may have it on the truck though it was called off meanwhile.
        R.withdrawn: {R.collected},
    },
)

REPAIR_STATES = States(
    "repair",
    {
        P.requested: {P.collected, P.at_station, P.withdrawn},
        P.collected: {P.at_station},
        P.at_station: {P.quoted, P.repairing, P.going_home, P.replaced},
        P.quoted: {P.repairing, P.going_home},
        P.repairing: {P.waiting_parts, P.going_home, P.replaced},
        P.waiting_parts: {P.repairing, P.going_home, P.replaced},
        P.going_home: {P.home},
        P.home: set(),
        P.replaced: set(),
        P.withdrawn: {P.collected},
    },
)

RETURN_OVER = frozenset({R.refunded, R.exchanged, R.home, R.closed, R.withdrawn})
REPAIR_OVER = frozenset({P.home, P.replaced, P.withdrawn})
# The law's seven days to pay run from the receipt through all of these.
REFUND_RUNS = frozenset({R.received, R.exchanging, R.settling})
