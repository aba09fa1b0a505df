"""What returns and repairs ask of the county's delivery: fetch it, bring it home, bring the new one."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from market.aftersales.models import Repair, ReturnRequest
from market.aftersales.rules import REPAIR_POOL_DAYS, RETURN_POOL_DAYS, Ground
from market.delivery.jobs import JobRequest, create_job, mark_at_hub
from market.delivery.models import COUNTY
from market.delivery.queries import next_day
from market.delivery.rules import fee
from market.orders.jobs import HANDING_IN_SECONDS, where
from market.orders.models import OrderLine
from market.places.models import County

PICKUP, HOME, NEW = "pickup", "home", "new"


def freight_fen(line: OrderLine, quantity: int) -> int:
    """What fetching `quantity` pieces costs a buyer who returns them without reason, in fen."""
    snapshot, place = line.snapshot, line.shop_order.order.place.value
    weight, volume = int(snapshot["packed_weight_grams"]), int(snapshot["packed_volume_cm3"])
    return fee(place, weight * quantity, volume * quantity)


def fetch_return(session: Session, case: ReturnRequest, now: datetime) -> None:
    """The courier comes for it within a few days, on a trip that passes by."""
    party = COUNTY if case.ground is Ground.no_reason else str(case.shop_id)
    _ask(session, case, f"{case.reference}:{PICKUP}", "collect", party, case.quantity, RETURN_POOL_DAYS,
         case.freight_fen, now)  # fmt: skip


def fetch_repair(session: Session, case: Repair, now: datetime) -> None:
    """The courier comes for it within the week: trips to the station are pooled (facts §7)."""
    reference = f"{case.reference}:{PICKUP}"
    _ask(session, case, reference, "collect", str(case.shop_id), 1, REPAIR_POOL_DAYS, 0, now)


def bring_home(session: Session, case: ReturnRequest | Repair, now: datetime, due_fen: int = 0) -> None:
    """It goes back to its owner; the courier takes `due_fen` in cash for it. Each call is another try."""
    case.out_number += 1
    case.out_refused = False
    quantity = 1 if isinstance(case, Repair) else case.received_quantity or case.quantity
    reference = f"{case.reference}:{HOME}:{case.out_number}"
    _ask(session, case, reference, "deliver", str(case.shop_id), quantity, RETURN_POOL_DAYS, due_fen, now)


def way_home(case: Repair) -> str:
    """The job that brings a repair home, at its last try."""
    return f"{case.reference}:{HOME}:{case.out_number}"


def bring_new(session: Session, case: ReturnRequest, now: datetime, *, at_hub: bool = False) -> None:
    """The new one goes to its owner, once it stands at the hub. Each call is another try."""
    case.out_number += 1
    case.out_refused = False
    _ask(session, case, new_reference(case), "deliver", str(case.shop_id), case.received_quantity or 1,
         RETURN_POOL_DAYS, 0, now, at_hub=at_hub)  # fmt: skip


def new_reference(case: ReturnRequest) -> str:
    """The job that brings the new one."""
    return f"{case.reference}:{NEW}:{case.out_number}"


def _ask(
    session: Session,
    case: ReturnRequest | Repair,
    reference: str,
    kind: str,
    party: str,
    quantity: int,
    pool_days: int,
    due_fen: int,
    now: datetime,
    *,
    at_hub: bool = True,
) -> None:
    snapshot, order = case.line.snapshot, case.line.shop_order.order
    county, goes_out = session.get_one(County, case.county_code), kind == "deliver"
    request = JobRequest(
        kind=kind,
        reference=reference,
        party=party,
        promised_on=next_day(county, now) + timedelta(days=pool_days),
        weight_grams=int(snapshot["packed_weight_grams"]) * quantity,
        volume_cm3=int(snapshot["packed_volume_cm3"]) * quantity,
        longest_side_mm=int(snapshot["longest_side_mm"]),
        people=int(snapshot["people_required"]),
        skills=frozenset({str(snapshot["install_skill"])} - {"none"}) if goes_out else frozenset(),
        service_seconds=int(snapshot["install_seconds"]) if goes_out else HANDING_IN_SECONDS,
        cash_due_fen=due_fen,
        items=((str(snapshot["title"]), quantity),),
        station_consent_at=order.station_consent_at,
        **where(order),
    )
    create_job(session, request, now)
    if at_hub:
        mark_at_hub(session, reference, now)
    session.flush()
