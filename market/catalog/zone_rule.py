"""The green zone's published rule: what lets a product in, and what keeps it out. Pure.

The open pages print `CONDITIONS` and `WORST_GRADE` as they stand here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from market.catalog.rules import Label, LabelState, is_valid

WORST_GRADE = 2


class ZoneReason(StrEnum):
    """Why a product is not in the zone."""

    recalled = "recalled"
    no_label = "no_label"
    unverified = "unverified"
    label_rejected = "label_rejected"
    label_expired = "label_expired"
    grade_too_low = "grade_too_low"
    ccc_lapsed = "ccc_lapsed"


CONDITIONS = (
    ZoneReason.recalled,
    ZoneReason.unverified,
    ZoneReason.label_expired,
    ZoneReason.grade_too_low,
    ZoneReason.ccc_lapsed,
)
"""What the rule asks, in the order in which it asks; each is named by what fails it."""


class Scheme(StrEnum):
    """Whose certificate it is."""

    ccc = "ccc"
    cqc_energy = "cqc_energy"
    china_green = "china_green"
    environmental = "environmental"
    water_efficiency = "water_efficiency"


class CertificateState(StrEnum):
    declared = "declared"
    valid = "valid"
    suspended = "suspended"
    withdrawn = "withdrawn"
    rejected = "rejected"


class Certificate(Protocol):
    """What the rules need to know of a certificate."""

    scheme: Any
    state: Any
    expires_on: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """In the zone until `last_day` (None: without end), or out of it for `reason`, some since `ended_on`."""

    reason: ZoneReason | None = None
    last_day: date | None = None
    ended_on: date | None = None


def certifies(certificate: Certificate, on: date) -> bool:
    """Whether the certificate's badge may be shown on that day: verified, not suspended, not expired."""
    expires_on = certificate.expires_on
    return certificate.state is CertificateState.valid and (expires_on is None or on <= expires_on)


def verdict(
    labels: Iterable[Label], certificates: Iterable[Certificate], recalled: bool, today: date
) -> Verdict:
    """What the rule says of a product with these papers on `today`."""
    labels = list(labels)
    good = [label for label in labels if is_valid(label, today) and label.grade <= WORST_GRADE]
    if recalled:
        return Verdict(ZoneReason.recalled)
    if not good:
        return _without_good_label(labels, today)
    compulsory = [one for one in certificates if one.scheme is Scheme.ccc and one.state in _LOOKED_AT]
    standing = [one for one in compulsory if certifies(one, today)]
    if compulsory and not standing:
        return Verdict(ZoneReason.ccc_lapsed)
    ends = [_last([label.expires_on for label in good]), _last([one.expires_on for one in standing])]
    return Verdict(last_day=min((end for end in ends if end), default=None))


_LOOKED_AT = {CertificateState.valid, CertificateState.suspended, CertificateState.withdrawn}


def _without_good_label(labels: Sequence[Label], today: date) -> Verdict:
    verified = [label for label in labels if label.state is LabelState.verified]
    expired = [label.expires_on for label in verified if not is_valid(label, today)]
    if len(expired) < len(verified):
        return Verdict(ZoneReason.grade_too_low)
    if expired:
        return Verdict(ZoneReason.label_expired, ended_on=max(expired))
    if any(label.state is LabelState.declared for label in labels):
        return Verdict(ZoneReason.unverified)
    return Verdict(ZoneReason.label_rejected if labels else ZoneReason.no_label)


def _last(days: Sequence[date | None]) -> date | None:
    """The latest of the days; None where one has no end, or there are none."""
    known = [day for day in days if day]
    return max(known) if known and len(known) == len(days) else None
