"""The three steps, the label, the tracking, and the county's desk, as a browser sees them."""

import io
from datetime import timedelta

import pytest

from market.kernel import clock
from market.people.models import DataAccess
from market.recycling import parcel, queries, send_in
from market.recycling.assess import assess
from market.recycling.carrier import SIMULATED
from market.recycling.clocks import miss_parcel
from market.recycling.models import RecyclingOrder
from market.recycling.parcel_models import FreightCampaign
from market.recycling.pay_out import pay_out
from market.recycling.payout_models import BankPayout
from market.recycling.receive import receive
from market.recycling.states import RecyclingState as S
from market.web.recycle.label import label_pdf
from tests.builders.mail_in import a_campaign, a_phone_for_the_courier, a_quoted_phone
from tests.builders.people import an_account, an_address, an_operator
from tests.builders.places import a_station
from tests.builders.recycling import a_labelled_phone, a_photo, price_tables

SAFE = {"swollen_or_leaking": "no", "power_bank": "no", "loose_battery": "no", "e_bike_battery": "no"}
THING = {"model": "山雀 X2", "age_years": "2", "works": "yes", "complete": "yes", "faults": ["battery_weak"]}
BANK = {"payout": "yuan", "holder": "王秀英", "bank": "信用社", "number": "6217000123456789"}


@pytest.fixture
def moment():
    return clock.now()


@pytest.fixture
def quoted(session, consumer, recycler, moment):
    order = a_quoted_phone(session, consumer, moment)
    session.commit()
    return order


@pytest.fixture
def operator(session, moment):
    return an_operator(session, moment)


def photo():
    return io.BytesIO(a_photo()), "photo.jpg"


def test_safety_is_asked_first_and_every_question_needs_its_answer(client, session, consumer):
    price_tables(session)
    client.become(consumer)
    page = client.get("/recycle/new/phone").text
    assert "先看安全不安全" in page
    assert "品牌和型号" not in page
    answer = client.submit("/recycle/new/phone", {"power_bank": "no"})
    assert answer.status_code == 422
    assert answer.text.count("请选一个") >= 3
    skipped = client.submit("/recycle/new/phone/thing", THING)
    assert skipped.location.endswith("/recycle/new/phone")
    assert session.query(RecyclingOrder).count() == 0


def test_a_washer_has_no_battery_and_is_not_asked(client, session, consumer):
    price_tables(session)
    client.become(consumer)
    assert "品牌和型号" in client.get("/recycle/new/washer").text


def test_works_complete_and_photos_go_with_the_thing(client, session, consumer, recycler):
    price_tables(session)
    client.become(consumer)
    told = {**SAFE, **THING, "works": "no", "complete": "no", "photos": [photo(), photo()]}
    order_url = client.submit("/recycle/new/phone/thing", told).location
    order = session.query(RecyclingOrder).one()
    assert order.faults == ["battery_weak", "incomplete", "not_working"]
    assert [occasion for _id, occasion in queries.photos(session, order.id)] == ["told", "told"]
    assert "您拍的" in client.get(order_url).text


def test_a_photo_that_cannot_be_read_keeps_what_was_typed(client, session, consumer, recycler):
    price_tables(session)
    client.become(consumer)
    told = {**SAFE, **THING, "photos": [(io.BytesIO(b"not a picture"), "x.jpg")]}
    answer = client.submit("/recycle/new/phone/thing", told)
    assert answer.status_code == 422
    assert "这张照片打不开" in answer.text
    assert "山雀 X2" in answer.text
    session.expire_all()
    assert session.query(RecyclingOrder).count() == 0


def test_each_way_says_what_it_needs(client, session, consumer, quoted):
    a_station(session)
    session.commit()
    client.become(consumer)
    page = client.get(f"/recycle/{quoted.id}").text
    assert "先写一个地址" in page
    assert "大连村服务站" in page
    assert "回收企业付，您不用出" in page
    address = an_address(session, consumer, clock.now())
    session.commit()
    assert "三组 12 号" in client.get(f"/recycle/{quoted.id}").text
    chosen = {"way": "courier", "address_id": str(address.id)}
    assert client.submit(f"/recycle/{quoted.id}/way", chosen).status_code == 303
    assert client.submit(f"/recycle/{quoted.id}/accept", {"payout": "points"}).status_code == 303
    page = client.get(f"/recycle/{quoted.id}").text
    assert "送货员来取" in page
    assert "我已寄出" not in page


@pytest.mark.parametrize("chosen", [{}, {"way": "drone"}, {"way": "courier", "address_id": "x"},
                                    {"way": "carry", "drop_off": "station:x"}])  # fmt: skip
def test_a_way_that_does_not_exist_is_refused(client, session, consumer, quoted, chosen):
    client.become(consumer)
    assert client.submit(f"/recycle/{quoted.id}/way", chosen).status_code == 422
    session.expire_all()
    assert quoted.way is None


def test_a_bank_account_that_is_not_whole_keeps_what_was_typed(client, session, consumer, quoted):
    client.become(consumer)
    client.submit(f"/recycle/{quoted.id}/way", {"way": "post"})
    answer = client.submit(f"/recycle/{quoted.id}/accept", BANK | {"number": "6217"})
    assert answer.status_code == 422
    assert "账号是 8 到 30 位数字" in answer.text
    assert 'value="信用社"' in answer.text
    session.expire_all()
    assert (quoted.state, quoted.payout) == (S.quoted, None)
    assert session.query(BankPayout).count() == 0


def test_the_label_says_who_pays_and_comes_as_pdf(client, session, consumer, recycler, moment):
    a_campaign(session, moment)
    order = a_labelled_phone(session, consumer, moment)
    parcel.book_parcel(session, SIMULATED, order.id, moment)
    session.commit()
    client.become(consumer)
    number = parcel.parcel_of(session, order.id).number
    page = client.get(f"/recycle/{order.id}/label").text
    assert number in page
    assert "运费已付" in page
    assert "运费 ¥8.00 由县里出" in client.get(f"/recycle/{order.id}").text
    answer = client.get(f"/recycle/{order.id}/label.pdf")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert consumer.phone.encode() not in answer.data


def test_there_is_no_label_while_nobody_is_licensed_to_take_it(client, session, consumer, recycler, moment):
    order = a_labelled_phone(session, consumer, moment)
    order.recycler_id = None
    session.commit()
    client.become(consumer)
    assert [client.get(f"/recycle/{order.id}/{name}").status_code for name in ("label", "label.pdf")] == [
        404,
        404,
    ]


def test_the_same_label_is_the_same_file_and_its_code_is_in_it(app, session, consumer, recycler, moment):
    order = a_labelled_phone(session, consumer, moment)
    with app.test_request_context():
        made = [label_pdf(order, recycler, "LX1", True, compress=False) for _ in range(2)]
    assert made[0] == made[1]
    assert f"/Title ({order.code})".encode() in made[0]


def test_scans_show_newest_first(client, session, consumer, recycler, moment):
    order = a_labelled_phone(session, consumer, moment)
    parcel.book_parcel(session, SIMULATED, order.id, moment)
    send_in.mark_posted(session, consumer.id, order.id, "", moment - timedelta(minutes=20))
    parcel.follow(session, SIMULATED, order.id, moment)
    session.commit()
    client.become(consumer)
    page = client.get(f"/recycle/{order.id}").text
    assert page.index("已送到回收企业") < page.index("快递已收件")


def test_the_desk_opens_a_campaign_and_sees_what_is_left(client, session, operator, moment):
    client.become(operator)
    today = clock.local_date(moment)
    asked = {
        "name": "年底寄旧机",
        "first_day": today,
        "last_day": today,
        "budget_fen": "500",
        "per_person": "2",
    }
    answer = client.submit("/county/freight", {**asked, "last_day": today - timedelta(days=1)})
    assert answer.status_code == 422
    assert "最后一天不能早过第一天" in answer.text
    assert 'value="年底寄旧机"' in answer.text
    assert client.submit("/county/freight", asked).status_code == 303
    page = client.get("/county/freight").text
    assert "还剩 ¥500.00，共 ¥500.00" in page
    campaign = session.query(FreightCampaign).one()
    assert (campaign.budget_fen, campaign.per_person, campaign.opened_by_id) == (50_000, 2, operator.id)


def test_the_desk_pays_the_carriers_bill(client, session, consumer, recycler, operator, moment):
    campaign = a_campaign(session, moment)
    order = a_labelled_phone(session, consumer, moment)
    send_in.mark_posted(session, consumer.id, order.id, "", moment)
    session.commit()
    client.become(operator)
    bill = f"/county/freight/{campaign.id}/bill"
    assert client.submit(bill, {"slip_number": ""}).status_code == 422
    assert client.submit(bill, {"slip_number": "YD-0001"}).status_code == 303
    assert "还剩 ¥92.00" in client.get("/county/freight").text
    client.become(an_operator(session, moment, "610728"))
    assert client.submit(bill, {"slip_number": "YD-0002"}).status_code == 404


def test_the_desk_transfers_what_is_owed_and_her_record_says_who_looked(
    client, session, consumer, clerk, recycler, quoted, operator, moment
):
    client.become(consumer)
    client.submit(f"/recycle/{quoted.id}/way", {"way": "post"})
    assert client.submit(f"/recycle/{quoted.id}/accept", BANK).status_code == 303
    session.expire_all()
    receive(session, recycler, clerk.id, quoted.id, 198, "F-1", a_photo(), moment)
    assess(session, recycler, clerk.id, quoted.id, 2, ["battery_weak"], "", None, moment)
    pay_out(session, quoted.id, moment)
    session.commit()
    assert "正在转到尾号 6789 的银行卡" in client.get(f"/recycle/{quoted.id}").text
    client.become(operator)
    assert "6217000123456789" in client.get("/county/mail-in").text
    seen = session.query(DataAccess).filter_by(account_id=consumer.id, viewer_id=operator.id).all()
    assert [row.purpose.value for row in seen] == ["recycling"]
    transfer = f"/county/mail-in/{quoted.id}/transfer"
    assert client.submit(transfer, {"bank_reference": "x"}).status_code == 422
    assert client.submit(transfer, {"bank_reference": "HD-0001"}).status_code == 303
    client.become(consumer)
    assert "¥382.50 已转到您的银行卡" in client.get(f"/recycle/{quoted.id}").text


def test_the_desk_sees_what_is_late_and_settles_what_was_lost(
    client, session, consumer, recycler, operator, moment
):
    order = a_labelled_phone(session, consumer, moment - timedelta(days=24))
    send_in.mark_posted(session, consumer.id, order.id, "SF1", moment - timedelta(days=24))
    miss_parcel(session, order.id, moment - timedelta(days=8))
    session.commit()
    client.become(operator)
    page = client.get("/county/mail-in").text
    assert "该县里了" in page
    assert consumer.phone not in page
    claim = f"/county/mail-in/{order.id}/claim"
    assert client.submit(claim, {"carrier_fen": ""}).status_code == 422
    assert client.submit(claim, {"carrier_fen": "300"}).status_code == 303
    client.become(consumer)
    assert "照估价赔您 ¥382.50" in client.get(f"/recycle/{order.id}").text


def test_what_came_back_is_handled_at_both_ends(client, session, consumer, recycler, clerk, moment):
    order = a_labelled_phone(session, consumer, moment)
    receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), moment)
    assess(session, recycler, clerk.id, order.id, 2, ["screen_broken"], "", a_photo(), moment)
    session.commit()
    client.become(consumer)
    client.submit(f"/recycle/{order.id}/decline")
    client.become(clerk)
    parcel_url = f"/recycler/parcels/{order.id}"
    assert client.submit(f"{parcel_url}/ship-back", {"tracking_number": "YT1"}).status_code == 303
    assert client.submit(f"{parcel_url}/came-back").status_code == 303
    assert "等客户说怎么办" in client.get(parcel_url).text
    client.become(consumer)
    assert "寄回时没人收" in client.get(f"/recycle/{order.id}").text
    assert client.submit(f"/recycle/{order.id}/send-again").status_code == 303
    client.become(clerk)
    assert "客户要再寄一次" in client.get(parcel_url).text
    assert client.submit(f"{parcel_url}/ship-back", {"tracking_number": "YT2"}).status_code == 303
    session.expire_all()
    assert (order.state, order.return_tracking_number) == (S.return_shipping, "YT2")


def test_a_stranger_moves_nothing(client, session, consumer, recycler, moment):
    order = a_phone_for_the_courier(session, consumer, moment)
    session.commit()
    client.become(an_account(session, moment))
    for act in ("way", "accept", "posted", "pickup", "send-again", "sell-after-all"):
        assert client.submit(f"/recycle/{order.id}/{act}", {"way": "post"}).status_code == 404, act
    assert client.get(f"/recycle/{order.id}/label.pdf").status_code == 404
    session.expire_all()
    assert order.state is S.awaiting_pickup
