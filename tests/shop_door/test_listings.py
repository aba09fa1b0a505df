import io

import pytest
from sqlalchemy import func, select

from market.catalog.models import LabelRecord, Listing, ListingState, PriceChange, Product
from market.catalog.rules import LabelState
from market.inventory.models import SerialNumber
from market.inventory.queries import movements, stock
from tests.builders.catalog import a_listing, a_product_draft, a_scan
from tests.builders.people import an_account
from tests.builders.shops import a_shop

HEAT_PUMP = {
    "brand": "霜田",
    "model": "ST-KFR72",
    "name_zh": "霜田 12 千瓦空气源热泵",
    "gtin": "6901234567892",
    "specs": "制热量：12 kW\n电压：220 V",
    "price": "12,800",
    "list_price": "13999.9",
    "stock": "4",
    "grade": "1",
    "kind": "energy",
    "standard_number": "GB 37480-2019",
    "record_number": "20250310-440300-00000000000000042",
    "net_weight_grams": "98.5",
    "packed_length_mm": "115",
    "packed_width_mm": "48",
    "packed_height_mm": "90",
    "upright": "y",
    "people_required": "2",
    "install_skill": "electric",
    "install_minutes": "180",
}


def heat_pump() -> dict:
    """What is typed and photographed; an upload can be sent only once."""
    return HEAT_PUMP | {"scan": (io.BytesIO(a_scan()), "label.png")}


NEW = "/shop/listings/new/heat_pump"


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


def test_a_clerk_lists_a_heat_pump_on_one_screen(session, client, shop, clerk):
    answer = client.submit(NEW, heat_pump())
    assert answer.status_code == 303
    listing = session.scalars(select(Listing)).one()
    assert answer.location == f"/shop/listings/{listing.id}"
    assert (listing.shop_id, listing.state) == (shop.id, ListingState.active)
    assert (listing.price_fen, listing.list_price_fen) == (1_280_000, 1_399_990)
    assert (listing.people_required, listing.install_skill, listing.install_seconds) == (
        2,
        "electric",
        10_800,
    )
    product = listing.product
    assert (product.brand, product.model, product.gtin) == ("霜田", "ST-KFR72", "6901234567892")
    assert (product.net_weight_grams, product.packed_length_mm, product.packed_height_mm) == (
        98_500,
        1150,
        900,
    )
    assert product.specs == {"制热量": "12 kW", "电压": "220 V"}
    label = product.labels[0]
    assert (label.grade, label.state, label.issued_on.isoformat()) == (1, LabelState.declared, "2025-03-10")
    assert stock(session, [listing.id])[listing.id].on_hand == 4
    page = client.get(answer.location).text
    assert "等县里核实" in page
    assert "12,800.00" in page


def test_sent_twice_it_is_listed_once(session, client, shop, clerk):
    for _ in range(2):
        answer = client.submit(NEW, heat_pump() | {"Idempotency-Key": "the-same-key"})
        assert answer.status_code == 303
    assert count(session, Listing) == 1


def test_the_form_starts_from_the_categorys_defaults(client, shop, clerk):
    page = client.get(NEW).text
    assert '<option selected value="electric">' in page
    assert 'value="180"' in page
    assert '<option selected value="GB 37480-2019">' in page
    assert "能效或水效标识" not in client.get("/shop/listings/new/clean_stove").text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("brand", "", "请填写这一项"),
        ("price", "很便宜", "请填金额，例如 2599 或 2599.90"),
        ("price", "14000", "售价不能高过备案价"),
        ("price", "", "请填写这一项"),
        ("record_number", "", "填了等级，就要填备案号"),
        ("record_number", "2025-1", "备案号是“8 位日期-6 位数字-17 位数字”，请照标识再抄一遍"),
        ("record_number", "20250310-440300-42", "备案号是“8 位日期-6 位数字-17 位数字”，请照标识再抄一遍"),
        ("standard_number", "GB 21455-2019", "这个标准不管这类商品，请照标识选"),
        ("scan", "", "请拍一张标识的照片，县里要对着看"),
        ("measured_hspf", "很高", "请照标识填数字，例如 5.25"),
        ("variant", "no_such", "这个标准没有这种类型，请重选"),
        ("grade", "5", "这个标准只有 1 到 3 级，请照标识再看一遍"),
        ("gtin", "123", "条码是 13 位数字，印在包装上"),
        ("net_weight_grams", "-3", "请填大于 0 的数字，例如 68 或 68.5"),
        ("packed_width_mm", "0", "请填大于 0 的数字，例如 68 或 68.5"),
        ("install_minutes", "0", "要安装就请填大约几分钟"),
        ("stock", "99999", "请填 0 到 9999 之间的数"),
        ("specs", "没有冒号", "每行写一条，中间用冒号"),
    ],
)
def test_a_mistake_gets_its_sentence_and_nothing_is_listed(
    session, client, shop, clerk, field, typed, sentence
):
    answer = client.submit(NEW, heat_pump() | {field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert sentence in answer.text
    assert "ST-KFR72" in answer.text
    assert not typed or field in ("standard_number", "variant") or typed in answer.text
    assert [count(session, model) for model in (Product, Listing, PriceChange, LabelRecord)] == [0, 0, 0, 0]


def test_an_unknown_category_is_not_found(client, shop, clerk):
    assert client.get("/shop/listings/new/spaceship").status_code == 404


def test_an_edit_is_saved(session, client, shop, clerk, now):
    listing = a_listing(session, shop, now)
    session.commit()
    path = f"/shop/listings/{listing.id}"
    assert 'value="68"' in client.get(f"{path}/edit").text
    same = ("gtin", "net_weight_grams", "packed_length_mm", "packed_width_mm", "packed_height_mm")
    typed = {name: HEAT_PUMP[name] for name in same} | {
        "name_zh": "改过的名称",
        "people_required": "1",
        "install_skill": "none",
        "install_minutes": "0",
    }
    assert client.submit(f"{path}/edit", typed).location == path
    session.refresh(listing)
    session.refresh(listing.product)
    assert (listing.product.name_zh, listing.people_required, listing.install_seconds) == ("改过的名称", 1, 0)


def test_a_price_is_changed_and_a_false_discount_is_not(session, client, shop, clerk, now):
    listing = a_listing(session, shop, now)
    session.commit()
    path = f"/shop/listings/{listing.id}/price"
    answer = client.submit(path, {"price": "2699", "list_price": "3999"})
    assert answer.status_code == 422
    assert "备案价 7 天内涨过，不能拿来打折比较。要打折，备案价最多填 2,799.00 元" in answer.text
    assert client.submit(path, {"price": "2499", "list_price": "2799"}).status_code == 303
    session.refresh(listing)
    assert (listing.list_price_fen, listing.price_fen) == (279_900, 249_900)


def test_a_listing_is_paused_and_put_on_sale_again(session, client, shop, clerk, now):
    listing = a_listing(session, shop, now)
    session.commit()
    for step, state in (("pause", ListingState.paused), ("activate", ListingState.active)):
        assert client.submit(f"/shop/listings/{listing.id}/{step}").status_code == 303
        session.refresh(listing)
        assert listing.state is state


def test_a_label_is_declared_later(session, client, shop, clerk, now):
    listing = a_listing(session, shop, now)
    session.commit()
    path = f"/shop/listings/{listing.id}/label"
    assert "请选标识上的等级" in client.submit(path, {"kind": "energy", "grade": ""}).text
    typed = {name: heat_pump()[name] for name in ("grade", "kind", "record_number", "scan")}
    assert client.submit(path, typed | {"standard_number": "GB 12021.4-2013"}).status_code == 303
    assert session.scalars(select(LabelRecord)).one().product_id == listing.product_id


def test_stock_is_received_counted_and_explained(session, client, shop, clerk, now):
    listing = a_listing(session, shop, now, stock=3)
    session.commit()
    path = f"/shop/listings/{listing.id}/stock"
    received = client.submit(
        f"{path}/receive", {"quantity": "2", "reason": "进货", "serials": "HR0001\nHR0002"}
    )
    assert received.location == path
    assert count(session, SerialNumber) == 2
    assert client.submit(f"{path}/adjust", {"quantity": "-1", "reason": "搬运损坏"}).status_code == 303
    assert [(m.quantity, m.reason, m.moved_by) for m in movements(session, listing.id)] == [
        (-1, "搬运损坏", clerk.id),
        (2, "进货", clerk.id),
        (3, "期初", None),
    ]
    page = client.get(path).text
    assert "搬运损坏" in page


@pytest.mark.parametrize(
    ("form", "typed", "sentence"),
    [
        ("receive", {"quantity": "0"}, "件数要在 1 到 100000 之间"),
        ("receive", {"quantity": "1", "serials": "HR0001 HR0002"}, "序列号比件数多了"),
        ("receive", {"quantity": "1", "serials": "x"}, "序列号是 4 到 40 个字符，每行一个"),
        ("adjust", {"quantity": "-4", "reason": "盘点"}, "有货已经答应给买家，最多只能减 3 件"),
        ("adjust", {"quantity": "1", "reason": ""}, "请写明原因，以后查得到"),
    ],
)
def test_stock_that_cannot_be_is_refused(session, client, shop, clerk, now, form, typed, sentence):
    listing = a_listing(session, shop, now, stock=3)
    session.commit()
    answer = client.submit(f"/shop/listings/{listing.id}/stock/{form}", typed)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert len(movements(session, listing.id)) == 1
    assert count(session, SerialNumber) == 0


def test_another_shops_listing_is_not_found_and_stays(session, client, shop, clerk, now):
    other = a_listing(session, a_shop(session, now, name="远山家电"), now)
    session.commit()
    path = f"/shop/listings/{other.id}"
    for page in ("", "/edit", "/price", "/label", "/stock"):
        assert client.get(path + page).status_code == 404
    for post in ("/edit", "/price", "/label", "/pause", "/activate", "/stock/receive", "/stock/adjust"):
        typed = heat_pump() | {"quantity": "1", "reason": "理由"}
        assert client.submit(path + post, typed).status_code == 404
    session.refresh(other)
    assert (other.state, other.price_fen) == (ListingState.active, 259_900)
    assert len(movements(session, other.id)) == 1


def test_a_stranger_signs_in_and_a_villager_finds_nothing(session, client, shop, now):
    assert client.get("/shop/").location == "/account/sign-in?next=/shop/"
    villager = an_account(session, now)
    session.commit()
    client.become(villager)
    for path in ("/shop/", "/shop/listings", "/shop/orders", NEW):
        assert client.get(path).status_code == 404


def test_the_list_continues_on_a_second_page(session, client, shop, clerk, now):
    for n in range(31):
        a_listing(session, shop, now, product=a_product_draft(name_zh=f"第 {n:02d} 件"), stock=0)
    session.commit()
    first = client.get("/shop/listings").text
    assert ("第 30 件" in first, "第 00 件" in first, 'rel="next"' in first) == (True, False, True)
    after = first.split("after=")[1].split('"')[0]
    assert "第 00 件" in client.get(f"/shop/listings?after={after}").text


def test_a_certificate_is_declared_with_its_photo_which_is_the_shops_own(session, client, shop, clerk, now):
    listing = a_listing(session, shop, now)
    other = a_listing(session, a_shop(session, now, name="远山家电"), now)
    session.commit()
    path = f"/shop/listings/{listing.id}/certificate"
    typed = {
        "scheme": "ccc",
        "number": "2024010701234567",
        "holder": "禾润公司",
        "model_scope": "HR 系列",
        "issued_on": "2025-01-01",
    }
    answer = client.submit(path, typed)
    assert (answer.status_code, "请拍一张证书的照片，县里要对着看" in answer.text) == (422, True)
    assert "2024010701234567" in answer.text
    sent = typed | {"scan": (io.BytesIO(a_scan()), "ccc.png")}
    assert client.submit(path, sent).location == f"/shop/listings/{listing.id}"
    session.refresh(listing.product)
    (found,) = listing.product.certificates
    assert (found.state, found.number) == ("declared", "2024010701234567")
    assert client.get(f"/shop/scans/{found.scan_id}").mimetype == "image/jpeg"
    assert client.get(f"/shop/listings/{other.id}/certificate").status_code == 404
    assert "不在专区：没有登记能效或水效标识" in client.get(f"/shop/listings/{listing.id}").text


def test_figures_and_type_are_typed_and_a_wrong_grade_is_named(session, client, shop, clerk, now):
    listing = a_listing(session, shop, now, category="ac")
    session.commit()
    path = f"/shop/listings/{listing.id}/label"
    typed = {
        "kind": "energy",
        "grade": "1",
        "standard_number": "GB 21455-2019",
        "record_number": HEAT_PUMP["record_number"],
        "variant": "heat_pump_upto_4500_w",
        "measured_apf": "4.60",
        "measured_rated_cooling_w": "3500",
    }
    for wrong, sentence in (
        ({}, "按标识上的数值是 2 级，请核对等级"),
        ({"measured_rated_cooling_w": "5000"}, "额定制冷量不在这一档"),
        ({"measured_apf": "3.00"}, "最低一级也达不到"),
    ):
        answer = client.submit(path, typed | wrong | {"scan": (io.BytesIO(a_scan()), "l.png")})
        assert (answer.status_code, sentence in answer.text) == (422, True)
    assert count(session, LabelRecord) == 0
    right = typed | {"grade": "2", "scan": (io.BytesIO(a_scan()), "l.png")}
    assert client.submit(path, right).status_code == 303
    label = session.scalars(select(LabelRecord)).one()
    assert (label.grade, label.measured) == (2, {"apf": "4.60", "rated_cooling_w": "3500"})
    not_a_picture = typed | {"grade": "2", "scan": (io.BytesIO(b"<svg/>"), "l.png")}
    assert "这张照片打不开，请重拍一张" in client.submit(path, not_a_picture).text
