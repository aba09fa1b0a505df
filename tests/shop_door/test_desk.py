"""The desk through its pages: find, copy, photos, sheets, a stocktake, and a change that waits."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from market.bulk.models import SheetImport
from market.catalog.models import Listing
from market.catalog.review_edit import waiting_edit
from market.inventory.models import SerialNumber
from market.inventory.queries import stock
from market.kernel.ids import new_id
from tests.builders.catalog import a_listing, a_product_draft, a_scan, an_offer_draft
from tests.builders.people import an_operator
from tests.builders.shops import a_shop
from tests.bulk.test_sheets import ROW, a_sheet


@pytest.fixture
def listing(session, shop, clerk, now):
    draft = a_product_draft(gtin="6901234567892")
    found = a_listing(session, shop, now, stock=3, product=draft, offer=an_offer_draft(own_number="A-1"))
    session.commit()
    return found


def test_a_scanned_barcode_or_an_own_number_leads_to_its_listing(client, listing):
    for typed in ("6901234567892", " A-1 "):
        assert (
            client.get("/shop/listings", query_string={"q": typed}).location == f"/shop/listings/{listing.id}"
        )
    assert listing.product.name_zh in client.get("/shop/listings?q=滚筒").text
    assert "没有找到" in client.get("/shop/listings?q=没有的东西").text


def test_a_copy_starts_from_what_is_there_without_what_is_its_own(client, listing):
    page = client.get(f"/shop/listings/new/washer?copy={listing.id}").text
    assert f'value="{listing.product.model}"' in page
    assert 'value="2599.00"' in page
    assert "6901234567892" not in page
    assert 'value="A-1"' not in page


def test_photos_are_added_ordered_and_served_to_everybody(session, client, listing, now):
    path = f"/shop/listings/{listing.id}/photos"
    missing = client.submit(path)
    assert (missing.status_code, "请先选照片" in missing.text) == (422, True)
    assert client.submit(path, {"photos": (io.BytesIO(b"<svg/>"), "a.png")}).status_code == 422
    assert client.submit(path, {"photos": [(io.BytesIO(a_scan()), "../a.png")]}).location == path
    session.refresh(listing)
    (photo,) = listing.photos
    for place in (f"/listing/{listing.id}", "/search?q=滚筒", "/shop/listings", path):
        assert f"/pictures/{photo}/480.webp" in client.get(place).text
    answer = client.get(f"/pictures/{photo}/480.avif")
    assert (answer.status_code, answer.mimetype) == (200, "image/avif")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for wrong in (
        f"/pictures/{photo}/481.webp",
        f"/pictures/{'0' * 64}/480.webp",
        f"/pictures/{photo}/480.gif",
    ):
        assert client.get(wrong).status_code == 404
    assert client.submit(f"{path}/remove", {"photo": photo}).status_code == 303
    session.refresh(listing)
    assert listing.photos == []


def test_a_sheet_is_previewed_applied_and_its_rest_taken_home(session, client, shop, clerk):
    data = a_sheet(ROW, ROW | {"店内编号": "A-2", "条码": "", "型号": "HR-X2", "售价（元）": "很便宜"})
    sent = client.submit("/shop/listings/sheet", {"sheet": (io.BytesIO(data), "../../list.csv")})
    sheet = session.scalars(select(SheetImport)).one()
    assert sent.location == f"/shop/listings/sheet/{sheet.id}"
    page = client.get(sent.location).text
    assert "请填金额，例如 2599 或 2599.90" in page
    assert "第 3 行" in page
    assert session.scalars(select(Listing)).all() == []
    assert "禾润" in client.get(f"{sent.location}?show=new").text
    assert client.submit(f"{sent.location}/apply").location == sent.location
    assert "改好了" in client.get(sent.location).text
    assert session.scalars(select(Listing.own_number)).all() == ["A-1"]
    rest = client.get(f"{sent.location}/rest.xlsx")
    head, row = load_workbook(io.BytesIO(rest.data)).active.iter_rows(values_only=True)
    assert dict(zip(head, row, strict=True))["错误"] == "售价（元）：请填金额，例如 2599 或 2599.90"
    again = client.submit("/shop/listings/sheet", {"sheet": (io.BytesIO(a_sheet(ROW)), "list.csv")})
    assert "和现在的商品一样" in client.get(again.location).text


def test_what_is_no_sheet_gets_a_sentence_by_its_field(client, shop, clerk):
    for data, sentence in (
        (b"\x89PNG\x00", "这个文件读不出来"),
        ("品牌,型号,价\na,b,1".encode(), "不认识“价”这一列"),
    ):
        answer = client.submit("/shop/listings/sheet", {"sheet": (io.BytesIO(data), "a.csv")})
        assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "请选一个文件" in client.submit("/shop/listings/sheet").text


def test_the_list_and_an_empty_sheet_are_downloaded(client, listing):
    for kind in ("csv", "xlsx"):
        got = client.get(f"/shop/listings/sheet/export.{kind}")
        assert (got.status_code, "attachment" in got.headers["Content-Disposition"]) == (200, True)
        assert client.get(f"/shop/listings/sheet/template.{kind}?category=washer").status_code == 200
    assert client.get("/shop/listings/sheet/export.exe").status_code == 404
    assert client.get("/shop/listings/sheet/template.csv?category=spaceship").status_code == 404


def test_another_shops_sheet_and_photos_are_not_found(session, client, shop, clerk, now):
    other = a_listing(session, a_shop(session, now, name="远山家电"), now)
    session.commit()
    for path in (f"/shop/listings/{other.id}/photos", f"/shop/listings/sheet/{new_id()}"):
        assert client.get(path).status_code == 404
    for path in ("photos", "photos/move", "photos/remove", "stock/count"):
        typed = {"counted": "1", "reason": "盘点", "photos": (io.BytesIO(a_scan()), "a.png")}
        assert client.submit(f"/shop/listings/{other.id}/{path}", typed).status_code == 404
    assert client.get(f"/shop/listings/new/washer?copy={other.id}").text.count(other.product.model) == 0


def test_a_count_and_a_scan_of_many_numbers(session, client, listing):
    path = f"/shop/listings/{listing.id}/stock"
    assert client.submit(f"{path}/count", {"counted": "5", "reason": "盘点"}).location == path
    assert client.submit(f"{path}/receive", {"serials": "HR0001,HR0002\nHR0003"}).location == path
    session.expire_all()
    assert stock(session, [listing.id])[listing.id].on_hand == 8
    assert len(session.scalars(select(SerialNumber)).all()) == 3
    page = client.get(path).text
    assert ("店员" in page, "结存" in page) == (True, True)
    refused = client.submit(f"{path}/count", {"counted": "", "reason": "盘点"})
    assert (refused.status_code, "请填数字" in refused.text) == (422, True)
    assert client.submit(f"{path}/receive", {"quantity": "", "serials": ""}).status_code == 422


def test_a_raised_filed_price_waits_for_the_county_which_sees_the_difference(
    session, client, shop, clerk, listing, now
):
    path = f"/shop/listings/{listing.id}"
    assert client.submit(f"{path}/price", {"price": "2999", "list_price": "2999"}).location == path
    session.refresh(listing)
    assert (listing.price_fen, listing.list_price_fen) == (259_900, 279_900)
    assert "等县里核实的改动" in client.get(path).text
    waits = waiting_edit(session, listing.id)
    operator = an_operator(session, now)
    session.commit()
    client.become(operator)
    page = client.get("/county/edits").text
    assert "<del>¥2,799.00</del> → <ins>¥2,999.00</ins>" in page
    assert client.submit(f"/county/edits/{waits.id}/reject", {"reason": ""}).status_code == 422
    assert client.submit(f"/county/edits/{waits.id}/accept").location == "/county/edits"
    session.refresh(listing)
    assert (listing.price_fen, listing.list_price_fen) == (299_900, 299_900)
    assert client.submit(f"/county/edits/{new_id()}/accept").status_code == 404
