"""What the page of an order says besides the order itself: all of it in one statement."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, or_, select
from sqlalchemy.orm import Session

from market.aftersales.models import Repair, ReturnRequest
from market.catalog.models import Product
from market.credit.models import Review
from market.delivery.live import expected_at
from market.delivery.models import Batch, Job, JobState, Kept, Proof, Run, RunState, Stop
from market.invoices.models import Invoice
from market.kernel.together import Together, hang
from market.orders.models import Order
from market.payments.models import Refund
from market.recalls.models import Recall, RecallUnit
from market.recalls.stopped_models import StoppedSale
from market.recycling.models import TradeIn
from market.recycling.states import TradeInState
from market.subsidies.models import Claim

_PARTS = any_(bindparam("parts", type_=ARRAY(Text)))
_LINES = any_(bindparam("lines", type_=ARRAY(Text)))
_PART_IDS = any_(bindparam("part_ids", type_=ARRAY(Uuid)))
_LINE_IDS = any_(bindparam("line_ids", type_=ARRAY(Uuid)))
_STOPS = select(Job.stop_id).where(Job.reference == _PARTS)
_RUNS = (
    select(Stop.run_id)
    .join(Run, Run.id == Stop.run_id)
    .where(Stop.id.in_(_STOPS), Run.state.in_((RunState.released, RunState.underway)))
)
_FACTS = Together(
    select(Review).where(Review.reference == _LINES),
    select(TradeIn).where(TradeIn.reference == bindparam("order"), TradeIn.state != TradeInState.cancelled),
    select(Proof, Job.reference)
    .join(Job, Job.stop_id == Proof.stop_id)
    .where(Job.reference == _PARTS, Job.state != JobState.refused),
    select(Refund).where(Refund.shop_order_id == _PART_IDS).order_by(Refund.created_at, Refund.id),
    select(Job).where(or_(Job.reference == _PARTS, Job.stop_id.in_(_STOPS))).order_by(Job.id),
    select(Kept, Job).join(Job, Job.id == Kept.job_id).where(Job.reference == _PARTS),
    select(Invoice).where(Invoice.shop_order_id == _PART_IDS).order_by(Invoice.issued_at, Invoice.id),
    select(RecallUnit, Recall, Product)
    .join(Recall, Recall.id == RecallUnit.recall_id)
    .join(Product, Product.id == Recall.product_id)
    .where(RecallUnit.order_line_id == _LINE_IDS)
    .order_by(RecallUnit.id),
    select(Claim).where(Claim.reference == _LINES),
    select(ReturnRequest).where(ReturnRequest.order_line_id == _LINE_IDS).order_by(ReturnRequest.id.desc()),
    select(Repair).where(Repair.order_line_id == _LINE_IDS).order_by(Repair.id.desc()),
    select(StoppedSale).where(StoppedSale.shop_order_id == _PART_IDS),
    select(Run, Batch).join(Batch, Batch.id == Run.batch_id).where(Run.id.in_(_RUNS)),
    select(Stop).where(Stop.run_id.in_(_RUNS)).order_by(Stop.sequence),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """By reference of a line: `reviews` and `claims`; of a shop order: `proofs`, `jobs` and `kept`.

    By id of a shop order: `refunds`, `invoices` and `stopped`; of a line: `recalled` and `cases`. `runs` are
    those on the road that carry a part of it, whole; `stops` are theirs.
    """

    reviews: dict[str, Review]
    claims: dict[str, Claim]
    proofs: dict[str, Proof]
    jobs: dict[str, Job]
    kept: dict[str, Kept]
    refunds: dict[Any, list[Refund]]
    invoices: dict[Any, list[Invoice]]
    stopped: dict[Any, StoppedSale]
    recalled: dict[Any, list[RecallUnit]]
    cases: dict[Any, list[ReturnRequest | Repair]]
    trade_in: TradeIn | None
    stops: dict[Any, Stop]

    def pickup_code(self, reference: str) -> str | None:
        """What she says to have that part; None where nothing was made ready to be carried."""
        job = self.jobs.get(reference)
        return job.pickup_code if job else None

    def window(self, reference: str, now: datetime) -> tuple[datetime, datetime] | None:
        """From when until when she had better be at home for that part; None where nobody comes."""
        job = self.jobs.get(reference)
        stop = self.stops.get(job.stop_id) if job else None
        return expected_at(stop.run, stop.id, now) if stop else None


def facts(session: Session, order: Order) -> Facts:
    """What belongs to her `order`."""
    parts = order.shop_orders
    lines = [line for part in parts for line in part.lines]
    (
        reviews, trade_ins, proofs, refunds, jobs, kept, invoices, recalled, claims, returns, repairs,
        stopped, runs, stops,
    ) = _FACTS.read(
        session,
        order=f"order:{order.id}",
        parts=[part.reference for part in parts],
        part_ids=[part.id for part in parts],
        lines=[line.reference for line in lines],
        line_ids=[line.id for line in lines],
    )  # fmt: skip
    hang(Run.stops, [run for run, _batch in runs], stops)
    hang(Stop.jobs, stops, jobs)
    return Facts(
        reviews={it.reference: it for it in reviews},
        claims={it.reference: it for it in claims},
        proofs={reference: proof for proof, reference in proofs},
        jobs={it.reference: it for it in jobs},
        kept={job.reference: it for it, job in kept},
        refunds=_by(refunds, lambda it: it.shop_order_id),
        invoices=_by(invoices, lambda it: it.shop_order_id),
        stopped={it.shop_order_id: it for it in stopped},
        recalled=_by((row[0] for row in recalled), lambda it: it.order_line_id),
        cases=_by((*returns, *repairs), lambda it: it.order_line_id),
        trade_in=next(iter(trade_ins), None),
        stops={it.id: it for it in stops},
    )


def _by(things: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for it in things:
        found[key(it)].append(it)
    return dict(found)
