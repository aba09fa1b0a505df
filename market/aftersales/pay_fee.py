"""A repair's fee, paid online before the courier sets out with it; in cash at the door it is paid as ever."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.aftersales import jobs, trail
from market.aftersales.models import Repair
from market.aftersales.repair_desk import pay
from market.aftersales.states import RepairState
from market.delivery.jobs import cancel_job
from market.delivery.queries import is_on_the_road
from market.kernel.errors import NotFound, Refused
from market.ledger.rules import STRIPE_CLEARING
from market.payments.models import Payment
from market.payments.pay import begin_bill
from market.payments.settle import give_back


def begin_fee(session: Session, account_id: uuid.UUID, repair_id: uuid.UUID, now: datetime) -> Payment:
    """The open payment of what she agreed to pay for a mended piece, a new one if need be.

    Raises NotFound where it is not hers; Refused ``payment.not_due``, ``aftersales.on_the_road`` (the courier
    takes the cash).
    """
    case = trail.lock_repair(session, repair_id)
    if case.account_id != account_id:
        raise NotFound
    if not is_fee_due(case):
        raise Refused("payment.not_due")
    if is_on_the_road(session, jobs.way_home(case)):
        raise Refused("aftersales.on_the_road")
    return begin_bill(session, case.line.shop_order.order_id, case.reference, case.fee_fen, now)


def fee_paid(session: Session, payment_id: uuid.UUID, now: datetime) -> None:
    """The provider has her money: the courier asks for none any more. Where he has it in cash already, or is
    on the road and will, it goes back to her. Once; nothing for bills of other rooms."""
    payment = session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    kind, _, repair_id = (payment.bill or "").partition(":")
    if kind != "repair" or payment.credited_at is not None:
        return
    case = trail.lock_repair(session, uuid.UUID(repair_id))
    payment.credited_at = now
    home = jobs.way_home(case)
    if not is_fee_due(case) or case.fee_fen != payment.amount_fen or is_on_the_road(session, home):
        give_back(session, payment, now)
        return
    pay(session, case, STRIPE_CLEARING, now)
    if not case.out_refused:
        cancel_job(session, home, now)
        jobs.bring_home(session, case, now)


def is_fee_due(case: Repair) -> bool:
    """Whether it is mended, on its way home, and not paid for."""
    return case.state is RepairState.going_home and case.fee_fen > 0 and case.paid_at is None
