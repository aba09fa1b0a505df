"""The worker of a walk: it does what is due, may be dead for a day, and gets messages twice or early."""

import uuid
from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_due_batches
from market.delivery.plan_batch import plan_batch
from market.delivery.share_batch import share_batch
from market.kernel.outbox import OutboxRow, OutboxState
from market.payments import send_refund, settle
from market.settlements.pay import draw_up
from market.settlements.rules import last_month, last_week
from market.settlements.statements import draw_up_statements
from tests.stateful.people_till import Till
from worker import chores
from worker.handlers import HANDLERS
from worker.work import work

CPU_SECONDS = 0.03
NOTED = text("SELECT max(n) FROM walk_states")
COUNTIES = ("610728", "610924")


def _plan(session: Session, payload: dict[str, Any], now: datetime) -> None:
    plan_batch(session, uuid.UUID(payload["batch_id"]), now, cpu_seconds=CPU_SECONDS)


def _share(session: Session, payload: dict[str, Any], now: datetime) -> None:
    share_batch(session, uuid.UUID(payload["batch_id"]), now, cpu_seconds=CPU_SECONDS)


# As the worker's own, but for the planner: it thinks shortly, and tells nobody how far it is.
HANDS = HANDLERS | {"delivery.batch_closed": (_plan,), "delivery.batch_planned": (_share,)}


class Worker:
    """Real handlers over the rows of the outbox, one transaction each."""

    def __init__(self, engine: Engine, done: Counter[str], till: Till) -> None:
        self.engine, self.done, self.till = engine, done, till
        self.dead_until: datetime | None = None

    def catch_up(self, now: datetime) -> int:
        """Do what is due, in the order it became due, unless the worker is dead; how many it was."""
        if self.dead_until is not None and now < self.dead_until:
            return 0
        self.dead_until, count = None, 0
        while found := self._due(now):
            for row_id in found:
                self._do(row_id, now)
            count += len(found)
        return count

    def beat(self, now: datetime) -> None:
        """What the clock starts by itself: batches closed at their cut-off, the week's sheets and the month's
        statements, payments that were not heard of, tidying."""
        if self.dead_until is not None and now < self.dead_until:
            return
        with Session(self.engine) as session, session.begin():
            close_due_batches(session, now)
            chores.tidy(session, now)
        for county_code in COUNTIES:
            with Session(self.engine) as session, session.begin():
                draw_up(session, county_code, last_week(now), now)
                draw_up_statements(session, county_code, last_month(now), now)
        self._ask_about_money(now)

    def _ask_about_money(self, now: datetime) -> None:
        with Session(self.engine) as session, session.begin():
            for payment_id in settle.stale(session, now):
                settle.settle(session, self.till, payment_id, now)
            for refund_id in send_refund.stale(session, now):
                send_refund.settle_refund(session, self.till, refund_id, now)

    def again(self, chance: Random, now: datetime) -> None:
        """A message that was worked on comes once more, as if nobody had noted that it was done."""
        with Session(self.engine) as session, session.begin():
            rows = select(OutboxRow).where(OutboxRow.state == OutboxState.done).order_by(OutboxRow.id.desc())
            found = session.scalars(rows.limit(60)).all()
            if not found:
                return
            row = chance.choice(found)
            row.state, row_id = OutboxState.pending, row.id
            self.done[f"{row.kind} again"] += 1
        self._do(row_id, now)

    def early(self, chance: Random, now: datetime) -> None:
        """A clock's message comes before its time, and again when it is due."""
        with Session(self.engine) as session, session.begin():
            waits = (OutboxRow.state == OutboxState.pending) & (OutboxRow.due_at > now)
            found = session.scalars(select(OutboxRow).where(waits).order_by(OutboxRow.id)).all()
            if not found:
                return
            row = chance.choice(found)
            self.done[f"{row.kind} early"] += 1
            before = session.scalar(NOTED)
            for handler in HANDS[row.kind]:
                handler(session, row.payload, now)
            session.flush()
            assert session.scalar(NOTED) == before, f"{row.kind} before its time"

    def _due(self, now: datetime) -> list[uuid.UUID]:
        with Session(self.engine) as session:
            waits = (OutboxRow.state == OutboxState.pending) & (OutboxRow.due_at <= now)
            return list(session.scalars(select(OutboxRow.id).where(waits).order_by(OutboxRow.due_at)))

    def _do(self, row_id: uuid.UUID, now: datetime) -> None:
        with Session(self.engine) as session, session.begin():
            state = work(session, row_id, HANDS, now)
            row = session.get_one(OutboxRow, row_id)
            assert state is OutboxState.done, f"{row.kind} {row.payload}: {row.last_error}"
            self.done[row.kind] += 1
