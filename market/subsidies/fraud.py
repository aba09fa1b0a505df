"""Put together what the rules of fraud want to know of a claim."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from market.catalog.models import LabelRecord, PriceChange, Product
from market.places.rules import Position, PositionSource, distance_meters
from market.subsidies.about import About, read
from market.subsidies.fraud_rules import Facts, thresholds
from market.subsidies.models import Claim, Evidence, ProgrammeRow
from market.subsidies.review_models import ClaimSignal

_AT_THE_DOOR = ("delivery_photo", "delivery_geo", "sn")
_ACTIVATED = frozenset({"phone", "tablet", "watch"})


def facts_of(session: Session, claim: Claim) -> Facts | None:
    """What is known of a paid claim; None before it is paid."""
    if claim.about is None:
        return None
    about = read(claim.about)
    there = {
        row.kind: row.value for row in session.scalars(select(Evidence).where(Evidence.claim_id == claim.id))
    }
    invoice = there.get("invoice", {})
    rules = session.get_one(ProgrammeRow, claim.programme_id).rules
    return Facts(
        price_fen=about.price_fen,
        filed_price_fen=about.filed_price_fen,
        lowest_7_days_fen=_lowest(session, about, "deal_days_short"),
        lowest_30_days_fen=_lowest(session, about, "deal_days_long"),
        gtin=about.gtin,
        gtin_of_label=_gtin_of_label(session, about),
        labels=frozenset(about.labels),
        scanned_labels=tuple(there.get("energy_label_qr", {}).get("values", ())),
        claimants=_claimants(session, claim),
        claimant=about.claimant,
        invoice_title=invoice.get("title"),
        invoice_fen=invoice.get("amount_fen"),
        invoice_due_fen=about.money_fen + claim.amount_fen if invoice else None,
        recipient=there.get("recipient", {}).get("name"),
        unproven=frozenset(
            kind for kind in _AT_THE_DOOR if kind not in there or (kind != "sn" and "by" in there[kind])
        ),
        brought_by_hand=frozenset(kind for kind, value in there.items() if "by" in value),
        meters_off=_meters_off(about, there),
        days_to_deliver=_days(about, there),
        deadline_days=rules.get("delivery_deadline_days"),
        needs_activation=claim.category in _ACTIVATED,
        is_activated="activation" in there,
    )


def lowest_price_fen(session: Session, listing_id: uuid.UUID, days: int, before: datetime) -> int | None:
    """The lowest that a listing has cost in the `days` before; what stood at their beginning counts."""
    since = before - timedelta(days=days)
    of_listing = select(PriceChange.price_fen).where(PriceChange.listing_id == listing_id)
    within = of_listing.where(PriceChange.changed_at > since, PriceChange.changed_at <= before)
    standing = (
        of_listing.where(PriceChange.changed_at <= since).order_by(PriceChange.changed_at.desc()).limit(1)
    )
    prices = [*session.scalars(within), *session.scalars(standing)]
    return min(prices, default=None)


def _lowest(session: Session, about: About, days: str) -> int | None:
    return lowest_price_fen(session, about.listing_id, thresholds()[days].value, about.ordered_at)


def _gtin_of_label(session: Session, about: About) -> str | None:
    """The barcode of the model that the label stands for in the register, as it is now."""
    of_label = select(Product.gtin).join(LabelRecord, LabelRecord.product_id == Product.id)
    found = session.scalar(of_label.where(LabelRecord.record_number.in_(about.labels)).limit(1))
    return found or session.scalar(select(Product.gtin).where(Product.id == about.product_id))


def _claimants(session: Session, claim: Claim) -> Mapping[str, int]:
    """How many people stand behind each thing that this claim shares with others, around its own day."""
    mine, theirs = aliased(ClaimSignal), aliased(ClaimSignal)
    window = timedelta(days=thresholds()["claimants_days"].value)
    rows = session.execute(
        select(mine.kind, func.count(func.distinct(theirs.account_id)))
        .join(theirs, (theirs.kind == mine.kind) & (theirs.digest == mine.digest))
        .where(mine.claim_id == claim.id)
        .where(theirs.seen_at.between(mine.seen_at - window, mine.seen_at + window))
        .group_by(mine.kind)
    )
    return {kind: int(people) for kind, people in rows}


def _meters_off(about: About, there: Mapping[str, Mapping[str, Any]]) -> int | None:
    left = there.get("delivery_geo", {})
    if "lat" not in left:
        return None
    wanted = Position(about.lat, about.lon, PositionSource.estimated)
    return distance_meters(wanted, Position(left["lat"], left["lon"], PositionSource.estimated))


def _days(about: About, there: Mapping[str, Mapping[str, Any]]) -> int | None:
    at = there.get("delivered", {}).get("at")
    return (datetime.fromisoformat(at) - about.ordered_at).days if at else None
