"""Reads of oversight: the county's, the recycler's own, and what everybody may see."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.credit.models import RatingEvent, SubjectKind
from market.kernel.errors import NotFound
from market.oversight.models import CasePhoto, Finding, Inspection, InspectionDraw, ReportedCase
from market.oversight.rules import Alert, Handled, alerts, thresholds
from market.oversight.states import PUBLIC, CaseState, Outcome
from market.recycling.models import Assessment, RecyclingOrder
from market.recycling.states import GOING_HOME, RecyclingState

RETURNED = GOING_HOME | {RecyclingState.return_shipping, RecyclingState.returned}


def draws(session: Session, county_code: str, limit: int = 20) -> Sequence[InspectionDraw]:
    """The county's draws, the latest first. All of it is public but the sealed seed."""
    return session.scalars(
        select(InspectionDraw)
        .where(InspectionDraw.county_code == county_code)
        .order_by(InspectionDraw.draws_at.desc())
        .limit(limit)
    ).all()


def inspections(session: Session, county_code: str, limit: int = 100) -> Sequence[Inspection]:
    """The county's inspections, the latest first."""
    of_county = select(Inspection).where(Inspection.county_code == county_code)
    return session.scalars(of_county.order_by(Inspection.id.desc()).limit(limit)).all()


def inspection(session: Session, county_code: str, inspection_id: uuid.UUID) -> Inspection:
    """One inspection of the county. Raises NotFound."""
    found = session.get(Inspection, inspection_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def published(session: Session, recycler_id: uuid.UUID) -> Sequence[Inspection]:
    """What was published about a recycler, the latest first."""
    public = select(Inspection).where(Inspection.recycler_id == recycler_id, Inspection.state.in_(PUBLIC))
    return session.scalars(public.order_by(Inspection.published_at.desc())).all()


def finding(session: Session, finding_id: uuid.UUID) -> tuple[Finding, Inspection]:
    """A finding with its inspection. Raises NotFound."""
    found = session.get(Finding, finding_id)
    if found is None:
        raise NotFound
    return found, session.get_one(Inspection, found.inspection_id)


def finding_about(session: Session, recycler_id: uuid.UUID, finding_id: uuid.UUID) -> Finding:
    """A published finding about the recycler. Raises NotFound."""
    found, visit = finding(session, finding_id)
    if visit.recycler_id != recycler_id or visit.state not in PUBLIC:
        raise NotFound
    return found


def overdue(session: Session, county_code: str) -> Sequence[tuple[Finding, Inspection]]:
    """Findings whose date has passed and that are not put right, the longest overdue first."""
    rows = session.execute(
        select(Finding, Inspection)
        .join(Inspection, Inspection.id == Finding.inspection_id)
        .where(
            Inspection.county_code == county_code,
            Finding.overdue_at.is_not(None),
            Finding.rectified_at.is_(None),
        )
        .order_by(Finding.due_on, Finding.id)
    )
    return [(found, visit) for found, visit in rows]


def cases(session: Session, county_code: str, limit: int = 100) -> Sequence[ReportedCase]:
    """The county's cases, those that wait first, the longest waiting of them first."""
    return session.scalars(
        select(ReportedCase)
        .where(ReportedCase.county_code == county_code)
        .order_by(ReportedCase.state == CaseState.answered, ReportedCase.id)
        .limit(limit)
    ).all()


def case(session: Session, county_code: str, case_id: uuid.UUID) -> ReportedCase:
    """One case of the county. Raises NotFound."""
    found = session.get(ReportedCase, case_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def case_by_number(session: Session, number: str) -> ReportedCase | None:
    """The case that whoever reported it follows."""
    spelled = number.strip().upper()
    return session.scalars(select(ReportedCase).where(ReportedCase.number == spelled)).one_or_none()


def case_photos(session: Session, case_id: uuid.UUID) -> Sequence[CasePhoto]:
    """The photos of a case that the caller may see."""
    of_case = select(CasePhoto).where(CasePhoto.case_id == case_id)
    return session.scalars(of_case.order_by(CasePhoto.id)).all()


def borne_out(session: Session, recycler_id: uuid.UUID) -> int:
    """How many reports about a recycler were borne out: all that the public learns of them."""
    count = select(func.count()).where(
        ReportedCase.recycler_id == recycler_id, ReportedCase.outcome == Outcome.borne_out
    )
    return session.scalar(count) or 0


def alerts_of(session: Session, recycler_id: uuid.UUID, now: datetime) -> list[Alert]:
    """What a recycler's figures of the last days warn of, computed from its orders."""
    limits = thresholds()
    return alerts(_handled(session, recycler_id, now - timedelta(days=limits.window_days)), limits)


def _handled(session: Session, recycler_id: uuid.UUID, since: datetime) -> list[Handled]:
    lowest = (
        select(func.min(Assessment.value_fen))
        .where(Assessment.order_id == RecyclingOrder.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(RecyclingOrder, lowest)
        .where(RecyclingOrder.recycler_id == recycler_id, RecyclingOrder.received_at >= since)
        .order_by(RecyclingOrder.received_at, RecyclingOrder.id)
    ).all()
    failed = _events(session, recycler_id, "wipe_failed")
    wiped = _events(session, recycler_id, "wipe_verified")
    return [
        Handled(
            code=order.code,
            quote_fen=order.quote_fen or 0,
            offer_fen=min(offer, order.quote_fen or offer) if offer is not None else None,
            wipes_failed=failed.get(order.code, 0),
            is_wiped=order.code in wiped,
            is_returned=order.state in RETURNED,
        )
        for order, offer in rows
    ]


def _events(session: Session, recycler_id: uuid.UUID, kind: str) -> dict[str, int]:
    rows = session.execute(
        select(RatingEvent.reference, func.count())
        .where(
            RatingEvent.subject_kind == SubjectKind.recycler,
            RatingEvent.subject_id == recycler_id,
            RatingEvent.kind == kind,
        )
        .group_by(RatingEvent.reference)
    )
    return {reference: int(times) for reference, times in rows}
