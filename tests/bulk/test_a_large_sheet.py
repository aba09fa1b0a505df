"""Five hundred rows with forty planted errors: exactly those are wrong, and all others are applied."""

from sqlalchemy import func, select

from market.bulk.apply import begin, go_on
from market.bulk.models import ImportState, SheetImport
from market.bulk.read_in import preview, read_in
from market.bulk.rules import Outcome
from market.catalog.models import Listing
from market.catalog.recall_rule import Scope, ScopeKind
from market.catalog.recalled import open_scope
from market.inventory.models import Stock
from tests.builders.catalog import a_listing, a_product_draft, categories
from tests.builders.shops import a_clerk, a_shop
from tests.bulk.test_sheets import ROW, a_sheet

PLANTED = (("售价（元）", "很便宜"), ("净重（公斤）", "重"), ("条码", "69"), ("品类", "飞船"))


def rows(base: dict = ROW) -> list[dict]:
    whole = [
        base | {"店内编号": f"B-{n}", "条码": "", "型号": f"HR-B{n}", "商品名称": f"{base['商品名称']} {n}"}
        for n in range(500)
    ]
    for n in range(40):
        column, typed = PLANTED[n % len(PLANTED)]
        whole[n * 12 + 5][column] = typed
    return whole


def test_forty_of_five_hundred_are_wrong_in_their_cell_and_the_others_applied(session, now):
    categories(session)
    shop = a_shop(session, now)
    clerk = a_clerk(session, shop, now)
    sheet = read_in(session, shop.id, a_sheet(*rows()), clerk.id, now)
    judged = preview(session, sheet, now)
    wrong = [number for number, one in enumerate(judged) if one.verdict.outcome is Outcome.wrong]
    assert wrong == [n * 12 + 5 for n in range(40)]
    assert all(len(judged[number].verdict.flaws) == 1 for number in wrong)
    begin(session, shop.id, sheet.id, now)
    while sheet.state is not ImportState.applied:
        go_on(session, sheet.id, sheet.done, now)
    assert session.scalar(select(func.count()).select_from(Listing)) == 460
    assert session.scalars(select(SheetImport.counts)).one() == {"new": 460, "wrong": 40}


def test_what_the_rooms_refuse_after_all_stays_out_alone(session, now):
    categories(session)
    shop = a_shop(session, now)
    clerk = a_clerk(session, shop, now)
    whole = [ROW | {"店内编号": f"C-{n}", "条码": "", "型号": f"HR-C{n}"} for n in range(9)]
    called_back = a_listing(
        session,
        a_shop(session, now, name="远山家电"),
        now,
        product=a_product_draft(brand="禾润", model="HR-C4"),
    )
    open_scope(session, "RC-1", called_back.product_id, Scope(ScopeKind.model), now)
    sheet = read_in(session, shop.id, a_sheet(*whole), clerk.id, now)
    begin(session, shop.id, sheet.id, now)
    assert (sheet.counts, sheet.flaws) == (
        {"new": 8, "wrong": 1},
        {"4": {"model": ["catalog.recalled", {}]}},
    )
    own = select(Listing.own_number).where(Listing.shop_id == shop.id).order_by(Listing.own_number)
    assert session.scalars(own).all() == [f"C-{n}" for n in range(9) if n != 4]
    pieces = select(func.sum(Stock.on_hand)).where(Stock.listing_id != called_back.id)
    assert session.scalar(pieces) == 8 * 5
