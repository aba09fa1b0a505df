"""Claims for tests: goods sold with a subsidy, delivered with all that proves it, reviewed and paid."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.delivery.close_batch import close_batch
from market.delivery.drive import complete_stop, start_run
from market.delivery.models import Courier, Run, StopState
from market.delivery.plan_batch import plan_batch, release_batch
from market.kernel.clock import local_date
from market.orders.models import Order
from market.people.models import Account
from market.subsidies import review, treasury
from market.subsidies.models import Claim
from market.subsidies.review_models import Auditor, TreasuryBatch
from market.subsidies.treasury_rules import PAID, REJECTED, RESULT_HEADER, plain_yuan
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, left_at, react, to_the_hub
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county
from tests.builders.shops import a_shop
from tests.builders.subsidies import a_checked_name, a_funded_programme
from worker.handlers import HANDLERS

_numbers = count(1)


def a_gtin() -> str:
    """A valid barcode of nobody's."""
    body = f"299{next(_numbers):09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{(10 - total % 10) % 10}"


def a_washer(session: Session, now: datetime, price_fen: int = 259_900, **changes: Any) -> Listing:
    """A washer of grade 1 with its barcode and label, subsidised at 15 %: 2,599.00 less 389.85."""
    offer = an_offer_draft(list_price_fen=max(price_fen, 279_900), price_fen=price_fen)
    a_county(session, COUNTY)
    a_funded_programme(session, COUNTY, now)
    product = a_product_draft(gtin=a_gtin(), **changes)
    washer = a_listing(session, a_shop(session, now), now, product=product, offer=offer)
    a_verified_label(session, washer, now)
    session.refresh(washer.product)
    return washer


def an_auditor(session: Session, now: datetime, county_code: str = COUNTY) -> Account:
    """Somebody of a firm that looks at the county's claims."""
    account = an_account(session, now, name="审计员")
    session.add(
        Auditor(account_id=account.id, county_code=county_code, firm="某会计师事务所", created_at=now)
    )
    session.flush()
    return account


def claim_of(session: Session, order: Order) -> Claim:
    """The claim of the order's first line."""
    reference = order.shop_orders[0].lines[0].reference
    found = select(Claim).where(Claim.reference == reference).execution_options(populate_existing=True)
    return session.scalars(found).one()


def a_sold_washer(
    session: Session, now: datetime, washer: Listing | None = None, buyer: Account | None = None, **left: Any
) -> Order:
    """A washer delivered against cash that is in the bank, with every proof but for what `left` changes."""
    washer = washer or a_washer(session, now)
    buyer = buyer or a_checked_name(session, an_account(session, now), now)
    order = an_order(session, buyer, [(washer, 1)], now, key=f"claim-{next(_numbers)}")
    to_the_hub(session, order, now)
    runs = _released(session, now)
    for run in runs:
        assert run.courier is not None
        start_run(session, run.courier, run.id, now)
    react(session, now)
    address = order.address
    proofs = {
        "serial_numbers": (f"SN-{next(_numbers):06d}",),
        "label_codes": (washer.product.labels[0].record_number,),
        "photo": b"jpeg",
        "lat": address["lat"],
        "lon": address["lon"],
        "is_confirmed": True,
        **left,
    }
    for stop in (stop for run in runs for stop in run.stops):
        if stop.state is StopState.pending and stop.run.courier is not None:
            complete_stop(session, stop.run.courier, stop.id, left_at(stop, **proofs), now)
    react(session, now)
    for handle in HANDLERS["cash.banked"]:
        handle(session, {"reference": order.shop_orders[0].reference}, now)
    session.flush()
    session.expire_all()
    return order


def _released(session: Session, now: datetime) -> list[Run]:
    """Another wave of tomorrow's batch with what stands at the hub."""
    if session.scalar(select(Courier.id)) is None:
        a_courier(session, now, COUNTY)
    day = local_date(now) + timedelta(days=1)
    batch = close_batch(session, COUNTY, day, next(_numbers), now)
    plan_batch(session, batch.id, now, cpu_seconds=0.05)
    session.refresh(batch)
    release_batch(session, COUNTY, batch.id, now)
    react(session, now)
    return list(batch.runs)


def approved(session: Session, claim: Claim, now: datetime) -> None:
    """Let an auditor and two operators agree."""
    auditor = an_auditor(session, now)
    review.pass_audit(session, COUNTY, auditor.id, claim.id, "材料齐全", now)
    for _ in range(2):
        review.approve(session, COUNTY, an_operator(session, now).id, claim.id, "同意", now)


def batch_of(session: Session, now: datetime) -> TreasuryBatch:
    """Everything that is ready, in a batch."""
    made = treasury.make_batch(session, COUNTY, an_operator(session, now).id, now)
    assert made is not None
    return made


def answers(batch: TreasuryBatch, paid: bool = True, **changes: str) -> bytes:
    """What the treasury answers to every line of `batch`."""
    rows = [",".join(RESULT_HEADER)]
    for line in batch.lines:
        row = {
            "number": line.number,
            "result": PAID if paid else REJECTED,
            "amount": plain_yuan(line.amount_fen),
            "reference": "CZ-1" if paid else "",
            "reason": "" if paid else "发票不清楚",
            **changes,
        }
        rows.append(",".join(row.values()))
    return "\n".join(rows).encode()


def answered(session: Session, batch: TreasuryBatch, now: datetime, paid: bool = True) -> None:
    """The treasury's answer to `batch`, imported."""
    file = treasury.upload(session, COUNTY, an_operator(session, now).id, answers(batch, paid), now)
    treasury.apply(session, COUNTY, file.id, now)
    session.expire_all()


def a_paid_claim(session: Session, now: datetime, **left: Any) -> tuple[Order, Claim]:
    """An order whose subsidy the treasury has paid, and its claim."""
    order = a_sold_washer(session, now, **left)
    claim = claim_of(session, order)
    approved(session, claim, now)
    answered(session, batch_of(session, now), now)
    return order, claim
