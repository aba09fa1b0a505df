"""No path of a place loses or doubles a deposit: whatever happens, in whatever order, however often."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from market.groups import close_group, complete, deposits, join
from market.groups.audit import breaks
from market.groups.models import GroupOrder, GroupPlace
from market.groups.rules import (
    Fate,
    Option,
    PriceTier,
    are_falling,
    are_sound,
    fate_of,
    is_choice,
    most_deposit_fen,
    price_at,
)
from market.groups.states import FREED, GroupState, PlaceState
from market.kernel.errors import Refused
from market.ledger.queries import balance
from market.ledger.rules import DEPOSITS, REFUNDS_DUE, shop_pending
from market.orders.checkout import Choices
from market.orders.models import Order, PaymentMethod, Place
from market.orders.quote import Options, price_entries
from market.orders.undo import cancel_order, decline_shop_order
from market.payments.models import Payment, PaymentState, Refund, RefundKind
from market.people.models import Account, Address
from tests.builders.catalog import a_listing
from tests.builders.groups import a_group, a_wish, captured
from tests.builders.life import COUNTY
from tests.builders.people import an_account, an_address
from tests.builders.shops import a_clerk, a_shop

STEPS = (
    "join", "pay", "pay again", "leave", "close", "cancel", "withdraw", "ready", "late", "order", "undo",
    "decline", "end", "back",
)  # fmt: skip


class Life:
    """Three people, one group, and a clock that only goes forward."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        shop = a_shop(session, now)
        self.clerk = a_clerk(session, shop, now)
        self.group = a_group(session, a_listing(session, shop, now, stock=0), now)
        self.people = [an_account(session, now) for _ in range(3)]
        for person in self.people:
            an_address(session, person, now)

    def step(self, what: str, who: int, hours: int) -> None:
        """Let it happen, or be refused."""
        self.now += timedelta(hours=hours)
        try:
            with self.session.begin_nested():
                getattr(self, f"_{what.replace(' ', '_')}")(self.people[who])
        except Refused:
            self.session.expire_all()

    def _place(self, person: Account) -> GroupPlace | None:
        mine = select(GroupPlace).where(GroupPlace.account_id == person.id).order_by(GroupPlace.id.desc())
        return self.session.scalars(mine.limit(1)).first()

    def _join(self, person: Account) -> None:
        join.join(self.session, person, self.group.id, a_wish(), self.now)

    def _pay(self, person: Account) -> None:
        if place := self._place(person):
            payment = join.begin_deposit(self.session, person.id, place.id, self.now)
            captured(self.session, payment, self.now)

    def _pay_again(self, person: Account) -> None:
        for payment in self.session.scalars(select(Payment).where(Payment.bill.is_not(None))).all():
            deposits.deposit_paid(self.session, payment.id, self.now)

    def _leave(self, person: Account) -> None:
        if place := self._place(person):
            join.leave(self.session, person.id, place.id, self.now)

    def _close(self, _person: Account) -> None:
        close_group.close_group(self.session, self.group.id, max(self.now, self.group.closes_at))
        self.now = max(self.now, self.group.closes_at)

    def _cancel(self, _person: Account) -> None:
        close_group.cancel_by_county(self.session, COUNTY, self.group.id, "厂里停产", self.now)

    def _withdraw(self, _person: Account) -> None:
        close_group.withdraw_by_shop(self.session, self.group.shop_id, self.group.id, "厂里停产", self.now)

    def _ready(self, _person: Account) -> None:
        complete.make_ready(self.session, self.group.shop_id, self.group.id, self.clerk.id, self.now)

    def _late(self, _person: Account) -> None:
        close_group.end_late(self.session, self.group.id, self.now)

    def _order(self, person: Account) -> None:
        if place := self._place(person):
            priced = price_entries(
                self.session, [complete.entry_of(place)], Options(COUNTY, person.id), self.now
            )
            rest_fen = priced.payable_fen - place.deposit_fen
            address_id = self.session.scalars(select(Address.id).where(Address.account_id == person.id)).one()
            choices = Choices(address_id, Place.door, PaymentMethod.cash, rest_fen)
            complete.complete(self.session, person, place.id, choices, f"{place.id}{place.attempt}", self.now)

    def _undo(self, person: Account) -> None:
        place = self._place(person)
        if place and place.order_id:
            cancel_order(self.session, person.id, place.order_id, self.now)
            for part in self.session.get_one(Order, place.order_id).shop_orders:
                complete.order_undone(self.session, part.id, self.now)

    def _decline(self, person: Account) -> None:
        place = self._place(person)
        if place and place.order_id:
            for part in self.session.get_one(Order, place.order_id).shop_orders:
                decline_shop_order(self.session, part.shop_id, part.id, "坏了", self.now, "damaged")
                complete.order_undone(self.session, part.id, self.now)

    def _end(self, _person: Account) -> None:
        complete.end_completion(self.session, self.group.id, self.now)

    def _back(self, _person: Account) -> None:
        for place_id in self.session.scalars(select(GroupPlace.id)).all():
            deposits.give_deposit_back(self.session, place_id, self.now)

    def check(self) -> None:
        """Every fen that came in is held, on its way back, or the shop's: each once."""
        self.session.flush()
        paid = self.session.scalars(select(Payment).where(Payment.state == PaymentState.captured))
        came_in = sum(payment.amount_fen for payment in paid)
        accounts = (DEPOSITS, REFUNDS_DUE, shop_pending(self.group.shop_id))
        assert came_in == sum(balance(self.session, account) for account in accounts)
        assert list(breaks(self.session)) == []


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.sampled_from([0, 0, 1, 60])), max_size=24
    )
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_loses_or_doubles_a_deposit(
    connection: Connection, now: datetime, steps: list[tuple[str, int, int]]
) -> None:
    savepoint = connection.begin_nested()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        life = Life(session, now)
        for what, who, hours in (("join", 0, 0), ("pay", 0, 0), ("join", 1, 0), ("pay", 1, 0), *steps):
            life.step(what, who, hours)
            life.check()
        life.step("back", 0, 0)
        life.check()
        owed = session.scalars(select(Refund.amount_fen).where(Refund.kind == RefundKind.penalty)).all()
        places = session.scalars(select(GroupPlace)).all()
        assert sorted(owed) == sorted(place.penalty_fen for place in places if place.penalty_fen)
        freed = session.scalars(select(GroupPlace).where(GroupPlace.state.in_(FREED))).all()
        assert [place.given_back_fen for place in freed] == [place.deposit_fen for place in freed]
        group = session.get_one(GroupOrder, life.group.id)
        if group.state in (GroupState.missed, GroupState.canceled):
            joined = select(GroupPlace).where(GroupPlace.state == PlaceState.joined)
            assert session.scalars(joined).all() == []
    savepoint.rollback()


@given(st.integers(1, 10**9))
def test_a_deposit_is_never_more_than_a_fifth(price_fen: int) -> None:
    assert most_deposit_fen(price_fen) * 5 <= price_fen < (most_deposit_fen(price_fen) + 1) * 5


def test_a_choice_says_one_thing_about_every_option() -> None:
    options = [Option("颜色", ("白", "灰")), Option("门", ("左", "右"))]
    assert is_choice({"颜色": "白", "门": "右"}, options)
    for wrong in ({}, {"颜色": "白"}, {"颜色": "红", "门": "左"}, {"颜色": "白", "门": "左", "脚": "四"}):
        assert not is_choice(wrong, options)


def test_options_have_names_of_their_own_and_two_choices_or_more() -> None:
    assert are_sound([])
    assert not are_sound([Option("颜色", ("白",))])
    assert not are_sound([Option("颜色", ("白", "白"))])
    assert not are_sound([Option("", ("白", "灰"))])
    assert not are_sound([Option("门", ("左", "右"))] * 2)


def test_a_deposit_is_forfeit_only_where_its_payer_could_have_bought_and_let_her_time_pass(
    now: datetime,
) -> None:
    later = now + timedelta(minutes=1)
    assert fate_of(True, True, now, now, later) is Fate.again
    assert fate_of(True, True, later, later, later) is Fate.forfeit
    assert fate_of(True, True, now, later, later) is Fate.back
    assert fate_of(False, True, later, later, later) is Fate.back
    assert fate_of(True, False, later, later, later) is Fate.back


@given(
    st.sets(st.integers(2, 999), min_size=4, max_size=4),
    st.sets(st.integers(1, 10**9), min_size=5, max_size=5),
    st.integers(1, 999),
)
def test_of_falling_tiers_more_pieces_never_cost_more_and_nobody_pays_more_than_hers(
    steps: set[int], prices: set[int], pieces: int
) -> None:
    price_fen, *lower = sorted(prices, reverse=True)
    tiers = [PriceTier(*row) for row in zip(sorted(steps), lower, strict=True)]
    assert are_falling(PriceTier(1, price_fen), tiers, 999)
    due_fen = price_at(pieces, price_fen, tiers)
    reached = [tier.price_fen for tier in tiers if tier.pieces <= pieces]
    assert due_fen == ([price_fen, *reached])[-1]
    assert price_at(pieces + 1, price_fen, tiers) <= due_fen <= price_fen
