"""The consumer's pages and the recycler's, as a browser sees them."""

import io
from datetime import timedelta

import pytest

from market.kernel import clock
from market.recycling import queries, send_in
from market.recycling.models import RecyclingOrder
from market.recycling.pay_out import pay_out
from market.recycling.states import RecyclingState as S
from market.recycling.trade_in import open_trade_in, trade_in_collected
from tests.builders.custody import to_the_recycler
from tests.builders.people import an_account
from tests.builders.recycling import (
    a_labelled_phone,
    a_photo,
    a_recycler,
    a_recycler_clerk,
    price_tables,
)

THING = {"model": "山雀 X2", "age_years": "2", "faults": ["battery_weak"]}
SAFE = {"swollen_or_leaking": "no", "power_bank": "no", "loose_battery": "no", "e_bike_battery": "no"}


def photo():
    return io.BytesIO(a_photo()), "photo.jpg"


@pytest.fixture
def moment():
    return clock.now()


@pytest.fixture
def posted(session, consumer, recycler, moment):
    order = a_labelled_phone(session, consumer, moment)
    send_in.mark_posted(session, consumer.id, order.id, "SF1", moment)
    session.commit()
    return order


def test_anybody_may_read_how_it_goes(client, session):
    price_tables(session)
    page = client.get("/recycle").text
    assert "三步就好" in page
    assert "/recycle/new/phone" in page
    assert "大件：送货员上门取" in page[: page.index("/recycle/new/fridge")]
    assert "回收企业付，您不用出" in page


def test_a_phone_goes_from_the_first_question_to_its_label(client, session, consumer, recycler):
    price_tables(session)
    client.become(consumer)
    assert "/recycle/new/phone/thing" in client.submit("/recycle/new/phone", SAFE).text
    order_url = client.submit("/recycle/new/phone/thing", {**SAFE, **THING}).location
    page = client.get(order_url).text
    assert "382.50" in page
    assert "参考值" in page
    assert "第 2 步，共 3 步" in page
    assert client.submit(f"{order_url}/way", {"way": "post"}).status_code == 303
    assert "第 3 步，共 3 步" in client.get(order_url).text
    assert client.submit(f"{order_url}/accept", {"payout": "points"}).status_code == 303
    label = client.get(f"{order_url}/label").text
    assert "<svg" in label
    assert recycler.address in label
    assert consumer.name not in label.split("<main")[1]


def test_a_wrong_age_gets_its_sentence_and_keeps_what_was_typed(client, session, consumer):
    price_tables(session)
    client.become(consumer)
    answer = client.submit("/recycle/new/phone/thing", {**SAFE, **THING, "age_years": "99"})
    assert answer.status_code == 422
    assert "请填 0 到 50" in answer.text
    assert "山雀 X2" in answer.text
    assert session.query(RecyclingOrder).count() == 0


def test_a_swollen_battery_is_shown_another_way(client, session, consumer, recycler):
    price_tables(session)
    client.become(consumer)
    swollen = {**SAFE, "swollen_or_leaking": "yes"}
    page = client.submit("/recycle/new/phone", swollen).text
    assert "自己送到回收企业的院子" in page
    order_url = client.submit("/recycle/new/phone/thing", {**swollen, **THING}).location
    page = client.get(order_url).text
    assert recycler.name in page
    assert 'value="post"' not in page
    refused = client.submit(f"{order_url}/way", {"way": "post"})
    assert refused.status_code == 422
    assert "鼓包、漏液的电池会起火，不能邮寄" in refused.text
    session.expire_all()
    assert session.query(RecyclingOrder).one().way is None


def test_the_recycler_takes_in_assesses_and_certifies(client, session, consumer, clerk, posted):
    client.become(clerk)
    parcel = client.get(f"/recycler?code={posted.code.lower()}").location
    weighed = {"weight_grams": "198", "seal_number": "F-1", "photo": photo()}
    assert client.submit(f"{parcel}/receive", weighed).status_code == 303
    found = {"age_years": "2", "faults": ["battery_weak"], "note": ""}
    assert client.submit(f"{parcel}/assess", found).status_code == 303
    pay_out(session, posted.id, clock.now())
    session.commit()
    wiped = {"serial_number": "SN-7", "method": "overwrite", "verification": "抽读 5 处"}
    device = f"/recycler/devices/{posted.id}"
    assert client.submit(f"{device}/wipe", wiped).status_code == 303
    assert client.submit(f"{device}/grade", {"grade": "B", "brand": "山雀"}).status_code == 303
    sale = {"serial_number": "SN-7", "price_fen": "320", "warranty_months": "2"}
    refused = client.submit(f"{device}/resell", sale)
    assert (refused.status_code, "旧货保修至少 3 个月" in refused.text) == (422, True)
    assert client.submit(f"{device}/resell", sale | {"warranty_months": "6"}).status_code == 303
    assert "标“旧货”卖出，保修 6 个月" in client.get(parcel).text
    assert posted.code in client.get("/recycler/done").text
    client.become(consumer)
    assert "38,250 积分已到账" in client.get(f"/recycle/{posted.id}").text


def test_a_lower_offer_is_answered_by_the_consumer(client, session, consumer, clerk, posted):
    client.become(clerk)
    parcel = f"/recycler/parcels/{posted.id}"
    weighed = {"weight_grams": "198", "seal_number": "F-1", "photo": photo()}
    client.submit(f"{parcel}/receive", weighed)
    found = {"age_years": "2", "faults": ["battery_weak", "screen_broken"], "note": ""}
    assert "请拍照为证" in client.submit(f"{parcel}/assess", found).text
    assert client.submit(f"{parcel}/assess", {**found, "photo": photo()}).status_code == 303
    client.become(consumer)
    page = client.get(f"/recycle/{posted.id}").text
    assert "210.37" in page[page.index("新报价") :]
    assert "屏幕破裂或显示异常" in page
    photo_id, _occasion = queries.photos(session, posted.id)[-1]
    assert client.get(f"/recycle/{posted.id}/photos/{photo_id}").content_type == "image/jpeg"
    assert client.submit(f"/recycle/{posted.id}/decline").status_code == 303
    session.expire_all()
    assert posted.state is S.rejected


def test_nobody_at_the_recycler_sees_whose_it_is(client, consumer, clerk, posted):
    client.become(clerk)
    for path in ("/recycler", f"/recycler/parcels/{posted.id}"):
        page = client.get(path).text
        assert posted.code in page
        assert consumer.name not in page
        assert consumer.phone not in page


@pytest.mark.parametrize("path", ["", "/label", "/photos/0192f0c1-0000-7000-8000-000000000000"])
def test_another_persons_parcel_is_not_found(client, session, posted, now, path):
    client.become(an_account(session, now))
    assert client.get(f"/recycle/{posted.id}{path}").status_code == 404


def test_another_recyclers_parcel_is_not_found_and_stays(client, session, posted, now):
    client.become(a_recycler_clerk(session, a_recycler(session, now, name="另一家"), now))
    parcel = f"/recycler/parcels/{posted.id}"
    assert client.get(parcel).status_code == 404
    for act in ("wipe", "wipe-failed", "grade", "resell"):
        assert client.submit(f"/recycler/devices/{posted.id}/{act}").status_code == 404, act
    for act in ("receive", "assess", "hazard", "ship-back", "came-back", "fetched"):
        assert client.submit(f"{parcel}/{act}").status_code == 404, act
    session.expire_all()
    assert posted.state is S.in_transit


def test_the_recyclers_door_is_not_there_for_a_consumer(client, consumer):
    assert client.get("/recycler").location.startswith("/account/sign-in")
    client.become(consumer)
    assert client.get("/recycler").status_code == 404


def test_a_traded_in_fridge_is_weighed_and_taken(client, session, consumer, clerk, recycler, moment):
    price_tables(session)
    old = open_trade_in(
        session, consumer.id, "610924", "order:1", "fridge", 12, True, True, moment - timedelta(days=1)
    )
    trade_in_collected(session, f"trade_in:{old.id}", moment)
    to_the_recycler(session, old, recycler, moment)
    session.commit()
    client.become(clerk)
    assert old.code in client.get("/recycler").text
    path, as_told = f"/recycler/trade-ins/{old.id}", {"age_years": "12"}
    assert 'value="12"' in client.get(path).text
    assert client.submit(path, as_told | {"weight_grams": "0"}).status_code == 422
    assert client.submit(path, as_told | {"weight_grams": "61500"}).status_code == 303
    session.expire_all()
    assert (old.state.value, old.confirmed_weight_grams) == ("confirmed", 61_500)
