"""The lives of a recycling order and of a trade-in (facts §3.2)."""

from enum import StrEnum

from market.kernel.states import States


class RecyclingState(StrEnum):
    draft = "draft"
    quoted = "quoted"
    label_issued = "label_issued"
    awaiting_pickup = "awaiting_pickup"
    in_transit = "in_transit"
    received = "received"
    inspecting = "inspecting"
    locked_device = "locked_device"
    reoffer = "reoffer"
    offer_accepted = "offer_accepted"
    payout_pending = "payout_pending"
    paid = "paid"
    wiped = "wiped"
    graded = "graded"
    resold = "resold"
    dismantled = "dismantled"
    rejected = "rejected"
    auto_return = "auto_return"
    return_shipping = "return_shipping"
    returned = "returned"
    return_refused = "return_refused"
    lost_in_transit = "lost_in_transit"
    compensated = "compensated"
    hazard_hold = "hazard_hold"
    expired = "expired"
    cancelled = "cancelled"


class TradeInState(StrEnum):
    awaiting_pickup = "awaiting_pickup"
    not_handed_in = "not_handed_in"
    kept = "kept"
    collected = "collected"
    reoffer = "reoffer"
    disputed = "disputed"
    unanswered = "unanswered"
    confirmed = "confirmed"
    wiped = "wiped"
    graded = "graded"
    resold = "resold"
    dismantled = "dismantled"
    going_home = "going_home"
    returned = "returned"
    cancelled = "cancelled"


class DueState(StrEnum):
    open = "open"
    paid = "paid"
    void = "void"


S = RecyclingState
T = TradeInState

STATES = States(
    "recycling_order",
    {
        S.draft: {S.quoted, S.cancelled},
        S.quoted: {S.label_issued, S.expired, S.cancelled},
        # A parcel may arrive though nobody reported that it had set out.
        S.label_issued: {S.awaiting_pickup, S.in_transit, S.received, S.expired, S.cancelled},
        S.awaiting_pickup: {S.in_transit, S.received, S.expired, S.cancelled},
        S.in_transit: {S.received, S.lost_in_transit},
        # It is scanned or arrives after all; or the carrier pays, and the owner is paid what was quoted.
        S.lost_in_transit: {S.in_transit, S.received, S.compensated},
        S.received: {S.inspecting, S.hazard_hold},
        S.inspecting: {S.offer_accepted, S.reoffer, S.locked_device, S.hazard_hold},
        S.locked_device: {S.inspecting, S.rejected, S.auto_return},
        S.reoffer: {S.offer_accepted, S.rejected, S.auto_return},
        S.offer_accepted: {S.payout_pending},
        S.payout_pending: {S.paid},
        S.paid: {S.wiped, S.graded},
        S.wiped: {S.graded},
        S.graded: {S.resold, S.dismantled},
        S.rejected: {S.return_shipping},
        S.auto_return: {S.return_shipping},
        S.return_shipping: {S.returned, S.return_refused},
        # Nobody took it in at home: sent again, fetched, or sold at the last offer. Never kept by silence.
        S.return_refused: {S.return_shipping, S.returned, S.offer_accepted},
        S.hazard_hold: {S.dismantled},
        S.resold: set(),
        S.dismantled: set(),
        S.returned: set(),
        S.compensated: set(),
        S.expired: set(),
        S.cancelled: set(),
    },
)

ON_ITS_WAY = frozenset({S.label_issued, S.awaiting_pickup, S.in_transit, S.lost_in_transit})
AT_RECYCLER = frozenset({S.received, S.inspecting})
AWAITING_ANSWER = frozenset({S.reoffer, S.locked_device})
GOING_HOME = frozenset({S.rejected, S.auto_return})
BEFORE_TRANSIT = frozenset({S.label_issued, S.awaiting_pickup})
TRACKED = BEFORE_TRANSIT | {S.in_transit, S.lost_in_transit}
PAID = frozenset({S.paid, S.wiped, S.graded, S.resold})

TRADE_IN_STATES = States(
    "trade_in",
    {
        T.awaiting_pickup: {T.collected, T.not_handed_in, T.cancelled},
        # It may still be handed in on a later trip; or she pays the credit back and keeps it.
        T.not_handed_in: {T.collected, T.kept, T.cancelled},
        # A courier without signal may have it on the truck though it was called off or paid for meanwhile.
        T.kept: {T.collected},
        T.cancelled: {T.collected},
        T.collected: {T.confirmed, T.reoffer},
        T.reoffer: {T.confirmed, T.going_home, T.disputed, T.unanswered},
        # Silence accepts nothing and a dispute is no answer: a person of the county decides.
        T.disputed: {T.confirmed, T.going_home},
        T.unanswered: {T.confirmed, T.going_home},
        T.going_home: {T.returned},
        T.confirmed: {T.wiped, T.graded},
        T.wiped: {T.graded},
        T.graded: {T.resold, T.dismantled},
        T.resold: set(),
        T.dismantled: set(),
        T.returned: set(),
    },
)

DUE_STATES = States(
    "trade_in_due",
    {DueState.open: {DueState.paid, DueState.void}, DueState.paid: set(), DueState.void: set()},
)

FOR_A_PERSON = frozenset({T.disputed, T.unanswered})
TAKEN_OVER = frozenset({T.confirmed, T.wiped, T.graded, T.resold, T.dismantled})


class HandoverState(StrEnum):
    open = "open"
    taken = "taken"
    withdrawn = "withdrawn"


HANDOVER_STATES = States(
    "handover",
    {
        HandoverState.open: {HandoverState.taken, HandoverState.withdrawn},
        HandoverState.taken: set(),
        HandoverState.withdrawn: set(),
    },
)
