"""From the news of a danger to a confirmed recall, or to nothing; publishing is another person's."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.models import Product
from market.catalog.queries import product_in_county
from market.catalog.recall_rule import SERIAL_LENGTH, Scope, ScopeKind, is_run, normalized
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.recalls import deadlines, steps
from market.recalls.codes import new_code
from market.recalls.duties import open_duty
from market.recalls.models import Recall
from market.recalls.states import DutyKind, RecallState, Remedy

TEXT_CHARS = range(4, 301)
MAKER_CHARS = range(2, 81)
BATCH_CHARS = range(1, 41)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an operator writes: which pieces of a product, what can happen, and what an owner should do."""

    scope: Scope
    maker: str
    hazard: str
    advice: str
    remedies: Collection[Remedy]
    source: str


def declare(
    session: Session,
    county_code: str,
    product_id: uuid.UUID,
    what: Declaration,
    by_id: uuid.UUID,
    now: datetime,
) -> Recall:
    """Note the news of a danger; it has to be reported within two working days (facts §6.6).

    Raises NotFound where no shop of the county sells the product; Refused: ``recalls.maker``,
    ``recalls.hazard``, ``recalls.advice``, ``recalls.source``, ``recalls.remedies``, ``recalls.batch``,
    ``recalls.serials`` (each by its field), ``recalls.gtin_unknown`` (field kind).
    """
    product = product_in_county(session, county_code, product_id)
    if product is None:
        raise NotFound
    _check(what)
    scope = checked_scope(product, what.scope)
    recall = Recall(
        id=new_id(),
        code=new_code(now),
        county_code=county_code,
        product_id=product.id,
        state=RecallState.signal,
        kind=scope.kind,
        batch=scope.batch,
        first_serial=scope.first,
        last_serial=scope.last,
        maker=what.maker.strip(),
        hazard=what.hazard.strip(),
        advice=what.advice.strip(),
        remedies=[remedy.value for remedy in Remedy if remedy in what.remedies],
        source=what.source.strip(),
        opened_at=now,
        opened_by=by_id,
    )
    session.add(recall)
    session.flush()
    steps.record(session, recall, by_id, recall.source, now)
    due_at = deadlines.due_in_working_days(now, deadlines.REPORT_WORKING_DAYS)
    open_duty(session, recall, DutyKind.report, due_at, now)
    return recall


def investigate(
    session: Session, county_code: str, recall_id: uuid.UUID, note: str, by_id: uuid.UUID, now: datetime
) -> Recall:
    """Somebody looks into it. Raises NotFound, Refused(``state.illegal_move``)."""
    recall = steps.lock_recall(session, county_code, recall_id)
    steps.move(session, recall, RecallState.investigating, by_id, note, now)
    return recall


def confirm(
    session: Session, county_code: str, recall_id: uuid.UUID, note: str, by_id: uuid.UUID, now: datetime
) -> Recall:
    """The danger is real: a plan is wanted within ten working days, and another operator may publish.

    Raises NotFound, Refused(``state.illegal_move``).
    """
    recall = steps.lock_recall(session, county_code, recall_id)
    steps.move(session, recall, RecallState.confirmed, by_id, note, now)
    recall.confirmed_by = by_id
    session.flush()
    due_at = deadlines.due_in_working_days(now, deadlines.PLAN_WORKING_DAYS)
    open_duty(session, recall, DutyKind.plan, due_at, now)
    return recall


def dismiss(
    session: Session, county_code: str, recall_id: uuid.UUID, note: str, by_id: uuid.UUID, now: datetime
) -> Recall:
    """Nothing was found. Raises NotFound, Refused(``recalls.note``, field note | ``state.illegal_move``)."""
    recall = steps.lock_recall(session, county_code, recall_id)
    if len(note.strip()) not in TEXT_CHARS:
        raise Refused("recalls.note", field="note")
    steps.move(session, recall, RecallState.dismissed, by_id, note, now)
    return recall


def checked_scope(product: Product, scope: Scope) -> Scope:
    """The scope as it is kept, with normalized numbers and nothing that its kind has no use for."""
    if scope.kind is ScopeKind.gtin and product.gtin is None:
        raise Refused("recalls.gtin_unknown", field="kind")
    if scope.kind is ScopeKind.batch:
        batch = normalized(scope.batch or "")
        if len(batch) not in BATCH_CHARS:
            raise Refused("recalls.batch", field="batch")
        return Scope(scope.kind, batch=batch)
    if scope.kind is ScopeKind.serials:
        first, last = normalized(scope.first or ""), normalized(scope.last or "")
        if len(first) not in SERIAL_LENGTH or not is_run(first, last):
            raise Refused("recalls.serials", field="first_serial")
        return Scope(scope.kind, first=first, last=last)
    return Scope(scope.kind)


def _check(what: Declaration) -> None:
    texts = {
        "recalls.hazard": what.hazard,
        "recalls.advice": what.advice,
        "recalls.source": what.source,
    }
    if len(what.maker.strip()) not in MAKER_CHARS:
        raise Refused("recalls.maker", field="maker")
    for code, text in texts.items():
        if len(text.strip()) not in TEXT_CHARS:
            raise Refused(code, field=code.removeprefix("recalls."))
    if not what.remedies:
        raise Refused("recalls.remedies", field="remedies")
