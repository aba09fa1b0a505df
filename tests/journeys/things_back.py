"""What comes back in the county of everything: returns, repairs, old appliances, phones, recalls."""

from sqlalchemy import select

from market.aftersales import repair_desk
from market.aftersales.answer_return import approve_return
from market.aftersales.models import Found, Repair, ReturnState
from market.aftersales.request_repair import request_repair
from market.aftersales.request_return import request_return
from market.aftersales.take_in_return import object_to_goods, receive_return
from market.orders.models import Order, OrderLine
from market.recalls.declare import declare
from market.recalls.follow_up import tell_buyers
from market.recalls.models import RecallUnit
from market.recycling import assess, handover, receive
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.hand_on import grade
from market.recycling.held import party_of
from market.recycling.models import DeviceGrade, Recycler, RecyclerKind, RecyclingOrder, TradeIn, WipeMethod
from market.recycling.parties import CONSUMER, Party, Role
from market.recycling.pay_out import pay_out
from market.recycling.trade_in import open_trade_in, trade_in_collected
from market.recycling.wipe import certify_wipe
from market.subsidies.real_name import SEAL_PURPOSE
from tests.builders.aftersales import a_faulty_wish, a_trouble
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.claims import a_sold_washer
from tests.builders.custody import to_the_recycler
from tests.builders.life import react
from tests.builders.mail_in import a_phone_for_the_courier, a_phone_for_yuan, a_quoted_phone
from tests.builders.recalls import MODEL, a_confirmed_recall, a_declaration, a_published_recall
from tests.builders.recycling import a_labelled_phone, a_photo
from tests.journeys.cast import COUNTY, Cast


def line_of(order: Order) -> OrderLine:
    return order.shop_orders[0].lines[0]


def returns_and_repairs(cast: Cast, old: Order, recent: Order) -> None:
    """A return about which shop and buyer differ, and a repair that its owner is to pay for."""
    session, now = cast.session, cast.now
    wish = a_faulty_wish(photos=[a_photo()])
    case = request_return(session, cast.buyer.id, line_of(recent).id, wish, now)
    if case.state is ReturnState.requested:
        approve_return(session, cast.shop.id, case.id, now)
    receive_return(session, cast.shop.id, case.id, 1, now)
    object_to_goods(session, cast.shop.id, case.id, Found.used, "用过了", [a_photo()], now)
    repair = request_repair(session, cast.buyer.id, line_of(old).id, a_trouble(photos=[a_photo()]), now)
    assert isinstance(repair, Repair)
    repair_desk.take_in(session, COUNTY, repair.id, now)
    misuse = repair_desk.Diagnosis("进了水", by_misuse=True, fee_fen=120_00)
    repair_desk.diagnose(session, COUNTY, repair.id, misuse, now)


def old_appliances(cast: Cast) -> None:
    """One that is worse than was told, one taken over and on its way to the dismantler, one at home."""
    worse, good, at_home = (_a_fridge(cast, years) for years in (3, 14, 5))
    session, now = cast.session, cast.now
    for old in (worse, good):
        trade_in_collected(session, f"trade_in:{old.id}", now, cast.courier.id)
        to_the_recycler(session, old, cast.recycler, now)
    assess_trade_in(
        session, cast.recycler, cast.yard.id, worse.id, 42_000, 3, ["not_working"], "不转", a_photo(), now
    )
    assess_trade_in(session, cast.recycler, cast.yard.id, good.id, 61_500, 14, [], "", None, now)
    grade(session, cast.recycler, cast.yard.id, good.id, DeviceGrade.scrap, now, "雪岭")
    dismantler = select(Recycler).where(
        Recycler.county_code == COUNTY, Recycler.kind == RecyclerKind.dismantler
    )
    taker = party_of(session.scalars(dismantler).one())
    handover.offer(session, party_of(cast.recycler), cast.yard.id, COUNTY, taker, [good.id], now)
    handover.offer(session, CONSUMER, cast.buyer.id, COUNTY, Party(Role.courier), [at_home.id], now)


def _a_fridge(cast: Cast, years: int) -> TradeIn:
    reference = f"order:everything-{years}"
    return open_trade_in(
        cast.session, cast.buyer.id, COUNTY, reference, "fridge", years, True, True, cast.now
    )


def phones(cast: Cast) -> None:
    """Each step of a phone's way: quoted, labelled, to be fetched, for yuan, weighed, worse, paid, wiped."""
    session, now, buyer = cast.session, cast.now, cast.buyer
    a_quoted_phone(session, buyer, now)
    a_phone_for_the_courier(session, buyer, now)
    a_labelled_phone(session, buyer, now)
    _weigh(cast, a_phone_for_yuan(session, buyer, now))
    worse, good = (a_labelled_phone(session, buyer, now) for _ in range(2))
    for order, faults in ((worse, ["screen_broken"]), (good, ["battery_weak"])):
        _weigh(cast, order)
        found = 2, faults, "见照片", a_photo()
        assess.assess(session, cast.recycler, cast.yard.id, order.id, *found, now)
    pay_out(session, good.id, now)
    proof = f"SN-{good.code}", WipeMethod.overwrite, "抽读 5 处，全为 0"
    certify_wipe(session, cast.recycler, cast.yard.id, good.id, *proof, now)


def _weigh(cast: Cast, order: RecyclingOrder) -> None:
    seal = f"F-{order.code}"
    receive.receive(cast.session, cast.recycler, cast.yard.id, order.id, 198, seal, a_photo(), cast.now)


def recalls(cast: Cast) -> None:
    """One that is published and reached a buyer, one confirmed, one heard of."""
    session, now = cast.session, cast.now
    sold, confirmed, heard = (a_listing(session, cast.shop, cast.morning(20)) for _ in range(3))
    a_verified_label(session, sold, cast.morning(20))
    session.refresh(sold.product)
    a_sold_washer(session, cast.morning(3), sold, cast.buyer, photo=a_photo())
    recall = a_published_recall(session, sold, now)
    react(session, now)
    tell_buyers(session, recall.id, lambda: cast.seal(SEAL_PURPOSE), now)
    assert session.scalars(select(RecallUnit).where(RecallUnit.account_id == cast.buyer.id)).all()
    a_confirmed_recall(session, confirmed, now)
    declare(session, COUNTY, heard.product_id, a_declaration(scope=MODEL), cast.operator_id, now)
