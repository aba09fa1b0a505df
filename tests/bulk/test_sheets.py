"""Cells, files and the law that what goes out comes in the same."""

import csv
import io
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from market.bulk.apply import begin, go_on
from market.bulk.columns import columns
from market.bulk.export import export_listings, rest_of, template
from market.bulk.models import ImportState, SheetImport
from market.bulk.read_in import preview, read_in
from market.bulk.read_sheet import read_table
from market.bulk.rules import Outcome, read_cells
from market.bulk.write_sheet import guarded, unguarded, write_csv, write_xlsx
from market.catalog.change_price import change_price
from market.catalog.models import Category, Listing, ListingState
from market.inventory.queries import stock
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft, categories
from tests.builders.shops import a_clerk, a_shop

HEAD = [column.title for column in columns({"洗衣机": "washer"})]
ROW = {
    "店内编号": "A-1",
    "条码": "6901234567892",
    "品类": "洗衣机",
    "品牌": "禾润",
    "型号": "HR-X1",
    "商品名称": "禾润 10 公斤滚筒洗衣机",
    "售价（元）": "￥２，５９９．９０",
    "备案价（元）": "2,799 元",
    "新上架件数": "５",
    "净重（公斤）": "68.5",
    "包装长（厘米）": "66",
    "包装宽（厘米）": "65",
    "包装高（厘米）": "90",
    "主要参数": "容量：10 公斤\n电压：220 V",
    "智能家居系统": "Matter，Mijia",
}


def a_sheet(*rows: dict, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    heads = list(dict.fromkeys(title for row in rows for title in row))
    writer = csv.DictWriter(out, heads)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def a_workbook(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def shop(session, now):
    categories(session)
    return a_shop(session, now)


@pytest.fixture
def clerk(session, shop, now):
    return a_clerk(session, shop, now)


def outcomes(session, sheet, now):
    return [judged.verdict.outcome.value for judged in preview(session, sheet, now)]


def flaws(session, sheet, now):
    return [
        {key: flaw.code for key, flaw in judged.verdict.flaws.items()}
        for judged in preview(session, sheet, now)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_sheet_is_read_in_any_of_the_usual_encodings(encoding):
    (first, head), (second, row) = read_table(a_sheet(ROW, encoding=encoding))
    assert (first, second) == (1, 2)
    assert dict(zip(head, row, strict=True))["商品名称"] == "禾润 10 公斤滚筒洗衣机"


def test_a_row_is_previewed_applied_and_the_second_time_the_same(session, shop, clerk, now):
    sheet = read_in(session, shop.id, a_sheet(ROW), clerk.id, now)
    (judged,) = preview(session, sheet, now)
    assert (judged.verdict.outcome, judged.listing) == (Outcome.new, None)
    assert session.scalars(select(Listing)).all() == []
    begin(session, shop.id, sheet.id, now)
    assert (sheet.state, sheet.counts, sheet.flaws) == (ImportState.applied, {"new": 1}, {})
    listing = session.scalars(select(Listing)).one()
    assert (listing.price_fen, listing.list_price_fen, listing.own_number) == (259_990, 279_900, "A-1")
    assert (listing.people_required, listing.install_skill, listing.install_seconds) == (2, "general", 1800)
    product = listing.product
    assert (product.gtin, product.net_weight_grams, product.packed_height_mm) == (
        "6901234567892",
        68_500,
        900,
    )
    assert (product.specs, product.interop) == ({"容量": "10 公斤", "电压": "220 V"}, ["Matter", "Mijia"])
    assert stock(session, [listing.id])[listing.id].on_hand == 5
    again = read_in(session, shop.id, a_sheet(ROW), clerk.id, now)
    assert outcomes(session, again, now) == ["same"]
    begin(session, shop.id, again.id, now)
    begin(session, shop.id, again.id, now)
    assert again.counts == {"same": 1}
    assert stock(session, [listing.id])[listing.id].on_hand == 5


def test_what_is_changed_is_changed_and_what_is_empty_stays(session, shop, clerk, now):
    listing = a_listing(session, shop, now, offer=an_offer_draft(own_number="A-1"))
    name = listing.product.name_zh
    rows = a_sheet({"店内编号": "A-1", "售价（元）": "2499", "剩几件提醒": "7", "商品名称": ""})
    sheet = read_in(session, shop.id, rows, clerk.id, now)
    (judged,) = preview(session, sheet, now)
    assert (judged.verdict.outcome, judged.verdict.before) == (
        Outcome.change,
        {"price_fen": 259_900, "low_at": 2},
    )
    begin(session, shop.id, sheet.id, now)
    assert (listing.price_fen, listing.low_at, listing.product.name_zh) == (249_900, 7, name)
    assert outcomes(session, read_in(session, shop.id, rows, clerk.id, now), now) == ["same"]


@pytest.mark.parametrize(
    ("title", "typed", "key", "code"),
    [
        ("售价（元）", "很便宜", "price_fen", "bulk.yuan"),
        ("售价（元）", "", "price_fen", "bulk.needed"),
        ("售价（元）", "9999", "price_fen", "catalog.price_above_list"),
        ("条码", "6.90123E+12", "gtin", "bulk.scientific"),
        ("条码", "690", "gtin", "bulk.gtin"),
        ("品类", "飞船", "category", "bulk.choice"),
        ("品牌", "", "brand", "bulk.needed"),
        ("型号", "x" * 41, "model", "bulk.length"),
        ("净重（公斤）", "0", "net_weight_grams", "bulk.figure"),
        ("净重（公斤）", "-3", "net_weight_grams", "bulk.figure"),
        ("新上架件数", "1.5", "stock", "bulk.integer"),
        ("新上架件数", "99999", "stock", "bulk.integer"),
        ("必须竖放", "也许", "upright", "bulk.choice"),
        ("谁来安装", "不用安装", None, None),
        ("安装几分钟", "0", "install_seconds", "bulk.install_seconds"),
        ("主要参数", "没有冒号", "specs", "bulk.specs"),
        ("智能家居系统", "什么系统", "interop", "bulk.choice"),
    ],
)
def test_each_mistake_stands_in_its_cell(session, shop, clerk, now, title, typed, key, code):
    sheet = read_in(session, shop.id, a_sheet(ROW | {title: typed}), clerk.id, now)
    assert flaws(session, sheet, now) == [{key: code} if key else {}]
    begin(session, shop.id, sheet.id, now)
    assert len(session.scalars(select(Listing)).all()) == (0 if key else 1)
    assert sheet.counts == ({"wrong": 1} if key else {"new": 1})


def test_rows_that_name_the_same_thing_or_two_things_are_wrong(session, shop, clerk, now):
    a_listing(session, shop, now, offer=an_offer_draft(own_number="A-1"))
    a_listing(session, shop, now, product=a_product_draft(gtin="6901234567892"))
    rows = [
        {"店内编号": "A-1", "条码": "6901234567892"},
        {"店内编号": "A-1", "条码": ""},
        {"店内编号": "B-1", "条码": ""},
    ]
    sheet = read_in(session, shop.id, a_sheet(*rows), clerk.id, now)
    first, second, third = flaws(session, sheet, now)
    assert (first, second) == ({"gtin": "bulk.two_listings"}, {"own_number": "bulk.row_twice"})
    assert third["brand"] == "bulk.needed"


def test_a_date_a_number_and_a_figure_of_excel_are_told_apart(session, shop, clerk, now):
    typed = ROW | {
        "条码": 6901234567892,
        "售价（元）": 2599.9,
        "备案价（元）": 2799,
        "型号": date(2026, 3, 5),
    }
    sheet = read_in(session, shop.id, a_workbook(list(typed), list(typed.values())), clerk.id, now)
    assert flaws(session, sheet, now) == [{"model": "bulk.date"}]
    typed |= {"型号": "HR-X1"}
    sheet = read_in(session, shop.id, a_workbook(list(typed), list(typed.values())), clerk.id, now)
    (judged,) = preview(session, sheet, now)
    assert (judged.verdict.values["gtin"], judged.verdict.values["price_fen"]) == ("6901234567892", 259_990)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bulk.empty"),
        ("品牌,型号\n".encode(), "bulk.empty"),
        ("品牌,型号,价钱\nA,B,1".encode(), "bulk.unknown_column"),
        ("品牌,型号,品牌\nA,B,1".encode(), "bulk.column_twice"),
        ("品牌,售价(元)\nA,1".encode(), "bulk.no_key_column"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 99, "bulk.old_excel"),
        (b"PK\x03\x04" + b"0" * 99, "bulk.unreadable"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "bulk.unreadable"),
        (b"x" * 4_000_001, "bulk.too_large"),
        ("店内编号\n".encode() + b"a\n" * 5_001, "bulk.too_many_rows"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_with_a_sentence(session, shop, clerk, now, data, code):
    with pytest.raises(Refused) as refused:
        read_in(session, shop.id, data, clerk.id, now)
    assert (refused.value.code, refused.value.field) == (code, "sheet")
    assert session.scalars(select(SheetImport)).all() == []


def test_a_raised_filed_price_waits_and_is_not_asked_twice(session, shop, clerk, now):
    listing = a_listing(session, shop, now, offer=an_offer_draft(own_number="A-1"))
    rows = a_sheet({"店内编号": "A-1", "售价（元）": "2999", "备案价（元）": "2999"})
    sheet = read_in(session, shop.id, rows, clerk.id, now)
    begin(session, shop.id, sheet.id, now)
    assert (sheet.counts, listing.price_fen, listing.list_price_fen) == ({"change": 1}, 259_900, 279_900)
    assert outcomes(session, read_in(session, shop.id, rows, clerk.id, now), now) == ["same"]


def test_a_false_discount_is_wrong_in_the_preview_already(session, shop, clerk, now):
    listing = a_listing(session, shop, now, offer=an_offer_draft(own_number="A-1"))
    change_price(session, shop.id, listing.id, 399_900, 399_900, None, now)
    rows = a_sheet({"店内编号": "A-1", "售价（元）": "2999"})
    sheet = read_in(session, shop.id, rows, clerk.id, now)
    assert flaws(session, sheet, now) == [{"list_price_fen": "catalog.raised_before_discount"}]


def test_the_rest_comes_back_with_its_errors_and_can_be_sent_again(session, shop, clerk, now):
    sheet = read_in(
        session, shop.id, a_sheet(ROW, ROW | {"店内编号": "A-2", "售价（元）": "?"}), clerk.id, now
    )
    with pytest.raises(NotFound):
        rest_of(session, sheet, "csv", lambda code, values: code)
    begin(session, shop.id, sheet.id, now)
    rest = rest_of(session, sheet, "csv", lambda code, values: code)
    (_, head), (_, row) = read_table(rest)
    back = dict(zip(head, row, strict=True))
    assert (back["店内编号"], back["售价（元）"]) == ("A-2", "?")
    assert "售价（元）：bulk.yuan" in back["错误"]
    assert read_in(session, shop.id, rest, clerk.id, now).total == 1


def test_five_hundred_rows_and_more_go_to_the_worker_chunk_by_chunk(session, shop, clerk, now):
    rows = [
        {
            **ROW,
            "店内编号": f"N-{n}",
            "条码": "",
            "型号": f"HR-N{n}",
            "售价（元）": "?" if n % 25 == 7 else "2599",
        }
        for n in range(1_001)
    ]
    sheet = read_in(session, shop.id, a_sheet(*rows), clerk.id, now)
    begin(session, shop.id, sheet.id, now)
    assert (sheet.state, sheet.done) == (ImportState.applying, 0)
    for done in (0, 0, 500, 0, 1_000, 1_000):
        go_on(session, sheet.id, done, now)
    assert (sheet.state, sheet.done, sheet.counts) == (ImportState.applied, 1_001, {"new": 961, "wrong": 40})
    due = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "bulk.rows_due")).all()
    assert sorted(row["done"] for row in due) == [0, 500, 1_000]
    assert len(session.scalars(select(Listing.id)).all()) == 961


def test_another_shops_sheet_is_not_found(session, shop, clerk, now):
    sheet = read_in(session, shop.id, a_sheet(ROW), clerk.id, now)
    with pytest.raises(NotFound):
        begin(session, a_shop(session, now, name="远山家电").id, sheet.id, now)
    assert sheet.state is ImportState.read


NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=2, max_size=20)
WORDS = st.one_of(NAMES, st.sampled_from(["=1+1", "+86", "-HR", "@sum", "'=x", "''", "a,b", 'q"q', "ＨＲ"]))


@settings(deadline=None)
@given(
    cells=st.lists(WORDS, min_size=1, max_size=6),
)
def test_no_cell_that_is_written_is_a_formula_and_all_come_back(cells):
    heads = [f"c{n}" for n in range(len(cells))]
    for data in (write_csv(heads, [cells]), write_xlsx(heads, [cells])):
        assert read_table(data)[1][1] == cells
    sheet = load_workbook(io.BytesIO(write_xlsx(heads, [cells]))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr"}
    assert all(unguarded(guarded(cell)) == cell for cell in cells)


LISTED = st.lists(
    st.fixed_dictionaries(
        {
            "brand": WORDS,
            "model": WORDS,
            "name_zh": WORDS,
            "gtin": st.none() | st.from_regex(r"[0-9]{13}", fullmatch=True),
            "net_weight_grams": st.integers(1, 999_999),
            "packed_length_mm": st.integers(1, 9_999),
            "specs": st.just({}) | st.builds(lambda word: {"容量": word}, WORDS),
            "interop": st.sampled_from([[], ["Matter", "Mijia"]]),
            "price_fen": st.integers(1, 9_999_999),
            "above_fen": st.integers(0, 999),
            "variant": st.just("") | WORDS,
            "own_number": st.none() | WORDS,
            "low_at": st.integers(0, 9_999),
            "state": st.sampled_from([ListingState.active, ListingState.paused]),
        }
    ),
    min_size=1,
    max_size=4,
    unique_by=(
        lambda it: (it["brand"], it["model"]),
        lambda it: it["own_number"] or object(),
        lambda it: it["gtin"] or object(),
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(listed=LISTED)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_is_the_same_when_it_comes_in(session, shop, clerk, now, kind, listed):
    savepoint = session.begin_nested()
    try:
        for its in listed:
            _list(session, shop, dict(its), now)
        sheet = read_in(session, shop.id, export_listings(session, shop.id, kind), clerk.id, now)
        assert [
            (judged.verdict.outcome.value, judged.verdict.before, judged.verdict.flaws)
            for judged in preview(session, sheet, now)
        ] == [("same", {}, {})] * len(listed)
    finally:
        savepoint.rollback()


def _list(session, shop, its, now):
    price_fen, state = its.pop("price_fen"), its.pop("state")
    own = {name: its.pop(name) for name in ("variant", "own_number", "low_at")}
    offer = an_offer_draft(price_fen=price_fen, list_price_fen=price_fen + its.pop("above_fen"), **own)
    a_listing(session, shop, now, stock=0, product=a_product_draft(**its), offer=offer).state = state
    session.flush()


def test_a_template_lists_what_may_be_typed_and_is_empty(session, shop, clerk, now):
    data = template(session, session.get(Category, "washer"), "xlsx")
    book = load_workbook(io.BytesIO(data))
    assert [cell.value for cell in book.active[1]] == HEAD
    told = {row[0].value: row[2].value for row in book["填写说明"].iter_rows(min_row=2)}
    assert (told["品类"], told["谁来安装"]) == ("洗衣机", "不用安装、普通安装、燃气持证安装、电工持证安装")
    with pytest.raises(Refused, match=r"bulk\.empty"):
        read_in(session, shop.id, data, clerk.id, now)


def test_a_proven_model_waits_for_the_operator(session, shop, clerk, now):
    listing = a_listing(session, shop, now, offer=an_offer_draft(own_number="A-1"))
    a_verified_label(session, listing, now)
    model = listing.product.model
    rows = a_sheet({"店内编号": "A-1", "型号": "HR-OTHER", "商品名称": "新的名字"})
    sheet = read_in(session, shop.id, rows, clerk.id, now)
    begin(session, shop.id, sheet.id, now)
    assert (listing.product.model, listing.product.name_zh) == (model, "新的名字")
    assert outcomes(session, read_in(session, shop.id, rows, clerk.id, now), now) == ["same"]


def test_cells_are_read_without_a_database():
    heads = columns({"洗衣机": "washer"})
    values, wrong = read_cells(
        {"price_fen": "RMB 1,234.5", "upright": "是", "gtin": "'６９０１２３４５６７８９２"}, heads
    )
    assert (values, wrong) == ({"price_fen": 123_450, "upright": True, "gtin": "6901234567892"}, {})
