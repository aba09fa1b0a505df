"""The signing desk, the certificate, the trail and the balance, as a browser sees them."""

import pytest

from market.kernel import clock
from market.orders.models import ShopOrder
from market.people.models import Account
from market.recycling import handover, wipe
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.custody_models import Device
from market.recycling.held import party_of
from market.recycling.models import WipeMethod
from market.recycling.parties import CONSUMER, Party, Role
from market.recycling.trade_in import open_trade_in, trade_in_collected
from market.shops.models import Shop
from tests.builders.custody import a_dismantler, a_taken_over_fridge, staff_of, to_the_recycler
from tests.builders.delivery import a_courier
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_recycler, a_recycler_clerk, price_tables
from tests.builders.shops import a_clerk, a_shop
from tests.builders.trade_ins import an_order_with_a_fridge

COUNTY = "610924"


@pytest.fixture
def moment():
    return clock.now()


@pytest.fixture
def fridge(session, consumer, recycler, clerk, moment):
    old = a_taken_over_fridge(session, consumer, recycler, clerk, moment)
    session.commit()
    return old


def account_of(session, staff_id):
    return session.get_one(Account, staff_id)


def test_an_owner_shows_the_code_and_the_courier_signs(client, session, consumer, moment):
    _, old = an_order_with_a_fridge(session, consumer, moment)
    courier = a_courier(session, moment)
    session.commit()
    client.become(consumer)
    assert "交给送货员" in client.get(f"/trade-ins/{old.id}").text
    offer = client.submit(f"/trade-ins/{old.id}/hand-over").location
    again = client.submit(f"/trade-ins/{old.id}/hand-over").location
    page = client.get(offer).text
    assert (offer, "<svg" in page) == (again, True)
    code = handover.with_code(session, page.split('class="big code">')[1].split("<")[0]).code
    client.become(account_of(session, courier.account_id))
    assert old.code in client.get(f"/custody/take?code={code.lower()}").text
    assert client.submit("/custody/take", {"code": code}).status_code == 303
    assert client.submit("/custody/take", {"code": code}).status_code == 303
    session.expire_all()
    assert session.get_one(Device, old.id).holder == f"courier:{courier.id}"
    client.become(consumer)
    assert "已收走，等过秤" in client.get(f"/trade-ins/{old.id}").text


def test_a_wrong_code_gets_its_sentence_beside_the_field(client, session, moment):
    courier = a_courier(session, moment)
    session.commit()
    client.become(account_of(session, courier.account_id))
    answer = client.get("/custody/take?code=Q-2222-2222")
    assert answer.status_code == 422
    assert "没有这个交接码" in answer.text
    assert 'value="Q-2222-2222"' in answer.text


def test_the_recycler_makes_a_manifest_and_the_dismantler_signs_it(
    client, session, recycler, clerk, fridge, moment
):
    dismantler = a_dismantler(session, moment)
    signer = account_of(session, staff_of(session, dismantler))
    session.commit()
    client.become(clerk)
    graded = {"grade": "scrap", "brand": "雪岭"}
    assert client.submit(f"/recycler/devices/{fridge.id}/grade", graded).status_code == 303
    desk = client.get("/custody").text
    assert fridge.code in desk
    assert dismantler.name in desk
    nothing = client.submit("/custody/recycler-dismantler/offer", {"taker": str(dismantler.id)})
    assert (nothing.status_code, "请勾选要交的" in nothing.text) == (422, True)
    chosen = {"devices": str(fridge.id)}
    nobody = client.submit("/custody/recycler-dismantler/offer", chosen)
    assert (nobody.status_code, "请选交给谁" in nobody.text) == (422, True)
    offer = client.submit(
        "/custody/recycler-dismantler/offer", chosen | {"taker": str(dismantler.id)}
    ).location
    code = client.get(offer).text.split('class="big code">')[1].split("<")[0]
    assert client.get(f"{offer}/manifest.pdf").status_code == 404
    client.become(signer)
    document = client.submit("/custody/take", {"code": code}).location
    assert "61,500 克" in client.get(document).text
    sheet = client.get(f"{document}/manifest.pdf")
    assert (sheet.mimetype, sheet.data[:5]) == ("application/pdf", b"%PDF-")
    client.become(a_recycler_clerk(session, a_recycler(session, moment, name="另一家"), moment))
    for path in (document, f"{document}/manifest.pdf"):
        assert client.get(path).status_code == 404
    assert client.submit(f"{document}/withdraw").status_code == 404


def test_an_offer_is_taken_back_by_who_made_it(client, session, recycler, clerk, fridge, moment):
    hub = Party(Role.hub, COUNTY)
    fridge.state = "going_home"
    fridge.worth_fen = 0
    session.flush()
    made = handover.offer(session, party_of(recycler), clerk.id, COUNTY, hub, [fridge.id], moment)
    session.commit()
    client.become(an_operator(session, moment))
    path = f"/custody/handovers/{made.id}"
    assert client.get(path).status_code == 200
    assert client.submit(f"{path}/withdraw").status_code == 404
    client.become(clerk)
    assert client.submit(f"{path}/withdraw").status_code == 303
    assert "已收回" in client.get(path).text


def test_a_villager_has_no_desk(client, consumer):
    client.become(consumer)
    assert client.get("/custody").status_code == 404
    assert client.submit("/custody/take", {"code": "Q-2222-2222"}).status_code == 404


def test_the_wipe_certificate_is_for_its_owner_and_who_wiped_it(
    client, session, consumer, recycler, clerk, moment
):
    price_tables(session)
    recycler.scope = [*recycler.scope, "tv"]
    tv = open_trade_in(session, consumer.id, COUNTY, "order:2", "tv", 5, True, True, moment)
    trade_in_collected(session, f"trade_in:{tv.id}", moment)
    to_the_recycler(session, tv, recycler, moment)
    assess_trade_in(session, recycler, clerk.id, tv.id, 14_000, 5, [], "", None, moment)
    session.commit()
    path = f"/custody/devices/{tv.id}/certificate"
    client.become(clerk)
    assert client.get(path).status_code == 404
    assert client.submit(f"/recycler/devices/{tv.id}/grade", {"grade": "B"}).status_code == 422
    assert client.submit(f"/recycler/devices/{tv.id}/wipe-failed").status_code == 303
    assert "擦除核验没通过，重新擦" in client.get(f"/recycler/trade-ins/{tv.id}").text
    wipe.certify_wipe(session, recycler, clerk.id, tv.id, "TV-9", WipeMethod.overwrite, "抽读 5 处", moment)
    session.commit()
    for reader in (clerk, consumer, an_operator(session, moment)):
        client.become(reader)
        page = client.get(path).text
        assert "GB 46864-2025" in page
        assert consumer.name not in page.split("<main")[1]
        assert client.get(f"{path}.pdf").data[:5] == b"%PDF-"
    client.become(an_account(session, moment))
    assert client.get(path).status_code == 404


def test_the_county_and_the_recycler_see_that_it_adds_up_and_where_not(
    client, session, recycler, clerk, fridge, moment
):
    operator = an_operator(session, moment)
    client.become(operator)
    page = client.get("/county/mass-balance").text
    assert "61,500" in page
    assert "对得上" in page
    session.get_one(Device, fridge.id).weight_grams = 40_000
    session.commit()
    assert "对不上：差 0 件，21,500 克" in client.get("/county/mass-balance").text
    client.become(clerk)
    assert "对不上：差 0 件，21,500 克" in client.get("/recycler/stock").text


def test_a_shop_sees_the_trade_ins_of_its_orders_and_no_others(client, session, consumer, moment):
    order, old = an_order_with_a_fridge(session, consumer, moment)
    shop = session.get_one(Shop, session.query(ShopOrder).filter_by(order_id=order.id).one().shop_id)
    other = a_clerk(session, a_shop(session, moment), moment)
    own = a_clerk(session, shop, moment)
    handover.offer(session, CONSUMER, consumer.id, COUNTY, Party(Role.courier), [old.id], moment)
    session.commit()
    client.become(own)
    page = client.get("/shop/trade-ins").text
    assert old.code in page
    assert consumer.name not in page.split("<main")[1]
    client.become(other)
    assert old.code not in client.get("/shop/trade-ins").text
