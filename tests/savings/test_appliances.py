"""A person's appliances: noted, changed, removed, noted by themselves, and one reminder."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.choices import choose, wants
from market.notices.models import Notice
from market.orders import deliver
from market.orders.appliances import remember_bought
from market.savings.appliances import TOPIC, About, change, mine, over_on, remember, remind, remove
from market.savings.models import Appliance
from tests.builders.catalog import a_listing, categories
from tests.builders.delivery import a_courier
from tests.builders.life import to_the_hub
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.shops import a_shop

AC = About("ac", "堂屋的空调", date(2017, 3, 1), date(2017, 3, 5))
OVER = datetime(2027, 3, 6, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def person(session, now):
    categories(session)
    return an_account(session, now)


def timers(session):
    rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == TOPIC).order_by(OutboxRow.id))
    return [row.due_at for row in rows]


def told(session):
    return session.scalars(select(Notice.kind).where(Notice.kind == TOPIC)).all()


def test_an_appliance_has_a_timer_for_the_day_after_its_safe_life(session, person, now):
    one = remember(session, person.id, AC, now)
    assert over_on(one, now.date()) == date(2027, 3, 6)
    assert timers(session) == [OVER]


def test_what_is_over_already_or_unknown_has_no_timer(session, person, now):
    for about in (
        About("ac", "老空调", date(2010, 1, 1)),
        About("tv", "电视", date(2020, 1, 1)),
        About("ac", "空调"),
    ):
        remember(session, person.id, about, now)
    assert timers(session) == []


def test_one_is_reminded_of_once(session, person, now):
    one = remember(session, person.id, AC, now)
    remind(session, one.id, now)
    assert told(session) == []
    for _ in range(2):
        remind(session, one.id, OVER)
    assert (told(session), one.reminded_at) == ([TOPIC], OVER)


def test_who_does_not_want_reminders_gets_none(session, person, now):
    one = remember(session, person.id, AC, now)
    for _ in range(2):
        choose(session, person.id, TOPIC, False, now)
    remind(session, one.id, OVER)
    assert (wants(session, person.id, TOPIC), told(session)) == (False, [])
    choose(session, person.id, TOPIC, True, now)
    session.expire_all()
    assert wants(session, person.id, TOPIC)


def test_a_changed_date_moves_the_reminder(session, person, now):
    one = remember(session, person.id, AC, now)
    change(session, person.id, one.id, About("ac", "堂屋的空调", date(2020, 1, 1)), now)
    remind(session, one.id, OVER)
    assert told(session) == []
    assert timers(session) == [OVER, datetime(2030, 1, 2, 9, 0, tzinfo=SHANGHAI)]


def test_the_makers_word_goes_before_the_standards(session, person, now):
    one = remember(session, person.id, About("ac", "空调", date(2020, 1, 1), None, 15), now)
    assert over_on(one, now.date()) == date(2035, 1, 2)


@pytest.mark.parametrize(
    ("about", "field"),
    [
        (About("ghost", "x"), "category_code"),
        (About("ac", " "), "name"),
        (About("ac", "x", date(2027, 1, 1)), "bought_on"),
        (About("ac", "x", date(2020, 2, 1), date(2020, 1, 1)), "installed_on"),
        (About("ac", "x", None, None, 41), "declared_life_years"),
    ],
)
def test_what_cannot_be_is_refused(session, person, now, about, field):
    with pytest.raises(Refused) as refused:
        remember(session, person.id, about, now)
    assert refused.value.field == field
    assert session.scalars(select(Appliance)).all() == []


def test_nobody_elses_is_found(session, person, now):
    one, stranger = remember(session, person.id, AC, now), an_account(session, now)
    for use in (
        lambda: change(session, stranger.id, one.id, AC, now),
        lambda: remove(session, stranger.id, one.id, now),
    ):
        with pytest.raises(NotFound):
            use()
    remove(session, person.id, one.id, now)
    assert mine(session, person.id) == []
    remind(session, one.id, OVER)
    assert told(session) == []


def test_what_was_bought_here_is_noted_by_itself_once(session, person, now):
    listing = a_listing(session, a_shop(session, now), now, stock=3)
    order = an_order(session, person, [(listing, 2)], now)
    to_the_hub(session, order, now)
    (part,) = order.shop_orders
    deliver.job_done(session, part.reference, a_courier(session, now).id, now, now)
    for _ in range(2):
        remember_bought(session, part.id, now)
    noted = mine(session, person.id)
    assert len(noted) == 2
    assert {one.category_code for one in noted} == {listing.product.category_code}
    assert {one.bought_on for one in noted} == {now.date()}
    remove(session, person.id, noted[0].id, now)
    remember_bought(session, part.id, now)
    assert len(mine(session, person.id)) == 1
