"""The lives of a recall, of one of its pieces, and what can be done for a buyer (facts §6.6)."""

from enum import StrEnum

from market.kernel.states import States


class RecallState(StrEnum):
    signal = "signal"
    investigating = "investigating"
    confirmed = "confirmed"
    listing_frozen = "listing_frozen"
    notice_sent = "notice_sent"
    remedy = "remedy"
    progress = "progress"
    closed = "closed"
    dismissed = "dismissed"


RECALL_STATES = States(
    "recall",
    {
        RecallState.signal: {RecallState.investigating, RecallState.dismissed},
        RecallState.investigating: {RecallState.confirmed, RecallState.dismissed},
        RecallState.confirmed: {RecallState.listing_frozen, RecallState.dismissed},
        RecallState.listing_frozen: {RecallState.notice_sent},
        RecallState.notice_sent: {RecallState.remedy, RecallState.closed},
        RecallState.remedy: {RecallState.progress, RecallState.closed},
        RecallState.progress: {RecallState.closed},
        RecallState.closed: set(),
        RecallState.dismissed: set(),
    },
)
PUBLISHED = (
    RecallState.listing_frozen,
    RecallState.notice_sent,
    RecallState.remedy,
    RecallState.progress,
    RecallState.closed,
)
RUNNING = PUBLISHED[:-1]
BEFORE = (RecallState.signal, RecallState.investigating, RecallState.confirmed)


class UnitState(StrEnum):
    listed = "listed"  # found, nobody told yet
    told = "told"
    reached = "reached"  # she has read it, or was spoken to
    chosen = "chosen"  # she said what she wants
    remedied = "remedied"
    unreachable = "unreachable"
    not_affected = "not_affected"
    pulled = "pulled"  # taken off a shop's shelf


UNIT_STATES = States(
    "recall_unit",
    {
        UnitState.listed: {UnitState.told, UnitState.pulled, UnitState.not_affected},
        UnitState.told: {
            UnitState.reached,
            UnitState.chosen,
            UnitState.unreachable,
            UnitState.not_affected,
        },
        UnitState.reached: {UnitState.chosen, UnitState.unreachable, UnitState.not_affected},
        UnitState.chosen: {UnitState.remedied, UnitState.unreachable},
        UnitState.unreachable: {UnitState.reached, UnitState.chosen},
        UnitState.pulled: {UnitState.told},  # it had been sold after all
        UnitState.remedied: set(),
        UnitState.not_affected: set(),
    },
)
WITH_BUYER_OPEN = (UnitState.listed, UnitState.told, UnitState.reached, UnitState.chosen)


class Remedy(StrEnum):
    repair = "repair"
    replacement = "replacement"
    refund = "refund"
    collect = "collect"


class Bearer(StrEnum):
    """Who bears what a remedy cost: the maker; or the shop, where it sold after the recall was published."""

    maker = "maker"
    shop = "shop"


class DutyKind(StrEnum):
    """What the law wants reported (Interim Provisions on the Recall of Consumer Products, facts §6.6)."""

    report = "report"
    plan = "plan"
    progress = "progress"
    summary = "summary"


IN_WORKING_DAYS = frozenset({DutyKind.report, DutyKind.plan, DutyKind.summary})
