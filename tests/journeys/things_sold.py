"""What is sold in the county of everything: goods, orders in every state, claims, sheets, groups, a fair."""

from datetime import timedelta

from market.bulk.read_in import read_in
from market.cash.hand_in import begin_hand_in
from market.catalog.listing_photos import add_photos
from market.catalog.models import Listing
from market.delivery.close_batch import close_batch
from market.delivery.plan_batch import plan_batch
from market.fairs.models import FairKind
from market.fairs.take_part import arrive, bring
from market.groups.close_group import close_group
from market.groups.complete import make_ready
from market.inventory.serials import add_serials
from market.kernel.clock import local_date
from market.orders.assist import AssistDraft, agree_on_paper, ask_by_code, place, prepare, priced
from market.orders.cart import Owner, put
from market.orders.fulfill import confirm_shop_order
from market.orders.models import Order, PaymentMethod
from market.orders.undo import cancel_order
from market.settlements import rules
from market.settlements.bank_account import SEAL_PURPOSE, change_bank_account, confirm_bank_account
from market.settlements.pay import approve, draw_up, make_bank_file
from market.subsidies import review, treasury
from tests.builders.catalog import a_listing, a_product_draft, a_scan, a_verified_label
from tests.builders.claims import a_gtin, a_sold_washer, answers, batch_of, claim_of
from tests.builders.fairs import a_fair, a_stop
from tests.builders.groups import a_group, a_place
from tests.builders.life import react, to_the_hub
from tests.builders.orders import an_order
from tests.builders.people import PASSWORD, written_address
from tests.builders.recycling import a_photo
from tests.journeys.cast import COUNTY, Cast

AGO_DAYS = 25
ELDER = "13916000009"
SERIALS = ("HR-2026-0001", "HR-2026-0002", "HR-2026-0003")


def a_subsidised_washer(cast: Cast) -> Listing:
    """On sale at the cast's shop since a month ago, with its label, photos and serial numbers."""
    then = cast.morning(AGO_DAYS)
    product = a_product_draft(gtin=a_gtin(), specs={"容量": "10 公斤"})
    washer = a_listing(cast.session, cast.shop, then, product=product, stock=40)
    a_verified_label(cast.session, washer, then)
    add_photos(cast.session, cast.shop.id, washer.id, [a_photo()], then)
    add_serials(cast.session, washer, SERIALS, then, batch="B2026-10")
    cast.session.refresh(washer.product)
    return washer


def orders_in_every_state(cast: Cast, washer: Listing) -> list[Order]:
    """Three delivered, one of them to a neighbor; then one of each state before that."""
    session, now, buyer = cast.session, cast.now, cast.buyer
    sales = (AGO_DAYS, buyer), (2, buyer), (4, cast.neighbor)
    old, recent, theirs = (
        a_sold_washer(
            session, cast.morning(days), washer, who,
            serial_numbers=(serial,), photo=a_photo(), recipient_name=who.name,
        )
        for (days, who), serial in zip(sales, SERIALS, strict=True)
    )  # fmt: skip
    plain = [
        an_order(session, buyer, [(washer, 1)], now, method, key=f"everything-{number}")
        for number, method in enumerate((*[PaymentMethod.cash] * 4, PaymentMethod.stripe))
    ]
    _placed, confirmed, at_hub, canceled, _unpaid = plain
    for part in confirmed.shop_orders:
        confirm_shop_order(session, part.shop_id, part.id, now)
    to_the_hub(session, at_hub, now)
    cancel_order(session, buyer.id, canceled.id, now)
    put(session, Owner(account_id=buyer.id), washer.id, 1, now)
    react(session, now)
    return [old, recent, theirs, *plain]


def a_planned_batch(cast: Cast) -> None:
    """What stands at the hub is planned for the day after tomorrow, and not given out yet."""
    day = local_date(cast.now) + timedelta(days=2)
    batch = close_batch(cast.session, COUNTY, day, 1, cast.now)
    plan_batch(cast.session, batch.id, cast.now, cpu_seconds=0.1)
    react(cast.session, cast.now)


def claims_in_every_state(cast: Cast, old: Order, theirs: Order) -> None:
    """One is asked for and answered by the treasury, one turned down."""
    session, now = cast.session, cast.now
    first, second = claim_of(session, old), claim_of(session, theirs)
    review.pass_audit(session, COUNTY, cast.auditors[0].id, first.id, "材料齐全", now)
    for operator in cast.operators[:2]:
        review.approve(session, COUNTY, operator.id, first.id, "同意", now)
    file = answers(batch_of(session, now))
    treasury.upload(session, COUNTY, cast.operator_id, file, now)
    review.reject(session, COUNTY, cast.auditors[0].id, second.id, "照片看不清", now)


def a_settled_week(cast: Cast) -> None:
    """The shop's sheet of the week before is approved twice and in a bank file."""
    session, now, seal = cast.session, cast.now, cast.seal(SEAL_PURPOSE)
    change_bank_account(
        session, cast.shop.id, cast.shop.name, "某银行", "6222000000000000001", cast.owner.id, seal, now
    )
    confirm_bank_account(session, COUNTY, cast.operator_id, cast.shop.id, now)
    week = rules.last_week(now)
    for sheet in draw_up(session, COUNTY, week, now):
        for operator in cast.operators[:2]:
            approve(session, COUNTY, operator.id, sheet.id, now)
    assert make_bank_file(session, COUNTY, cast.operator_id, seal, now)


def at_the_counter(cast: Cast, washer: Listing) -> None:
    """One order that the clerk placed for an elder who signed, one that waits for a code, and a list."""
    session, now, shop_id = cast.session, cast.now, cast.shop.id
    signed = agree_on_paper(session, shop_id, cast.clerk.id, ELDER, "孙大爷", PASSWORD, a_scan(), now)
    wanted = AssistDraft({washer.id: 1}, written_address(session), PaymentMethod.cash)
    prepare(session, shop_id, signed.id, wanted, now)
    place(session, shop_id, signed.id, priced(session, signed, COUNTY, now).payable_fen, now)
    ask_by_code(session, shop_id, cast.clerk.id, ELDER, now)
    sheet = "店内编号,品类,品牌,型号,商品名称,售价（元）\nZ-1,洗衣机,禾润,HR-Z1,禾润洗衣机,很便宜\n"
    read_in(session, shop_id, sheet.encode("utf-8-sig"), cast.clerk.id, now)
    begin_hand_in(session, cast.courier, now)


def groups_and_a_fair(cast: Cast, washer: Listing) -> None:
    """A group that is ready to be paid for, one that can be joined, and a van in a village now."""
    session, now = cast.session, cast.now
    began = now - timedelta(days=8)
    ready = a_group(session, washer, began, closes_at=now - timedelta(days=1))
    a_place(session, ready, began, cast.buyer)
    a_place(session, ready, began, cast.neighbor)
    close_group(session, ready.id, now)
    make_ready(session, cast.shop.id, ready.id, cast.clerk.id, now)
    a_place(session, a_group(session, washer, now), now, cast.buyer)
    since = now - timedelta(days=1)
    van = a_fair(session, since, a_stop(since, hours=23), kind=FairKind.van, title="绿色家电下乡流动车二号")
    bring(session, cast.shop, van.id, washer.id, 2, since)
    arrive(session, cast.shop, van.id, now)
