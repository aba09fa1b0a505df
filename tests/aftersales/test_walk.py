"""Random lives of returns and repairs: the books add up at every end, and no more goes back than was paid."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.aftersales.answer_quote import accept_quote, decline_quote, repair_due
from market.aftersales.answer_return import approve_return, decide_return, dispute_return, refuse_return
from market.aftersales.exchange import new_at_hub, refund_instead, send_again, send_new
from market.aftersales.models import Decision, Found, Repair, ReturnRequest, Way
from market.aftersales.repair_desk import (
    Diagnosis,
    diagnose,
    finish,
    hand_over,
    order_parts,
    parts_came,
    take_in,
)
from market.aftersales.request_repair import request_repair, withdraw_repair
from market.aftersales.request_return import request_return, withdraw
from market.aftersales.return_clocks import return_due
from market.aftersales.rules import Ground, Remedy
from market.aftersales.states import REPAIR_STATES, RETURN_STATES
from market.aftersales.take_in_return import accept_goods, object_to_goods, receive_return
from market.delivery.models import Job, JobState
from market.inventory.models import Stock
from market.kernel.errors import NotFound, Refused
from market.orders.models import OrderLine
from market.payments import refund
from market.payments.models import Refund, RefundLine, RefundState
from tests.builders.aftersales import a_trouble, a_wish, as_told, breaks, driven, not_taken
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, delivered, react
from tests.builders.orders import an_order
from tests.builders.recycling import a_photo
from tests.builders.shops import a_shop

MOVES = 40
Move = Callable[[], object]


class Walk:
    """One buyer, one shop and one county at random, a few hours apart."""

    def __init__(self, session: Session, line: OrderLine, operator_id, dice: random.Random, now: datetime):
        self.session, self.line, self.operator_id, self.dice, self.now = session, line, operator_id, dice, now
        self.account_id, self.shop_id = line.shop_order.order.account_id, line.shop_order.shop_id
        self.done = 0

    def step(self) -> None:
        """Try one move; what is refused changes nothing."""
        self.now += timedelta(hours=self.dice.choice((0, 1, 5, 30, 100)))
        before = self.states()
        try:
            with self.session.begin_nested():
                self.dice.choice(self.moves())()
            self.done += 1
        except (Refused, NotFound):
            self.session.expire_all()
            assert self.states() == before
        self.legal(before)
        react(self.session, self.now)

    def states(self) -> dict[str, str]:
        return {it.code: it.state.value for it in (*self.all(ReturnRequest), *self.all(Repair))}

    def all(self, model):
        return self.session.scalars(select(model).execution_options(populate_existing=True)).all()

    def legal(self, before: dict[str, str]) -> None:
        """Each state that is new can be reached from the one before, in one of the table's ways."""
        for code, state in self.states().items():
            table = RETURN_STATES if code.startswith("T") else REPAIR_STATES
            assert state in {str(it) for it in table}
            if code in before and before[code] != state:
                assert state in reachable(table, before[code])

    def moves(self) -> list[Move]:
        dice, session, now = self.dice, self.session, self.now
        found = [lambda: request_return(session, self.account_id, self.line.id, self.wish(), now),
                 lambda: request_repair(session, self.account_id, self.line.id,
                                        a_trouble(way=dice.choice(list(Way))), now)]  # fmt: skip
        for case in self.all(ReturnRequest):
            found += self.of_return(case)
        for case in self.all(Repair):
            found += self.of_repair(case)
        open_jobs = select(Job).where(
            Job.state == JobState.ready, Job.reference.like("re%"), Job.reference.not_like("shop%")
        )
        for job in session.scalars(open_jobs):
            found.append(lambda job=job: driven(session, job.reference, now))
            if job.kind == "deliver":
                found.append(lambda job=job: not_taken(session, job.reference, now))
        for document in session.scalars(select(Refund).where(Refund.state == RefundState.requested)):
            decide = dice.choice((refund.approve, refund.approve, refund.reject))
            found.append(lambda it=document, f=decide: f(session, COUNTY, self.operator_id, it.id, now))
        return found

    def wish(self):
        remedy = self.dice.choice(list(Remedy))
        return a_wish(
            ground=self.dice.choice(list(Ground)),
            remedy=remedy,
            quantity=self.dice.randint(1, 3),
            words="说不清",
            way=self.dice.choice(list(Way)),
            photos=[a_photo()],
            cut_fen=self.dice.randint(1, 300_00) if remedy is Remedy.price_cut else None,
        )

    def of_return(self, case: ReturnRequest) -> list[Move]:
        s, now, d = self.session, self.now, self.dice
        shop, hers, desk = (self.shop_id, case.id), (self.account_id, case.id), (COUNTY, self.operator_id)
        count = case.received_quantity or 1
        sellable = d.randint(0, count)
        return [
            lambda: approve_return(s, *shop, now, shop_bears_freight=d.random() < 0.3),
            lambda: refuse_return(s, *shop, "不行", now),
            lambda: dispute_return(s, *hers, "行的", now),
            lambda: withdraw(s, *hers, now),
            lambda: receive_return(s, *shop, d.randint(1, case.quantity), now),
            lambda: accept_goods(
                s, self.shop_id, self.operator_id, case.id,
                as_told(sellable=sellable, write_off_reason="坏了"), now,
            ),
            lambda: object_to_goods(s, *shop, Found.used, "用过", [a_photo()], now),
            lambda: decide_return(s, *desk, case.id, d.choice(list(Decision)), "看过", now),
            lambda: send_new(s, *shop, [], [], now),
            lambda: new_at_hub(s, COUNTY, case.id, now),
            lambda: send_again(s, COUNTY, case.id, now),
            lambda: refund_instead(s, *shop, now),
            lambda: return_due(s, case.id, now),
        ]  # fmt: skip

    def of_repair(self, case: Repair) -> list[Move]:
        s, now, d = self.session, self.now, self.dice
        finding = Diagnosis("查过", by_misuse=d.random() < 0.5, fee_fen=d.choice((0, 88_00)))
        slip = f"CK-{now:%y%m%d%H}-{case.code}"
        return [
            lambda: withdraw_repair(s, self.account_id, case.id, now),
            lambda: take_in(s, COUNTY, case.id, now),
            lambda: diagnose(s, COUNTY, case.id, finding, now),
            lambda: order_parts(s, COUNTY, case.id, "等件", now),
            lambda: parts_came(s, COUNTY, case.id, now),
            lambda: finish(s, COUNTY, case.id, d.random() < 0.7, "修了", now),
            lambda: accept_quote(s, self.account_id, case.id, now),
            lambda: decline_quote(s, self.account_id, case.id, now),
            lambda: hand_over(s, COUNTY, self.operator_id, case.id, slip, now),
            lambda: repair_due(s, case.id, now),
        ]


def reachable(table, state: str) -> set[str]:
    """Where a state leads, in any number of the table's moves: the worker may have made some as well."""
    found, new = {state}, {state}
    while new:
        new = {str(then) for it in new for then in table[type(next(iter(table)))(it)]} - found
        found |= new
    return found


@pytest.mark.parametrize("seed", range(3))
def test_books_and_shelf_add_up_wherever_a_walk_ends(session, known_terms, buyer, operator, now, seed):
    dice = random.Random(seed)
    cookers = a_listing(session, a_shop(session, now), now, category="rice_cooker", stock=9)
    order = an_order(session, buyer, [(cookers, 3)], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    line = order.shop_orders[0].lines[0]
    walk = Walk(session, line, operator.id, dice, now)
    for _ in range(MOVES):
        walk.step()
    assert walk.done > 5
    assert breaks(session, walk.now) == []
    paid = line.paid_fen + line.shop_order.delivery_fee_fen
    standing = Refund.state != RefundState.rejected
    back = session.scalar(select(func.coalesce(func.sum(Refund.amount_fen), 0)).where(standing))
    pieces = session.scalar(
        select(func.coalesce(func.sum(RefundLine.quantity), 0)).join(Refund).where(standing)
    )
    assert 0 <= back <= paid
    assert 0 <= pieces <= 3
    assert session.get(Stock, line.listing_id, populate_existing=True).on_hand >= 0
