"""What the delivery did not leave, the shop brings afterwards; the claim says that it was brought by hand."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.recalled import first_recalled
from market.kernel.errors import Refused
from market.subsidies import evidence, review, trail
from market.subsidies.about import read
from market.subsidies.models import Claim, ClaimState
from market.subsidies.review_models import StepKind

TEXT_LENGTH = range(4, 301)
_OPEN = (ClaimState.delivered, ClaimState.installed)


def is_gtin(text: str) -> bool:
    """Whether `text` is a 13-digit barcode whose last digit checks."""
    if len(text) != 13 or not text.isdecimal() or not text.isascii():
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text[:12]))
    return (10 - total % 10) % 10 == int(text[12])


def bring(
    session: Session,
    shop_id: uuid.UUID,
    claim_id: uuid.UUID,
    kind: str,
    text: str,
    by_id: uuid.UUID,
    now: datetime,
) -> Claim:
    """The shop brings a missing `kind`: the number itself, or where its paper is kept and what it says.

    Raises NotFound where it is another shop's; Refused: ``subsidy.not_missing`` (field kind);
    ``subsidy.evidence_text``, ``subsidy.gtin``, ``subsidy.label_record``, ``subsidy.serial_recalled`` and
    ``subsidy.serial_claimed`` (field text). The last leaves a flag with the claim, for the caller to commit.
    """
    claim = review.locked_of_shop(session, shop_id, claim_id)
    lacking = evidence.missing(session, claim)
    if claim.state not in _OPEN or kind not in lacking or kind in evidence.BY_ITSELF:
        raise Refused("subsidy.not_missing", field="kind")
    said = text.strip()
    if len(said) not in TEXT_LENGTH:
        raise Refused("subsidy.evidence_text", field="text")
    if kind == evidence.SERIAL:
        _bring_serials(session, claim, said, now)
    else:
        evidence.keep(session, claim, {kind: _value(claim, kind, said) | {"by": str(by_id)}}, now)
    trail.note(session, claim, StepKind.brought, now, by_id=by_id, reason=f"{kind}: {said}")
    evidence.follow(session, claim, now)
    return claim


def _bring_serials(session: Session, claim: Claim, said: str, now: datetime) -> None:
    values = said.replace("，", " ").replace(",", " ").split()
    product_id = read(claim.about).product_id if claim.about else None
    if recalled := first_recalled(session, values, product_id):
        raise Refused("subsidy.serial_recalled", field="text", serial=recalled)
    evidence.keep(session, claim, {evidence.SERIAL: {"values": values}}, now)
    if evidence.SERIAL in evidence.missing(session, claim):
        raise Refused("subsidy.serial_claimed", field="text", units=claim.units)


def _value(claim: Claim, kind: str, said: str) -> dict[str, object]:
    about = read(claim.about or {})
    if kind == evidence.GTIN:
        if not is_gtin(said):
            raise Refused("subsidy.gtin", field="text")
        return {"value": said}
    if kind == evidence.LABEL:
        if not any(record in said for record in about.labels):
            raise Refused("subsidy.label_record", field="text")
        return {"values": [said]}
    return {"text": said}
