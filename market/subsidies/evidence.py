"""What proves a claim: gathered from what really happened, and what is missing is brought by its shop.

What a programme demands is its `evidence` list (facts §1.5). The market finds the payment and the invoice by
itself, the courier leaves the rest at the door.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.recalled import is_recalled
from market.subsidies import review, serials
from market.subsidies.about import About, read
from market.subsidies.models import Claim, ClaimState, Evidence, ProgrammeRow
from market.subsidies.trail import move

PAYMENT = "pos_or_app_payment_slip"
INVOICE = "invoice"
GTIN = "gtin"
SERIAL = "sn"
LABEL = "energy_label_qr"
PHOTO = "delivery_photo"
PLACE = "delivery_geo"
SIGN_OFF = "install_signoff"
RECIPIENT = "recipient_match"
CONFIRMATION = "subsidy_confirmation_signature"
REAL_NAME = "real_name"
ACTIVATION = "activation"
# Programmes whose text names no papers ask for what the auditors of 2026 look at (facts §1.3, §1.4).
USUAL = (PAYMENT, INVOICE, GTIN, SERIAL, LABEL, PHOTO, PLACE, SIGN_OFF, RECIPIENT)
# What the market finds by itself, and the buyer's own checked name; the shop can bring everything else.
BY_ITSELF = frozenset({PAYMENT, INVOICE, REAL_NAME})


def demanded(rules: Mapping[str, Any], about: About | None) -> tuple[str, ...]:
    """The kinds that a programme's `rules` ask for, where they make sense for what was bought."""
    kinds = tuple(rules.get("evidence") or USUAL)
    senseless = set()
    if about is not None and not about.needs_install:
        senseless.add(SIGN_OFF)
    if about is not None and not about.labels:
        senseless.add(LABEL)
    return tuple(kind for kind in kinds if kind not in senseless)


def of_claim(session: Session, claim_id: uuid.UUID) -> dict[str, Evidence]:
    """What has been gathered for a claim, by kind."""
    return {row.kind: row for row in session.scalars(select(Evidence).where(Evidence.claim_id == claim_id))}


def missing(session: Session, claim: Claim) -> list[str]:
    """The kinds that the claim still lacks."""
    about = read(claim.about) if claim.about else None
    wanted = demanded(session.get_one(ProgrammeRow, claim.programme_id).rules, about)
    there = set(session.scalars(select(Evidence.kind).where(Evidence.claim_id == claim.id)))
    return [kind for kind in wanted if kind not in there]


def gather(
    session: Session, reference: str, evidence: Mapping[str, Mapping[str, Any]], now: datetime
) -> None:
    """Keep what happened as evidence for the claim of `reference`; what is there already stays.

    Nothing happens where there is no claim, or where it has ended.
    """
    claim = session.scalar(select(Claim).where(Claim.reference == reference).with_for_update())
    if claim is not None:
        keep(session, claim, evidence, now)
        follow(session, claim, now)


def keep(session: Session, claim: Claim, evidence: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """Write `evidence` down for a claim that the caller has locked. Serial numbers go to one claim only."""
    for kind, value in evidence.items():
        if kind == SERIAL:
            _keep_serials(session, claim, value.get("values", ()), now)
        else:
            _keep(session, claim, kind, value, now)
    session.flush()


def follow(session: Session, claim: Claim, now: datetime) -> None:
    """Move a delivered claim on as far as its evidence goes; a complete one is checked and put to review."""
    if claim.state is ClaimState.delivered and SIGN_OFF in of_claim(session, claim.id):
        move(session, claim, ClaimState.installed, now)
    if claim.state in (ClaimState.delivered, ClaimState.installed) and not missing(session, claim):
        move(session, claim, ClaimState.evidence_complete, now)
        review.begin(session, claim, now)


def _keep_serials(session: Session, claim: Claim, values: Iterable[str], now: datetime) -> None:
    product_id = read(claim.about).product_id if claim.about else None
    recalled = [serial for serial in values if is_recalled(session, serial, product_id=product_id)]
    if recalled:
        review.flag_recalled(session, claim, recalled, now)
    taken = serials.take(session, claim, [one for one in values if one not in recalled], now)
    if taken:
        review.flag_reuse(session, claim, taken, now)
    own = serials.of_claim(session, claim.id)
    if len(own) >= claim.units:
        _keep(session, claim, SERIAL, {"values": own}, now)


def _keep(session: Session, claim: Claim, kind: str, value: Mapping[str, Any], now: datetime) -> None:
    session.execute(
        insert(Evidence)
        .values(claim_id=claim.id, kind=kind, value=dict(value), recorded_at=now)
        .on_conflict_do_nothing()
    )
