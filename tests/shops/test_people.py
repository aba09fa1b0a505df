from datetime import timedelta

import pytest
from sqlalchemy import select

from market.kernel.errors import NotFound, Refused
from market.shops.models import ShopInvitation, ShopRole
from market.shops.people import MOST_TRIES, VALID_FOR, invite, join, remove
from market.shops.queries import role_of, shop_of
from tests.builders.people import an_account
from tests.builders.shops import a_clerk, a_shop, an_owner


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


@pytest.fixture
def owner(session, shop):
    return an_owner(session, shop)


@pytest.fixture
def invited(session, now):
    return an_account(session, now, name="小赵")


def asked(session, shop, owner, account, now, role=ShopRole.driver):
    return invite(session, shop.id, owner.id, account.phone, role, now)


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_who_is_invited_joins_with_the_code_and_it_works_once(session, shop, owner, invited, now):
    found = asked(session, shop, owner, invited, now)
    assert found.code not in found.invitation.code_hash
    assert join(session, invited, f" {found.code} ", now) is shop
    assert (shop_of(session, invited.id), role_of(session, invited.id)) == (shop, ShopRole.driver)
    with pytest.raises(Refused, match=r"shops\.not_invited"):
        join(session, invited, found.code, now)


def test_another_phone_can_not_use_the_code(session, shop, owner, invited, now):
    found = asked(session, shop, owner, invited, now)
    with pytest.raises(Refused, match=r"shops\.not_invited"):
        join(session, an_account(session, now), found.code, now)


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=1)])
def test_an_invitation_ends_to_the_minute(session, shop, owner, invited, now, late):
    found = asked(session, shop, owner, invited, now)
    with pytest.raises(Refused, match=r"shops\.not_invited"):
        join(session, invited, found.code, now + VALID_FOR + late)
    assert shop_of(session, invited.id) is None
    join(session, invited, found.code, now + VALID_FOR - timedelta(minutes=1))


def test_five_wrong_codes_end_it(session, shop, owner, invited, now):
    found = asked(session, shop, owner, invited, now)
    for _ in range(MOST_TRIES):
        with pytest.raises(Refused, match=r"shops\.wrong_code"):
            join(session, invited, wrong(found.code), now)
    with pytest.raises(Refused, match=r"shops\.not_invited"):
        join(session, invited, found.code, now)
    assert session.scalars(select(ShopInvitation.wrong_tries)).all() == [MOST_TRIES]


def test_a_new_invitation_ends_the_one_before(session, shop, owner, invited, now):
    first = asked(session, shop, owner, invited, now)
    second = asked(session, shop, owner, invited, now, ShopRole.clerk)
    if first.code != second.code:
        with pytest.raises(Refused, match=r"shops\.wrong_code"):
            join(session, invited, first.code, now)
    join(session, invited, second.code, now)
    assert role_of(session, invited.id) is ShopRole.clerk


def test_who_works_somewhere_is_not_invited(session, shop, owner, now):
    clerk = a_clerk(session, a_shop(session, now, name="远山家电"), now)
    with pytest.raises(Refused, match=r"shops\.works_elsewhere"):
        asked(session, shop, owner, clerk, now)
    assert session.scalars(select(ShopInvitation)).all() == []


def test_the_last_owner_can_not_leave(session, shop, owner, invited, now):
    with pytest.raises(Refused, match=r"shops\.last_owner"):
        remove(session, shop.id, owner.id, owner.id, now)
    assert role_of(session, owner.id) is ShopRole.owner
    join(session, invited, asked(session, shop, owner, invited, now, ShopRole.owner).code, now)
    remove(session, shop.id, invited.id, owner.id, now)
    assert shop_of(session, owner.id) is None


def test_another_shops_clerk_is_not_found(session, shop, owner, now):
    clerk = a_clerk(session, a_shop(session, now, name="远山家电"), now)
    with pytest.raises(NotFound):
        remove(session, shop.id, owner.id, clerk.id, now)
    assert role_of(session, clerk.id) is ShopRole.clerk
