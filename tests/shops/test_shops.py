from dataclasses import replace

import pytest
from sqlalchemy import func, select

from market.kernel.errors import NotFound, Refused
from market.shops.apply import add_staff, apply
from market.shops.change_state import change_state
from market.shops.models import Shop, ShopRole, ShopState
from market.shops.queries import shop_of, shops, staff
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county
from tests.builders.shops import a_clerk, a_shop, an_application


def test_a_shop_applies_and_waits_for_the_county(session, now):
    a_county(session)
    owner = an_account(session, now)
    shop = apply(session, an_application(), owner.id, now)
    assert (shop.state, shop.commission_bp) == (ShopState.applied, 300)
    assert shop_of(session, owner.id) is shop
    assert [member.role for member in staff(session, shop.id)] == [ShopRole.owner]


@pytest.mark.parametrize("licence", ["", "123", "92610924MA0000000I", "92610924MA00000001X"])
def test_a_licence_number_has_eighteen_characters_of_its_alphabet(session, now, licence):
    a_county(session)
    application = an_application()
    owner = an_account(session, now)
    with pytest.raises(Refused) as refused:
        apply(session, replace(application, licence_number=licence), owner.id, now)
    assert (refused.value.code, refused.value.field) == ("shops.licence_shape", "licence_number")
    assert session.scalar(select(func.count()).select_from(Shop)) == 0


def test_a_licence_number_belongs_to_one_shop(session, now):
    a_county(session)
    application = an_application()
    apply(session, application, an_account(session, now).id, now)
    with pytest.raises(Refused, match=r"shops\.licence_taken"):
        apply(session, application, an_account(session, now).id, now)


def test_an_account_works_for_one_shop(session, now):
    mine, other = a_shop(session, now), a_shop(session, now, name="远山家电")
    clerk = a_clerk(session, mine, now)
    with pytest.raises(Refused, match=r"shops\.works_elsewhere"):
        add_staff(session, other.id, clerk.id, ShopRole.clerk, now)
    assert shop_of(session, clerk.id) is mine


def test_every_state_but_open_has_a_reason(session, now):
    shop = a_shop(session, now)
    with pytest.raises(Refused, match=r"shops\.reason_missing"):
        change_state(session, "610924", an_operator(session, now).id, shop.id, ShopState.suspended, " ", now)
    assert shop.state is ShopState.open
    change_state(
        session, "610924", an_operator(session, now).id, shop.id, ShopState.suspended, "营业执照过期", now
    )
    assert (shop.state, shop.state_reason, shop.state_since) == (ShopState.suspended, "营业执照过期", now)


def test_a_closed_shop_does_not_open_again(session, now):
    shop = a_shop(session, now)
    change_state(session, "610924", an_operator(session, now).id, shop.id, ShopState.closed, "店主申请", now)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        change_state(session, "610924", an_operator(session, now).id, shop.id, ShopState.open, "", now)


def test_a_county_does_not_touch_another_countys_shop(session, now):
    shop = a_shop(session, now)
    a_county(session, "610728")
    with pytest.raises(NotFound):
        change_state(
            session,
            "610728",
            an_operator(session, now, "610728").id,
            shop.id,
            ShopState.suspended,
            "理由",
            now,
        )
    assert shops(session, "610728") == []
    assert shops(session, "610924", ShopState.open) == [shop]
