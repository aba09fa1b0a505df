"""A group's life: joined with a deposit, decided at its deadline, made, and bought or not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit
from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState
from market.groups.close_group import (
    cancel_by_county,
    cancel_by_shop,
    close_group,
    end_late,
    shop_closed,
    withdraw_by_shop,
)
from market.groups.complete import complete, end_completion, entry_of, make_ready, order_undone
from market.groups.deposits import deposit_paid, give_deposit_back, refund_decided
from market.groups.join import begin_deposit, join, lapse_place, leave
from market.groups.models import GroupOrder, GroupPlace
from market.groups.open_group import open_group
from market.groups.queries import group as told
from market.groups.rules import PriceTier
from market.groups.states import GroupState, PlaceState
from market.inventory.queries import left
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import DEPOSITS, REFUNDS_DUE, STRIPE_CLEARING
from market.notices.models import Notice
from market.orders.checkout import Choices
from market.orders.models import Order, PaymentMethod, Place
from market.orders.pay import lock, mark_paid
from market.orders.quote import Options, price_entries
from market.orders.stop_recalled import stop_recalled
from market.orders.undo import cancel_order, decline_shop_order, lapse
from market.payments.models import Payment, Refund, RefundKind, RefundState
from market.payments.models import PaymentState as Paid
from market.payments.queries import refund_of
from market.payments.refund import Wanted, approve, request
from market.payments.send_refund import pay_out_in_cash
from market.people.models import Account
from market.settlements.models import ItemKind, SettlementItem
from market.shops.change_state import change_state
from market.shops.models import ShopState
from market.subsidies.models import Claim
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.delivery import a_courier
from tests.builders.groups import a_group, a_group_draft, a_place, a_wish, captured
from tests.builders.life import delivered, react
from tests.builders.people import an_account, an_address, an_operator
from tests.builders.shops import a_clerk, a_shop
from tests.builders.subsidies import a_funded_programme

COUNTY = "610924"
WEEK = timedelta(days=7)


@pytest.fixture
def washer(session: Session, now: datetime) -> Listing:
    listing = a_listing(session, a_shop(session, now), now, stock=0)
    a_verified_label(session, listing, now)
    return listing


@pytest.fixture
def group(session: Session, washer: Listing, now: datetime) -> GroupOrder:
    return a_group(session, washer, now)


@pytest.fixture
def ready(session: Session, group: GroupOrder, now: datetime) -> tuple[GroupPlace, GroupPlace, datetime]:
    """Two places in a group that came about and whose goods are in the shop, and when."""
    places = a_place(session, group, now), a_place(session, group, now)
    at = now + WEEK
    react(session, at)
    clerk = a_clerk(session, group.listing.shop, now)
    make_ready(session, group.shop_id, group.id, clerk.id, at)
    return *places, at


def choices(session: Session, place: GroupPlace, now: datetime, method: PaymentMethod) -> Choices:
    account = session.get_one(Account, place.account_id)
    address = an_address(session, account, now)
    priced = price_entries(session, [entry_of(place)], Options(COUNTY, account.id), now)
    return Choices(address.id, Place.door, method, priced.payable_fen - place.deposit_fen)


def ordered(
    session: Session, place: GroupPlace, now: datetime, method: PaymentMethod = PaymentMethod.stripe
) -> Order:
    account = session.get_one(Account, place.account_id)
    return complete(session, account, place.id, choices(session, place, now, method), f"k{place.id}", now)


def paid_online(session: Session, order: Order, now: datetime) -> None:
    """The provider has the rest."""
    session.add(
        Payment(
            order_id=order.id,
            amount_fen=order.payable_fen,
            state=Paid.captured,
            capture_reference=f"pi_{order.id}",
            created_at=now,
            settled_at=now,
        )
    )
    session.flush()
    assert mark_paid(session, lock(session, order.id), now)


def gone_back(session: Session, place: GroupPlace) -> list[int]:
    found = select(Refund.amount_fen).where(Refund.payment_id == place.payment_id)
    return list(session.scalars(found))


def penalties(session: Session, place: GroupPlace) -> list[int]:
    return list(session.scalars(select(Refund.amount_fen).where(Refund.reference == place.penalty)))


def kinds(session: Session, place: GroupPlace) -> list[str]:
    return list(
        session.scalars(select(Notice.kind).where(Notice.account_id == place.account_id).order_by(Notice.id))
    )


def breaks(session: Session, now: datetime) -> list[audit.Break]:
    session.flush()
    session.expire_all()
    return audit.run(session, now)


def test_a_deposit_of_more_than_a_fifth_is_refused_and_nothing_is_opened(session, washer, now):
    with pytest.raises(Refused, match="deposit") as refused:
        a_group(session, washer, now, deposit_fen=50_001)
    assert refused.value.values == {"most_fen": 50_000}
    assert session.scalar(select(func.count()).select_from(GroupOrder)) == 0


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("price", {"price_fen": 259_901}),
        ("deposit", {"deposit_fen": 99}),
        ("least", {"least": 4}),
        ("options", {"options": (a_wish,)}),
    ],
)
def test_what_a_group_may_not_ask(session, washer, now, code, changes):
    if code == "options":
        changes = {"options": a_group_draft(washer, now).options * 2}
    with pytest.raises(Refused, match=f"group.{code}"):
        a_group(session, washer, now, **changes)


def test_the_deadline_lies_an_hour_to_sixty_days_ahead(session, washer, now):
    for closes_at in (now + timedelta(minutes=59), now + timedelta(days=60, minutes=1)):
        with pytest.raises(Refused, match="closes"):
            a_group(session, washer, now, closes_at=closes_at, make_by=closes_at + WEEK)


def test_another_shops_listing_is_not_found(session, washer, now):
    other = a_shop(session, now)
    with pytest.raises(NotFound):
        open_group(session, other.id, a_group_draft(washer, now), now)


def test_a_paid_deposit_is_held_and_counted(session, group, now):
    place = a_place(session, group, now, pieces=2)
    assert (place.state, place.deposit_fen, balance(session, DEPOSITS)) == (
        PlaceState.joined,
        100_000,
        100_000,
    )
    assert (
        told(session, group.id).joined,
        told(session, group.id).missing,
        told(session, group.id).left,
    ) == (2, 0, 1)
    assert kinds(session, place) == ["group.joined"]
    assert breaks(session, now) == []


def test_joining_twice_gives_the_same_place(session, group, now):
    buyer = an_account(session, now)
    first = join(session, buyer, group.id, a_wish(), now)
    assert join(session, buyer, group.id, a_wish(2), now).id == first.id
    payment = begin_deposit(session, buyer.id, first.id, now)
    assert begin_deposit(session, buyer.id, first.id, now).id == payment.id
    assert group.taken == 1


@pytest.mark.parametrize(
    ("code", "wish"),
    [
        ("terms", a_wish(terms_version=None)),
        ("terms", a_wish(terms_version="2025-01")),
        ("pieces", a_wish(6)),
        ("choice", a_wish(chosen={})),
        ("choice", a_wish(chosen={"门": "没有门"})),
        ("full", a_wish(4)),
    ],
)
def test_what_is_refused_holds_no_place(session, group, now, code, wish):
    with pytest.raises(Refused, match=f"group.{code}"):
        join(session, an_account(session, now), group.id, wish, now)
    assert group.taken == 0


def test_a_place_waits_half_an_hour_for_its_deposit_and_late_money_goes_back(session, group, now):
    buyer = an_account(session, now)
    place = join(session, buyer, group.id, a_wish(), now)
    payment = begin_deposit(session, buyer.id, place.id, now)
    lapse_place(session, place.id, now + timedelta(minutes=29))
    assert place.state is PlaceState.held
    late = now + timedelta(minutes=30)
    lapse_place(session, place.id, late)
    assert (place.state, group.taken) == (PlaceState.lapsed, 0)
    captured(session, payment, late)
    deposit_paid(session, payment.id, late)
    assert session.scalars(select(Refund.kind)).all() == [RefundKind.unclaimed]
    assert (balance(session, DEPOSITS), balance(session, REFUNDS_DUE)) == (0, 50_000)
    assert breaks(session, late) == []


def test_whoever_leaves_before_the_deadline_has_her_deposit_back_once(session, group, now):
    place = a_place(session, group, now)
    soon = now + WEEK - timedelta(minutes=1)
    leave(session, place.account_id, place.id, soon)
    leave(session, place.account_id, place.id, soon)
    react(session, soon)
    give_deposit_back(session, place.id, soon)
    assert (place.state, gone_back(session, place), group.taken) == (PlaceState.left, [50_000], 0)
    assert (balance(session, DEPOSITS), balance(session, STRIPE_CLEARING)) == (0, 50_000)
    assert breaks(session, soon) == []


def test_nobody_leaves_or_joins_at_the_deadline_even_while_the_worker_is_dead(session, group, now):
    place = a_place(session, group, now)
    at = now + WEEK
    with pytest.raises(Refused, match="over"):
        leave(session, place.account_id, place.id, at)
    with pytest.raises(Refused, match="over"):
        join(session, an_account(session, now), group.id, a_wish(), at)
    assert (place.state, group.taken) == (PlaceState.joined, 1)


def test_somebody_elses_place_is_not_found(session, group, now):
    place = a_place(session, group, now)
    for act in (leave, begin_deposit):
        with pytest.raises(NotFound):
            act(session, an_account(session, now).id, place.id, now)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_enough_at_the_deadline_is_confirmed_then_or_a_day_late(session, group, now, late):
    places = [a_place(session, group, now), a_place(session, group, now)]
    close_group(session, group.id, now + WEEK - timedelta(minutes=1))
    assert group.state is GroupState.open
    react(session, now + WEEK + late)
    close_group(session, group.id, now + WEEK + late)
    assert group.state is GroupState.confirmed
    assert [kinds(session, place)[-1] for place in places] == ["group.confirmed"] * 2
    assert balance(session, DEPOSITS) == 100_000
    assert breaks(session, now + WEEK + late) == []


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_too_few_at_the_deadline_gives_every_deposit_back_once(session, group, now, late):
    place, waiting = (
        a_place(session, group, now),
        join(session, an_account(session, now), group.id, a_wish(), now),
    )
    waiting.pay_before = now + WEEK  # still at the provider's page
    at = now + WEEK + late
    for _ in range(2):
        react(session, at)
        close_group(session, group.id, at)
        give_deposit_back(session, place.id, at)
    assert (group.state, place.state, waiting.state) == (
        GroupState.missed,
        PlaceState.returned,
        PlaceState.lapsed,
    )
    assert (gone_back(session, place), balance(session, DEPOSITS)) == ([50_000], 0)
    assert kinds(session, place) == ["group.joined", "group.missed", "group.deposit_back"]
    assert breaks(session, at) == []


def test_money_that_comes_after_the_deadline_goes_back_whether_or_not_it_was_looked_at(session, group, now):
    buyer = an_account(session, now)
    place = join(session, buyer, group.id, a_wish(2), now + WEEK - timedelta(minutes=5))
    payment = begin_deposit(session, buyer.id, place.id, now + WEEK - timedelta(minutes=5))
    captured(session, payment, now + WEEK)
    react(session, now + WEEK)
    assert (group.state, place.state, balance(session, DEPOSITS)) == (GroupState.missed, PlaceState.lapsed, 0)
    assert [refund.amount_fen for refund in session.scalars(select(Refund))] == [100_000]
    assert breaks(session, now + WEEK) == []


def test_the_shop_calls_off_an_open_group_and_not_one_that_came_about(session, group, now):
    place, _ = a_place(session, group, now), a_place(session, group, now)
    with pytest.raises(Refused, match="reason"):
        cancel_by_shop(session, group.shop_id, group.id, " ", now)
    with pytest.raises(NotFound):
        cancel_by_shop(session, a_shop(session, now).id, group.id, "厂里停产", now)
    at = now + WEEK
    with pytest.raises(Refused, match="illegal_move"):
        withdraw_by_shop(session, group.shop_id, group.id, "厂里停产", now)
    close_group(session, group.id, at)
    with pytest.raises(Refused, match="too_late"):
        cancel_by_shop(session, group.shop_id, group.id, "厂里停产", at)
    assert group.state is GroupState.confirmed
    with pytest.raises(NotFound):
        cancel_by_county(session, "610925", group.id, "厂里停产", at)
    for _ in range(2):
        cancel_by_county(session, COUNTY, group.id, "厂里停产", at)
        react(session, at)
    assert (group.state, gone_back(session, place)) == (GroupState.canceled, [50_000])
    assert penalties(session, place) == []
    assert breaks(session, at) == []


@pytest.mark.parametrize("made", [False, True])
def test_a_shop_that_goes_back_on_what_came_about_owes_every_deposit_once_more(session, group, now, made):
    place, other = a_place(session, group, now), a_place(session, group, now)
    at = now + WEEK
    react(session, at)
    if made:
        make_ready(session, group.shop_id, group.id, a_clerk(session, group.listing.shop, now).id, at)
    with pytest.raises(Refused, match="reason"):
        withdraw_by_shop(session, group.shop_id, group.id, "", at)
    with pytest.raises(NotFound):
        withdraw_by_shop(session, a_shop(session, now).id, group.id, "厂里停产", at)
    for _ in range(2):
        withdraw_by_shop(session, group.shop_id, group.id, "厂里停产", at)
        react(session, at)
    assert (group.state, group.shop_at_fault) == (GroupState.canceled, True)
    for each in (place, other):
        assert (gone_back(session, each), penalties(session, each)) == ([50_000], [50_000])
    assert kinds(session, place)[-2:] == ["group.penalty", "group.deposit_back"]
    items = session.scalars(select(SettlementItem.net_fen).where(SettlementItem.kind == ItemKind.penalty))
    assert items.all() == [-50_000, -50_000]
    assert balance(session, REFUNDS_DUE) == 200_000
    assert breaks(session, at) == []
    owed, hub = refund_of(session, place.penalty), an_operator(session, now)
    for _ in range(2):
        pay_out_in_cash(session, COUNTY, hub.id, owed.id, "王秀英", at)
    assert (owed.state, balance(session, REFUNDS_DUE)) == (RefundState.succeeded, 150_000)
    assert (owed.paid_to, owed.paid_out_by_id) == ("王秀英", hub.id)
    assert breaks(session, at) == []


@pytest.mark.parametrize(("at_fault", "owed"), [(False, []), (True, [50_000])])
def test_the_county_says_whether_the_shop_was_at_fault(session, group, now, at_fault, owed):
    place, _ = a_place(session, group, now), a_place(session, group, now)
    react(session, now + WEEK)
    cancel_by_county(session, COUNTY, group.id, "厂里停产", now + WEEK, shop_at_fault=at_fault)
    react(session, now + WEEK)
    assert (gone_back(session, place), penalties(session, place)) == ([50_000], owed)
    assert breaks(session, now + WEEK) == []


def test_a_group_that_has_not_come_about_binds_nobody(session, group, now):
    place = a_place(session, group, now)
    cancel_by_county(session, COUNTY, group.id, "厂里停产", now, shop_at_fault=True)
    react(session, now)
    assert (gone_back(session, place), penalties(session, place), group.shop_at_fault) == (
        [50_000],
        [],
        False,
    )


@pytest.mark.parametrize(("came_about", "owed"), [(False, []), (True, [50_000])])
def test_the_groups_of_a_shop_that_is_closed_end_with_it(session, group, now, came_about, owed):
    place, _ = a_place(session, group, now), a_place(session, group, now)
    at = now + WEEK if came_about else now
    react(session, at)
    change_state(
        session, COUNTY, an_operator(session, now).id, group.shop_id, ShopState.closed, "执照吊销", at
    )
    for _ in range(2):
        react(session, at)
        shop_closed(session, group.shop_id, at)
    assert (group.state, place.state) == (GroupState.canceled, PlaceState.returned)
    assert (gone_back(session, place), penalties(session, place)) == ([50_000], owed)
    assert breaks(session, at) == []


def test_nobody_joins_what_its_shop_may_not_sell_now(session, group, now):
    group.listing.shop.state, group.listing.shop.state_reason = ShopState.suspended, "查处中"
    with pytest.raises(Refused, match="not_for_sale"):
        join(session, an_account(session, now), group.id, a_wish(), now)
    assert group.taken == 0


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_goods_that_are_not_there_on_the_day_give_the_deposits_back(session, group, now, late):
    place, _ = a_place(session, group, now), a_place(session, group, now)
    close_group(session, group.id, now + WEEK)
    end_late(session, group.id, group.make_by - timedelta(minutes=1))
    assert group.state is GroupState.confirmed
    at = group.make_by + late
    with pytest.raises(Refused, match="late"):
        make_ready(session, group.shop_id, group.id, place.account_id, at)
    for _ in range(2):
        react(session, at)
        end_late(session, group.id, at)
    assert (group.state, group.cancel_reason, gone_back(session, place)) == (
        GroupState.canceled,
        "late",
        [50_000],
    )
    assert penalties(session, place) == [50_000]
    assert breaks(session, at) == []


def test_what_was_made_is_kept_for_those_who_wait(session, ready, washer):
    first, _second, at = ready
    assert left(session, [washer.id]) == {washer.id: 0}
    assert first.group.complete_by == at + timedelta(days=5)
    assert breaks(session, at) == []


def test_the_deposit_counts_towards_the_order_and_the_subsidy_is_decided_then(session, ready, now):
    first, _second, at = ready
    a_funded_programme(session, COUNTY, now)
    order = ordered(session, first, at)
    assert ordered(session, first, at).id == order.id
    line = order.shop_orders[0].lines[0]
    # 2,500.00 less 15 % is 2,125.00 and the delivery, of which 500.00 was paid down.
    assert (line.subsidy_base_fen, line.subsidy_fen, order.deposit_fen) == (250_000, 37_500, 50_000)
    assert order.payable_fen == 162_500 + order.delivery_fee_fen
    assert line.snapshot["made_to"] == {"门": "左开门"}
    assert session.scalar(select(func.count()).select_from(Claim)) == 1
    assert breaks(session, at) == []
    paid_online(session, order, at)
    assert (balance(session, DEPOSITS), first.state) == (50_000, PlaceState.ordered)
    assert breaks(session, at) == []


def test_the_page_and_checkout_must_agree_on_the_rest(session, ready):
    first, _second, at = ready
    wrong = choices(session, first, at, PaymentMethod.stripe)
    account = session.get_one(Account, first.account_id)
    with pytest.raises(Refused, match="price_changed"):
        complete(session, account, first.id, replace(wrong, expected_payable_fen=1), "k", at)


def test_an_unpaid_order_gives_the_place_back_until_its_time_is_over(session, ready):
    first, _second, at = ready
    order = ordered(session, first, at)
    half_an_hour = at + timedelta(minutes=30)
    lapse(session, order.id, half_an_hour)
    part = order.shop_orders[0]
    for _ in range(2):
        order_undone(session, part.id, half_an_hour)
    assert (first.state, first.attempt, first.order_id, balance(session, DEPOSITS)) == (
        PlaceState.joined,
        2,
        None,
        100_000,
    )
    assert breaks(session, half_an_hour) == []
    account = session.get_one(Account, first.account_id)
    again = complete(
        session,
        account,
        first.id,
        choices(session, first, half_an_hour, PaymentMethod.cash),
        "again",
        half_an_hour,
    )
    assert again.id != order.id
    assert breaks(session, half_an_hour) == []


@pytest.mark.parametrize(
    ("code", "owed"),
    [("damaged", [50_000]), ("out_of_stock", [50_000]), ("buyer_asked", []), ("cannot_reach", [])],
)
def test_a_shop_that_declines_gives_deposit_and_rest_back_and_double_where_it_is_its_own_doing(
    session, ready, code, owed
):
    first, _second, at = ready
    order = ordered(session, first, at)
    paid_online(session, order, at)
    part = order.shop_orders[0]
    decline_shop_order(session, part.shop_id, part.id, "坏了", at, code)
    order_undone(session, part.id, at)
    react(session, at)
    assert (first.state, gone_back(session, first), balance(session, DEPOSITS)) == (
        PlaceState.returned,
        [50_000],
        50_000,
    )
    assert penalties(session, first) == owed
    assert balance(session, REFUNDS_DUE) == 50_000 + order.payable_fen + sum(owed)
    assert breaks(session, at) == []


def test_what_a_recall_stops_is_not_the_buyers_doing(session, ready):
    first, _second, at = ready
    order = ordered(session, first, at)
    paid_online(session, order, at)
    end = first.group.complete_by
    # Of a serial range: the model itself is sold on.
    assert stop_recalled(session, order.shop_orders[0].id, end - timedelta(minutes=1))
    order_undone(session, order.shop_orders[0].id, end - timedelta(minutes=1))
    react(session, end)
    assert (first.state, gone_back(session, first), penalties(session, first)) == (
        PlaceState.returned,
        [50_000],
        [],
    )
    assert breaks(session, end) == []


def test_an_order_let_go_in_time_forfeits_nothing_where_the_worker_was_dead(session, ready):
    first, _second, at = ready
    order = ordered(session, first, at, PaymentMethod.cash)
    end = first.group.complete_by
    cancel_order(session, first.account_id, order.id, end - timedelta(minutes=30))
    a_day_late = end + timedelta(days=1)
    order_undone(session, order.shop_orders[0].id, a_day_late)
    react(session, a_day_late)
    assert (first.state, gone_back(session, first)) == (PlaceState.returned, [50_000])
    assert breaks(session, a_day_late) == []


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_who_does_not_pay_the_rest_forfeits_her_deposit_to_the_shop_once(session, ready, washer, late):
    first, second, at = ready
    ordered(session, second, at, PaymentMethod.cash)
    group = first.group
    react(session, at + timedelta(days=3))
    assert kinds(session, first)[-1] == "group.remind"
    end_completion(session, group.id, at + timedelta(days=5) - timedelta(minutes=1))
    assert first.state is PlaceState.joined
    end = at + timedelta(days=5) + late
    for _ in range(2):
        react(session, end)
        end_completion(session, group.id, end)
    assert (first.state, second.state, group.state) == (
        PlaceState.forfeited,
        PlaceState.ordered,
        GroupState.closed,
    )
    item = session.scalars(select(SettlementItem).where(SettlementItem.kind == ItemKind.deposit)).one()
    assert (item.net_fen, gone_back(session, first)) == (50_000, [])
    assert left(session, [washer.id]) == {washer.id: 1}
    assert breaks(session, end) == []


@pytest.mark.parametrize(("by_shop", "owed"), [(True, [50_000]), (False, [])])
def test_nothing_is_forfeit_where_it_could_not_be_bought(session, ready, washer, by_shop, owed):
    first, _second, at = ready
    if by_shop:
        set_state(session, washer.shop_id, washer.id, ListingState.paused, at)
    else:
        washer.state = ListingState.recalled
    end = at + timedelta(days=5)
    react(session, end)
    assert (first.state, gone_back(session, first), balance(session, DEPOSITS)) == (
        PlaceState.returned,
        [50_000],
        0,
    )
    assert penalties(session, first) == owed
    assert breaks(session, end) == []


def test_faulty_goods_give_the_rest_and_the_deposit_back_each_its_own_way(session, ready, now):
    first, _second, at = ready
    order = ordered(session, first, at)
    paid_online(session, order, at)
    delivered(session, a_courier(session, now), order, at)
    part = order.shop_orders[0]
    wish = Wanted("门关不上", {part.lines[0].id: 1}, {}, with_delivery=True)
    asker, operator = an_account(session, now), an_operator(session, now)
    refund = request(session, part.id, wish, asker.id, "key", at)
    assert (refund.amount_fen, refund.deposit_fen) == (order.payable_fen, 50_000)
    approve(session, COUNTY, operator.id, refund.id, at)
    for _ in range(2):
        refund_decided(session, refund.id, at)
    react(session, at)
    assert (gone_back(session, first), balance(session, DEPOSITS)) == ([50_000], 50_000)
    assert breaks(session, at) == []


TIERS = (PriceTier(3, 240_000), PriceTier(4, 230_000))


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("tiers", {"tiers": (PriceTier(2, 240_000),)}),
        ("tiers", {"tiers": (PriceTier(3, 250_000),)}),
        ("tiers", {"tiers": (PriceTier(4, 240_000),)}),
        ("tiers", {"tiers": tuple(reversed(TIERS)), "most": 9}),
        ("deposit", {"tiers": (PriceTier(3, 249_999),)}),
    ],
)
def test_tiers_take_more_and_cost_less_and_a_deposit_is_a_fifth_of_the_lowest(
    session, washer, now, code, changes
):
    with pytest.raises(Refused, match=f"group.{code}"):
        a_group(session, washer, now, **changes)
    assert session.scalar(select(func.count()).select_from(GroupOrder)) == 0


@pytest.mark.parametrize(("pieces", "agreed_fen"), [((1, 1), 250_000), ((2, 1), 240_000), ((2, 2), 230_000)])
def test_everybody_pays_the_tier_that_the_deadline_came_to(session, washer, now, pieces, agreed_fen):
    a_funded_programme(session, COUNTY, now)
    group = a_group(session, washer, now, tiers=TIERS, most=5, deposit_fen=46_000)
    first, second = (a_place(session, group, now, pieces=count) for count in pieces)
    at = now + WEEK
    react(session, at)
    assert group.agreed_price_fen == agreed_fen
    make_ready(session, group.shop_id, group.id, a_clerk(session, washer.shop, now).id, at)
    orders = [ordered(session, place, at) for place in (first, second)]
    for place, order in zip((first, second), orders, strict=True):
        assert order.goods_fen == agreed_fen * place.pieces
        assert order.deposit_fen == 46_000 * place.pieces
        assert order.payable_fen == order.total_fen - order.subsidy_fen - order.deposit_fen
        paid_online(session, order, at)
    assert balance(session, DEPOSITS) == 0
    assert breaks(session, at) == []
    # One who lets go later changes nobody's price.
    decline_shop_order(session, group.shop_id, orders[0].shop_orders[0].id, "买家不要", at, "buyer_asked")
    order_undone(session, orders[0].shop_orders[0].id, at)
    assert (group.taken, entry_of(second).set_off_fen) == (
        pieces[1],
        (washer.price_fen - agreed_fen) * pieces[1],
    )
    assert breaks(session, at) == []


def test_where_the_price_alone_fell_below_what_was_paid_down_the_deposit_goes_back(session, ready, washer):
    first, _second, at = ready
    washer.price_fen = 60_000
    account = session.get_one(Account, first.account_id)
    wish = Choices(an_address(session, account, at).id, Place.door, PaymentMethod.cash, 10_000)
    with pytest.raises(Refused, match="not_due"):
        complete(session, account, first.id, wish, "k", at)
    end = first.group.complete_by
    react(session, end)
    assert (first.state, gone_back(session, first), balance(session, DEPOSITS)) == (
        PlaceState.returned,
        [50_000],
        0,
    )
    assert breaks(session, end) == []
