"""Everything people and time may do to the market's books, in any order.

    python -m tests.stateful.market_machine --steps N --seed K

Every step is a use case of the rooms on real PostgreSQL, with the payment sandbox as the provider and the
worker's own handlers; after each one `market audit` is run. A step that is refused must leave the books as
they were. The full run (10,000 steps) takes about half an hour; a short one is part of `make test`.
"""

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from market import audit
from market.cash.deposit import make_deposit
from market.cash.hand_in import begin_hand_in, receive_hand_in
from market.cash.models import BreakState, CashBreak, HandIn, HandInState
from market.cash.queries import courier_cash_held
from market.cash.resolve_break import resolve_break
from market.delivery.close_batch import close_batch
from market.delivery.drive import REFUSED, complete_stop, fail_stop, start_run
from market.delivery.models import Courier, Run, Stop, StopState
from market.delivery.plan_batch import plan_batch, release_batch
from market.delivery.share_batch import share_batch
from market.kernel.clock import SHANGHAI, local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow, OutboxState
from market.kernel.seal import Seal
from market.orders.models import Fulfillment, Order, OrderState, PaymentMethod, ShopOrder
from market.orders.models import PaymentState as OrderPaymentState
from market.orders.quote import TradeInAnswers
from market.orders.refuse import refused_back_at_hub, refused_back_at_shop
from market.orders.undo import cancel_order, decline_shop_order
from market.payments import reconcile, refund, send_refund, settle
from market.payments.models import Bearer, Payment, PaymentState, Refund, RefundState
from market.payments.provider import StripeProvider
from market.points.earn import grant
from market.recycling import prices
from market.settings import Settings
from market.settlements import pay as settlements
from market.settlements import rules as settlement_rules
from market.settlements.bank_account import SEAL_PURPOSE, change_bank_account, confirm_bank_account
from market.settlements.models import BankFile, ItemState, SettlementItem, SettlementSheet, SheetState
from market.subsidies import give_up, review, treasury
from market.subsidies.models import Claim, ClaimState
from market.subsidies.review_models import LineState, TreasuryBatch, TreasuryLine
from tests.builders.claims import a_gtin, an_auditor, answers
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, begun, left_at, paid, react, to_the_hub, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.stripe_sandbox import KEY, SECRET, Sandbox, free_port, pay

START = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
STEPS_A_LIFE = 100
SEAL = Seal(["a key of this machine's own"], SEAL_PURPOSE)
index = st.integers(0, 10**6)


class MarketMachine(RuleBasedStateMachine):
    """One county with two shops, three buyers, a truck and two operators."""

    engine: ClassVar[Engine]
    sandbox: ClassVar[Sandbox]
    provider: ClassVar[StripeProvider]
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint")
        self.now, self.number, self.phones = START, 0, 0

    def teardown(self) -> None:
        self.session.close()
        self.transaction.rollback()
        self.connection.close()
        # The next life begins with an empty database, so with an empty provider.
        self.sandbox.control("DELETE")
        self.sandbox.forget()

    @initialize()
    def open_the_market(self) -> None:
        session = self.session
        self.listings = two_listings(session, self.now, stock=60)
        for table in prices.shipped():
            prices.publish(session, table)
        self.buyers = [an_account(session, self.now) for _ in range(3)]
        self.operators = [an_operator(session, self.now).id for _ in range(2)]
        self.auditors = [an_auditor(session, self.now).id for _ in range(2)]
        self.listings[0].product.gtin = a_gtin()
        self.courier: Courier = a_courier(session, self.now, COUNTY)
        for listing in self.listings:
            clerk = an_account(session, self.now).id
            change_bank_account(
                session, listing.shop_id, "店", "行", "6222000000000000", clerk, SEAL, self.now
            )
            confirm_bank_account(session, COUNTY, self.operators[0], listing.shop_id, self.now)
        session.commit()

    # What buyers do.

    @rule(who=index, what=index, pieces=st.integers(1, 3), cash=st.booleans(), points=st.integers(0, 300),
          old=st.booleans())  # fmt: skip
    def place(self, who: int, what: int, pieces: int, cash: bool, points: int, old: bool) -> None:
        method = PaymentMethod.cash if cash else PaymentMethod.stripe
        goods = [(self.listings[what % 2], pieces)] if what % 3 else [(it, pieces) for it in self.listings]
        answers = TradeInAnswers("washer", 9, works=True, complete=True) if old else None
        buyer = self.buyers[who % 3]
        self.do(
            "place",
            lambda: an_order(
                self.session, buyer, goods, self.now, method, points * 100, answers, key=self.next("order")
            ),
        )

    @rule(who=index, what=index, cash=st.booleans())
    def place_one(self, who: int, what: int, cash: bool) -> None:
        """A piece, without points or an old appliance: what most orders are."""
        method = PaymentMethod.cash if cash else PaymentMethod.stripe
        goods, buyer = [(self.listings[what % 2], 1)], self.buyers[who % 3]
        self.do(
            "place",
            lambda: an_order(self.session, buyer, goods, self.now, method, key=self.next("order")),
        )

    @precondition(lambda self: self.orders(unpaid=True))
    @rule(which=index, method=st.sampled_from(["card", "alipay"]), told=st.booleans())
    def pay_online(self, which: int, method: str, told: bool) -> None:
        """On the hosted page; the news of it comes at once, or later by itself."""
        order = self.pick(self.orders(unpaid=True), which)

        def act() -> None:
            payment = begun(self.session, self.provider, self.buyer_of(order), order, self.now)
            pay(payment.checkout_url or "", method, number="4242 4242 4242 4242")
            if told:
                settle.settle(self.session, self.provider, payment.id, self.now)

        self.do("pay", act)

    @precondition(lambda self: self.parts(Fulfillment.placed))
    @rule(which=index)
    def cancel(self, which: int) -> None:
        order = self.pick(self.parts(Fulfillment.placed), which).order
        self.do("cancel", lambda: cancel_order(self.session, order.account_id, order.id, self.now))

    @precondition(lambda self: self.phones < 4)
    @rule(who=index, points=st.integers(1, 50_000))
    def bring_an_old_phone(self, who: int, points: int) -> None:
        buyer = self.buyers[who % 3]
        self.phones += 1
        reference = self.next("recycling_order")
        self.do("recycle", lambda: grant(self.session, buyer.id, points, reference, self.now))

    # What shops, the hub and the truck do.

    @precondition(lambda self: self.parts(Fulfillment.placed, Fulfillment.confirmed))
    @rule(which=index)
    def decline(self, which: int) -> None:
        part = self.pick(self.parts(Fulfillment.placed, Fulfillment.confirmed), which)
        self.do(
            "decline", lambda: decline_shop_order(self.session, part.shop_id, part.id, "没货了", self.now)
        )

    @precondition(lambda self: self.parts(Fulfillment.placed))
    @rule(which=index)
    def hand_over(self, which: int) -> None:
        order = self.pick(self.parts(Fulfillment.placed), which).order
        self.do("hand_over", lambda: to_the_hub(self.session, order, self.now))

    @precondition(lambda self: self.parts(Fulfillment.at_hub, Fulfillment.undelivered))
    @rule(at_the_doors=st.lists(st.sampled_from(["", "", "没有人在家", REFUSED]), min_size=3, max_size=3))
    def drive(self, at_the_doors: list[str]) -> None:
        """Tomorrow's truck: planned, released and driven; at each door all goes well, or why it does not."""

        self.do("deliver", lambda: self.drive_truck(at_the_doors))

    @rule(who=index, what=index, cash=st.booleans())
    def a_good_day(self, who: int, what: int, cash: bool) -> None:
        """Ordered, paid, handed over and delivered, as most orders are."""
        goods, buyer = [(self.listings[what % 2], 1 + what % 3)], self.buyers[who % 3]

        placed: list[Order] = []

        def buy() -> None:
            method = PaymentMethod.cash if cash else PaymentMethod.stripe
            placed.append(an_order(self.session, buyer, goods, self.now, method, key=self.next("order")))
            if not cash:
                paid(self.session, self.provider, buyer, placed[0], self.now, "card")

        def carry() -> None:
            to_the_hub(self.session, placed[0], self.now)
            self.drive_truck([""])
            self.react()

        self.do("good_day_bought", buy)
        # What the provider has taken is taken, even where the truck may not go on (its courier's cash limit).
        if placed:
            self.do("good_day", carry)

    def drive_truck(self, at_the_doors: list[str]) -> None:
        session, day = self.session, local_date(self.now) + timedelta(days=1)
        self.number += 1
        batch = close_batch(session, COUNTY, day, self.number, self.now)
        plan_batch(session, batch.id, self.now, cpu_seconds=0.02)
        share_batch(session, batch.id, self.now, cpu_seconds=0.02)
        session.refresh(batch)
        release_batch(session, COUNTY, batch.id, self.now)
        for run in session.scalars(select(Run).where(Run.batch_id == batch.id)).all():
            start_run(session, self.courier, run.id, self.now)
            for number, stop in enumerate(run.stops):
                if stop.state is not StopState.pending:
                    continue
                if reason := at_the_doors[number % len(at_the_doors)]:
                    fail_stop(session, self.courier, stop.id, reason, self.now)
                else:
                    proofs = self.proofs_at(stop)
                    complete_stop(session, self.courier, stop.id, left_at(stop, **proofs), self.now)

    def proofs_at(self, stop: Stop) -> dict[str, Any]:
        """What a claim needs, with a serial number of its own each time."""
        labels = tuple(label.record_number for label in self.listings[0].product.labels)
        return {
            "serial_numbers": (self.next("SN"),),
            "label_codes": labels,
            "photo": b"jpeg",
            "lat": stop.jobs[0].lat,
            "lon": stop.jobs[0].lon,
            "is_confirmed": True,
        }

    # What comes back.

    @precondition(lambda self: self.parts(Fulfillment.delivered))
    @rule(
        which=index,
        kind=st.sampled_from(["returned", "reduced", "goodwill"]),
        fen=st.integers(1, 60_000),
        pieces=st.integers(1, 3),
        with_delivery=st.booleans(),
        bearer=st.sampled_from(list(Bearer)),
    )
    def ask_back(
        self, which: int, kind: str, fen: int, pieces: int, with_delivery: bool, bearer: Bearer
    ) -> None:
        part = self.pick(self.parts(Fulfillment.delivered), which)
        line = self.pick(part.lines, which)
        wanted = refund.Wanted(
            reason="坏了",
            pieces={line.id: pieces} if kind == "returned" else {},
            cuts_fen={line.id: fen} if kind == "reduced" else {},
            with_delivery=with_delivery and kind != "goodwill",
            goodwill_fen=fen if kind == "goodwill" else 0,
            bearer=bearer if kind == "goodwill" else None,
        )
        key, asker = self.next("refund"), part.order.account_id
        self.do(kind, lambda: refund.request(self.session, part.id, wanted, asker, key, self.now))

    @precondition(lambda self: self.refunds(RefundState.requested))
    @rule(which=index, agrees=st.booleans())
    def decide(self, which: int, agrees: bool) -> None:
        found = self.pick(self.refunds(RefundState.requested), which)
        use_case = refund.approve if agrees else refund.reject
        self.do("approve" if agrees else "reject",
                lambda: use_case(self.session, COUNTY, self.operators[0], found.id, self.now))  # fmt: skip

    @precondition(lambda self: self.refunds(RefundState.approved, RefundState.sent, RefundState.failed))
    @rule(which=index, bad_day=st.booleans())
    def move_refund(self, which: int, bad_day: bool) -> None:
        """Sent, settled, tried again, or paid out at the hub: whatever is next."""
        found = self.pick(self.refunds(RefundState.approved, RefundState.sent, RefundState.failed), which)

        def act() -> None:
            if found.state is RefundState.failed:
                refund.try_again(self.session, COUNTY, found.id, self.now)
            elif found.payment_id is None:
                hub = self.operators[0]
                send_refund.pay_out_in_cash(self.session, COUNTY, hub, found.id, "王秀英", self.now)
            elif found.state is RefundState.approved:
                send_refund.send(self.session, self.provider, found.id, self.now)
            else:
                if bad_day:
                    self.sandbox.fault("refund_failure", count=1)
                self.sandbox.control("POST", advance_seconds=5)
                time.sleep(0.1)  # the wallet's answer is made by a thread of the sandbox's
                send_refund.settle_refund(self.session, self.provider, found.id, self.now)

        self.do("move_refund", act)

    @precondition(lambda self: self.parts(Fulfillment.refused, Fulfillment.returned_to_hub))
    @rule(which=index)
    def bring_back(self, which: int) -> None:
        """Refused goods, to the hub and then to their shop."""
        part = self.pick(self.parts(Fulfillment.refused, Fulfillment.returned_to_hub), which)
        if part.state is Fulfillment.refused:
            self.do("to_hub", lambda: refused_back_at_hub(self.session, COUNTY, part.id, self.now))
        else:
            self.do("to_shop", lambda: refused_back_at_shop(self.session, part.shop_id, part.id, self.now))

    # What becomes of cash.

    @precondition(lambda self: courier_cash_held(self.session, self.courier.id))
    @rule(short_fen=st.sampled_from([0, 0, 1, 5_000]))
    def hand_in_cash(self, short_fen: int) -> None:
        """The courier's bag to the hub; what is short is written off by an operator."""

        def act() -> None:
            session, (receiver, other) = self.session, self.operators
            hand_in, code = begin_hand_in(session, self.courier, self.now)
            counted_fen = max(0, hand_in.expected_fen - short_fen)
            receive_hand_in(session, COUNTY, hand_in.id, code, counted_fen, receiver, self.now)
            for found in session.scalars(select(CashBreak).where(CashBreak.state == BreakState.open)).all():
                resolve_break(session, COUNTY, found.id, "少了", True, other, self.now)

        self.do("hand_in", act)

    @precondition(lambda self: self.hand_ins())
    @rule()
    def bank_cash(self) -> None:
        """Everything in the safe to the bank."""
        found = self.hand_ins()
        fen, slip = sum(it.counted_fen or 0 for it in found), self.next("slip")
        ids = [it.id for it in found]
        self.do(
            "bank", lambda: make_deposit(self.session, COUNTY, ids, fen, slip, self.operators[0], self.now)
        )

    # What becomes of a claim.

    @precondition(lambda self: self.claims(ClaimState.under_review))
    @rule(which=index, who=index, agrees=st.sampled_from([True, True, True, False]))
    def review_claim(self, which: int, who: int, agrees: bool) -> None:
        """An auditor and two operators agree, or one of them does not."""
        found = self.pick(self.claims(ClaimState.under_review), which)
        auditor = self.auditors[who % 2]

        def act() -> None:
            for flag in review.standing_flags(self.session, found.id):
                review.lift(self.session, COUNTY, auditor, flag.id, "查过", self.now)
            if not agrees:
                review.reject(self.session, COUNTY, auditor, found.id, "不清楚", self.now)
                return
            review.pass_audit(self.session, COUNTY, auditor, found.id, "好", self.now)
            for operator in self.operators:
                review.approve(self.session, COUNTY, operator, found.id, "好", self.now)

        self.do("review_claim", act)

    @precondition(lambda self: self.claims(ClaimState.rejected))
    @rule(which=index, appeals=st.booleans())
    def answer_a_rejection(self, which: int, appeals: bool) -> None:
        found = self.pick(self.claims(ClaimState.rejected), which)
        session, shop_id, by = self.session, found.shop_id, self.operators[0]
        if appeals:
            self.do("appeal", lambda: review.appeal(session, shop_id, found.id, "不服", by, self.now))
        else:
            self.do("withdraw", lambda: give_up.withdraw(session, shop_id, found.id, by, "算了", self.now))

    @precondition(lambda self: self.claims(ClaimState.approved, ClaimState.clawback_due))
    @rule()
    def ask_the_treasury(self) -> None:
        who = self.operators[0]
        self.do("batch", lambda: treasury.make_batch(self.session, COUNTY, who, self.now))

    @precondition(lambda self: self.asked())
    @rule(which=index, pays=st.sampled_from([True, True, False]))
    def the_treasury_answers(self, which: int, pays: bool) -> None:
        batch = self.pick(self.asked(), which)

        def act() -> None:
            file = treasury.upload(self.session, COUNTY, self.operators[0], answers(batch, pays), self.now)
            treasury.apply(self.session, COUNTY, file.id, self.now)

        self.do("treasury", act)

    # What time and the worker do.

    @precondition(lambda self: self.due())
    @rule()
    def work(self) -> None:
        """The worker does all that is due."""
        self.do("work", self.react)

    @rule(hours=st.one_of(st.integers(1, 24 * 12), st.integers(1, 24 * 12), st.just(24 * 370)))
    def time_passes(self, hours: int) -> None:
        """The clock goes on, now and then until points lapse; beat looks for payments whose news was lost."""
        self.now += timedelta(hours=hours)

        def act() -> None:
            for payment_id in settle.stale(self.session, self.now):
                settle.settle(self.session, self.provider, payment_id, self.now)
            self.react()

        self.do("expire", act)

    # What the county does with the shops' money.

    @precondition(lambda self: self.to_settle())
    @rule()
    def settle_the_week(self) -> None:
        week = settlement_rules.last_week(self.now)
        self.do("settle", lambda: settlements.draw_up(self.session, COUNTY, week, self.now))

    @precondition(lambda self: self.sheets())
    @rule(which=index, who=index)
    def approve_sheet(self, which: int, who: int) -> None:
        sheet, operator = self.pick(self.sheets(), which), self.operators[who % 2]
        self.do(
            "approve_sheet", lambda: settlements.approve(self.session, COUNTY, operator, sheet.id, self.now)
        )

    @precondition(lambda self: self.to_pay())
    @rule(confirm=st.booleans())
    def pay_shops(self, confirm: bool) -> None:
        def act() -> None:
            settlements.make_bank_file(self.session, COUNTY, self.operators[0], SEAL, self.now)
            waiting = self.session.scalars(select(BankFile).where(BankFile.confirmed_at.is_(None))).all()
            if confirm:
                for file in waiting:
                    who = self.operators[1]
                    settlements.confirm_bank_file(self.session, COUNTY, who, file.id, "BK", self.now)

        self.do("pay_shops", act)

    @invariant()
    def every_book_balances(self) -> None:
        self.session.expire_all()
        # The worker runs only when it is its turn: what is due is late on purpose.
        assert [it for it in audit.run(self.session, self.now) if it.book != "outbox"] == []

    @invariant()
    def the_provider_says_the_same(self) -> None:
        if self.number % 10 == 0 and not self.payments_open():
            assert list(reconcile.breaks(self.session, self.provider)) == []

    @invariant()
    def nobody_is_given_back_more_than_she_paid(self) -> None:
        refunds = self.session.scalars(select(Refund).where(Refund.state != RefundState.rejected)).all()
        given: Counter[Any] = Counter()
        for row in refunds:
            given[row.shop_order_id] += row.amount_fen
        for part in self.session.scalars(select(ShopOrder)).all():
            assert given[part.id] <= part.payable_fen

    # How steps are taken.

    def do(self, name: str, act: Callable[[], object]) -> None:
        """Take a step, or be refused and change nothing."""
        try:
            act()
        except (Refused, NotFound):
            self.session.rollback()
            self.steps[f"{name} refused"] += 1
        else:
            self.session.commit()
            self.steps[name] += 1

    def react(self) -> None:
        react(self.session, self.now, by_hand={"delivery.batch_closed", "delivery.batch_planned"})

    def next(self, word: str) -> str:
        self.number += 1
        return f"{word}:{self.number}"

    def pick(self, found: Any, which: int) -> Any:
        return found[which % len(found)]

    def buyer_of(self, order: Order) -> Any:
        return next(buyer for buyer in self.buyers if buyer.id == order.account_id)

    def orders(self, unpaid: bool = False) -> list[Order]:
        found = select(Order).where(Order.state == OrderState.placed).order_by(Order.id)
        if unpaid:
            found = found.where(
                Order.payment_method == PaymentMethod.stripe, Order.payment_state == OrderPaymentState.due
            )
        return list(self.session.scalars(found))

    def parts(self, *states: Fulfillment) -> list[ShopOrder]:
        found = select(ShopOrder).where(ShopOrder.state.in_(states)).order_by(ShopOrder.id)
        return list(self.session.scalars(found))

    def claims(self, *states: ClaimState) -> list[Claim]:
        return list(self.session.scalars(select(Claim).where(Claim.state.in_(states)).order_by(Claim.id)))

    def asked(self) -> list[TreasuryBatch]:
        unanswered = TreasuryBatch.lines.any(TreasuryLine.state == LineState.sent)
        return list(self.session.scalars(select(TreasuryBatch).where(unanswered).order_by(TreasuryBatch.id)))

    def refunds(self, *states: RefundState) -> list[Refund]:
        return list(self.session.scalars(select(Refund).where(Refund.state.in_(states)).order_by(Refund.id)))

    def sheets(self) -> list[SettlementSheet]:
        open_sheets = SettlementSheet.state.in_((SheetState.drawn_up, SheetState.checked))
        return list(
            self.session.scalars(select(SettlementSheet).where(open_sheets).order_by(SettlementSheet.id))
        )

    def payments_open(self) -> bool:
        is_open = Payment.state == PaymentState.open
        return self.session.scalar(select(Payment.id).where(is_open).limit(1)) is not None

    def hand_ins(self) -> list[HandIn]:
        in_the_safe = (HandIn.state == HandInState.received) & HandIn.deposit_id.is_(None)
        return list(self.session.scalars(select(HandIn).where(in_the_safe).order_by(HandIn.id)))

    def due(self) -> bool:
        waits = (OutboxRow.state == OutboxState.pending) & (OutboxRow.due_at <= self.now)
        return self.session.scalar(select(OutboxRow.id).where(waits).limit(1)) is not None

    def to_settle(self) -> bool:
        free = SettlementItem.sheet_id.is_(None) & (SettlementItem.state == ItemState.available)
        return self.session.scalar(select(SettlementItem.id).where(free).limit(1)) is not None

    def to_pay(self) -> bool:
        payable = SettlementSheet.state == SheetState.payable
        return self.session.scalar(select(SettlementSheet.id).where(payable).limit(1)) is not None


def walk(
    engine: Engine, sandbox: Sandbox, steps: int, seed_number: int, life: int = STEPS_A_LIFE
) -> Counter[str]:
    """Take about `steps` steps, in lives of `life`: how many of each kind. Raises at a break."""
    # The worker's handlers find their provider where the worker does: in the environment.
    os.environ |= {
        "STRIPE_API_KEY": KEY, "STRIPE_API_BASE": sandbox.url, "STRIPE_WEBHOOK_SECRET": SECRET,
    }  # fmt: skip
    MarketMachine.engine, MarketMachine.sandbox = engine, sandbox
    MarketMachine.provider = StripeProvider(
        Settings(stripe_api_key=KEY, stripe_api_base=sandbox.url, stripe_webhook_secret=SECRET)
    )
    MarketMachine.steps = Counter()
    run_state_machine_as_test(
        seed(seed_number)(MarketMachine),
        settings=settings(
            max_examples=max(1, steps // life),
            stateful_step_count=life,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return MarketMachine.steps


def main() -> None:
    from market import embedded
    from tests.database import create_tables, fresh_database

    parser = argparse.ArgumentParser(prog="python -m tests.stateful.market_machine")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="market-steps-")))
        server = embedded.Postgres(folder / "postgres", folder / "postgres.log", ("fsync=off",))
        process = server.start()
        stack.callback(embedded.stop, process, 2)
        create_tables(server)
        engine = stack.enter_context(fresh_database(server))
        sandbox = Sandbox(folder, free_port(), "http://127.0.0.1:9/nobody")
        sandbox.start()
        stack.callback(sandbox.kill)
        began, total = time.monotonic(), Counter[str]()
        number = 0
        while total.total() < chosen.steps:
            number += 1
            total += walk(engine, sandbox, min(600, chosen.steps), chosen.seed + number)
            print(f"{total.total()} steps, {time.monotonic() - began:.0f} s", flush=True)
        for name, count in sorted(total.items()):
            print(f"{count:6} {name}")
        print(f"{total.total()} steps of seed {chosen.seed}: every book balanced after each.")


if __name__ == "__main__":
    main()
