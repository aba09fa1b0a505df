"""Five hundred rows with forty planted errors: exactly those are wrong, and all others are applied."""

from sqlalchemy import func, select

from market.bulk.apply import begin, go_on
from market.bulk.models import ImportState, SheetImport
from market.bulk.read_in import preview, read_in
from market.bulk.rules import Outcome
from market.catalog.models import Listing
from tests.builders.catalog import categories
from tests.builders.shops import a_clerk, a_shop
from tests.bulk.test_sheets import ROW, a_sheet

PLANTED = (("售价（元）", "很便宜"), ("净重（公斤）", "重"), ("条码", "69"), ("品类", "飞船"))


def rows() -> list[dict]:
    whole = [
        ROW | {"店内编号": f"B-{n}", "条码": "", "型号": f"HR-B{n}", "商品名称": f"禾润洗衣机 {n}"}
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
