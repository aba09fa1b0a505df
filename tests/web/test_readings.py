"""Who opens a page with somebody's data on it is seen to have done so."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.people import queries
from market.people.models import Account, ViewerRole, ViewPurpose
from tests.builders.catalog import a_listing, categories
from tests.builders.delivery import a_courier, a_ready_job, a_run_underway
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser


def test_the_buyer_sees_that_the_shop_and_the_courier_looked(
    client: Browser, session: Session, now: datetime
) -> None:
    categories(session)
    shop, buyer = a_shop(session, now), an_account(session, now)
    order = an_order(session, buyer, [(a_listing(session, shop, now, stock=3), 1)], now)
    clerk = a_clerk(session, shop, now)
    courier = a_courier(session, now)
    a_ready_job(session, now, order_number=order.number)
    stop = a_run_underway(session, courier, now).stops[0]
    session.commit()

    client.become(clerk)
    for _ in range(2):
        assert client.get(f"/shop/orders/{order.shop_orders[0].id}").status_code == 200
    client.become(session.get_one(Account, courier.account_id))
    assert client.get(f"/courier/stops/{stop.id}").status_code == 200

    seen = [(row.role, row.purpose, row.reference) for row, _viewer in queries.accesses(session, buyer.id)]
    assert sorted(seen) == [
        (ViewerRole.courier, ViewPurpose.delivery, order.number),
        (ViewerRole.shop, ViewPurpose.order, order.number),
    ]
    client.become(buyer)
    assert (
        f"送货员 {session.get_one(Account, courier.account_id).name}" in client.get("/account/privacy").text
    )
