"""The lives of a draw, an inspection and a case (facts §3.5)."""

from enum import StrEnum

from market.kernel.states import States


class DrawState(StrEnum):
    announced = "announced"
    drawn = "drawn"


class InspectionState(StrEnum):
    draft = "draft"
    confirmed = "confirmed"
    published = "published"
    rectified = "rectified"
    closed = "closed"


class CaseState(StrEnum):
    filed = "filed"
    taken_up = "taken_up"
    answered = "answered"


class Severity(StrEnum):
    minor = "minor"
    major = "major"
    critical = "critical"


class CaseKind(StrEnum):
    """What people report."""

    illegal_dismantling = "illegal_dismantling"
    fake_parts = "fake_parts"
    data_leak = "data_leak"
    pollution = "pollution"
    price = "price"
    other = "other"


class Outcome(StrEnum):
    """What a case came to."""

    borne_out = "borne_out"
    not_borne_out = "not_borne_out"
    not_ours = "not_ours"


DRAW_STATES = States("draw", {DrawState.announced: {DrawState.drawn}, DrawState.drawn: set()})

INSPECTION_STATES = States(
    "inspection",
    {
        InspectionState.draft: {InspectionState.confirmed},
        # The second person may send it back.
        InspectionState.confirmed: {InspectionState.published, InspectionState.draft},
        InspectionState.published: {InspectionState.rectified},
        InspectionState.rectified: {InspectionState.closed},
        InspectionState.closed: set(),
    },
)

CASE_STATES = States(
    "case",
    {
        CaseState.filed: {CaseState.taken_up},
        CaseState.taken_up: {CaseState.answered},
        CaseState.answered: set(),
    },
)

PUBLIC = frozenset({InspectionState.published, InspectionState.rectified, InspectionState.closed})
