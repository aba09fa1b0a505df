"""What has to come to its end before an account can: each in one word that a page makes a sentence of."""

import uuid
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Exists, and_, or_, select
from sqlalchemy.orm import Session

from market.aftersales.models import Repair, ReturnRequest
from market.aftersales.states import REPAIR_OVER, RETURN_OVER
from market.collection.models import CollectionPoint
from market.delivery.models import Courier
from market.groups.models import GroupPlace
from market.groups.states import FREED, PlaceState
from market.orders.models import Order, OrderState
from market.payments.models import Refund, RefundState
from market.people.models import CountyStaff, StationKeeper
from market.points.models import PointsAccount
from market.recycling.models import RecyclerStaff, RecyclingOrder, TradeIn, TradeInDue
from market.recycling.states import DueState, RecyclingState, TradeInState
from market.shops.models import ShopStaff
from market.subsidies.models import Claim, ClaimState
from market.subsidies.review_models import Auditor

_CLAIM_OVER = (
    ClaimState.paid_out,
    ClaimState.clawback_done,
    ClaimState.released,
    ClaimState.expired,
    ClaimState.withdrawn,
    ClaimState.returned,
)
# Nothing was sent yet, or it has been paid for or come home: its owner waits for nothing.
_HERS_NO_MORE = (
    RecyclingState.draft,
    RecyclingState.quoted,
    RecyclingState.paid,
    RecyclingState.wiped,
    RecyclingState.graded,
    RecyclingState.resold,
    RecyclingState.dismantled,
    RecyclingState.returned,
    RecyclingState.compensated,
    RecyclingState.expired,
    RecyclingState.cancelled,
)
_NOT_SETTLED = (
    TradeInState.awaiting_pickup,
    TradeInState.not_handed_in,
    TradeInState.collected,
    TradeInState.reoffer,
    TradeInState.disputed,
    TradeInState.unanswered,
    TradeInState.going_home,
)
# One that failed is tried again: it is owed still.
_REFUND_UNDER_WAY = (
    RefundState.requested,
    RefundState.approved,
    RefundState.sent,
    RefundState.failed,
)


def _some(*conditions: ColumnElement[bool]) -> Exists:
    return select(1).where(*conditions).exists()


def hindrances(session: Session, account_id: uuid.UUID) -> Iterator[str]:
    """The codes of what is still under way, the buyer's own first."""
    codes, questions = zip(*_questions(account_id), strict=True)
    answers = session.execute(select(*(it.label(f"is_{n}") for n, it in enumerate(questions)))).one()
    yield from (code for code, is_so in zip(codes, answers, strict=True) if is_so)


def _questions(me: uuid.UUID) -> Iterator[tuple[str, ColumnElement[bool]]]:
    orders = select(Order.id).where(Order.account_id == me)
    yield "privacy.order", orders.where(Order.state == OrderState.placed).exists()
    yield "privacy.refund", _some(Refund.account_id == me, Refund.state.in_(_REFUND_UNDER_WAY))
    waits = GroupPlace.state.in_((PlaceState.held, PlaceState.joined))
    owed = and_(GroupPlace.state.in_(FREED), GroupPlace.given_back_fen < GroupPlace.deposit_fen)
    yield "privacy.group", _some(GroupPlace.account_id == me, or_(waits, owed))
    yield "privacy.case", _some(ReturnRequest.account_id == me, ReturnRequest.state.not_in(RETURN_OVER))
    yield "privacy.case", _some(Repair.account_id == me, Repair.state.not_in(REPAIR_OVER))
    yield (
        "privacy.sent_in",
        _some(RecyclingOrder.account_id == me, RecyclingOrder.state.not_in(_HERS_NO_MORE)),
    )
    mine = select(TradeIn.id).where(TradeIn.account_id == me)
    yield "privacy.sent_in", mine.where(TradeIn.state.in_(_NOT_SETTLED)).exists()
    yield "privacy.claim", _some(Claim.account_id == me, Claim.state.not_in(_CLAIM_OVER))
    yield "privacy.debt", _some(PointsAccount.account_id == me, PointsAccount.debt > 0)
    yield "privacy.debt", _some(TradeInDue.trade_in_id.in_(mine), TradeInDue.state == DueState.open)
    works = (
        ShopStaff.account_id,
        Courier.account_id,
        CountyStaff.account_id,
        StationKeeper.account_id,
        RecyclerStaff.account_id,
        Auditor.account_id,
        CollectionPoint.keeper_id,
    )
    yield "privacy.works_here", or_(*(_some(column == me) for column in works))
