"""A county somebody has lived in: one buyer with something on every page that she can see."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.aftersales.models import Repair
from market.aftersales.request_repair import request_repair
from market.credit.history import WEIGHED
from market.credit.models import Review, SubjectKind
from market.credit.record_event import record_event
from market.credit.review_models import ReviewWeighing
from market.credit.write_review import event_of, write_review
from market.fairs.models import FairGoods
from market.fairs.take_part import bring
from market.groups.close_group import close_group
from market.groups.complete import make_ready
from market.invoices.models import Invoice
from market.people.models import Account, Address
from market.points.earn import grant
from market.recalls.models import RecallUnit
from market.savings import appliances
from market.scenes.edit_set import SetDraft, make_set
from market.scenes.models import Scene
from tests.builders.aftersales import a_trouble, asked
from tests.builders.catalog import a_listing, a_product_draft, an_offer_draft
from tests.builders.claims import a_sold_washer, a_washer
from tests.builders.delivery import a_courier
from tests.builders.fairs import a_fair, a_stop
from tests.builders.groups import a_group, a_place
from tests.builders.life import COUNTY, react, released_run, to_the_hub
from tests.builders.mail_in import a_phone_for_the_courier, a_quoted_phone
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_address
from tests.builders.recalls import a_published_recall
from tests.builders.recycling import a_recycler
from tests.builders.shops import a_clerk, a_shop
from tests.builders.subsidies import a_checked_name
from tests.builders.trade_ins import an_order_with_a_fridge


def lived_in(session: Session, now: datetime) -> tuple[Account, dict[str, uuid.UUID]]:
    """The buyer, and what the addresses of pages name."""
    began = now - timedelta(days=3)
    a_courier(session, began, COUNTY)
    her = a_checked_name(session, an_account(session, began), began)
    an_address(session, her, began)
    washer, other = a_washer(session, began), a_washer(session, began, 289_900)
    same = a_product_draft(brand=washer.product.brand, model=washer.product.model)
    offer = an_offer_draft(price_fen=255_000)
    a_listing(session, a_shop(session, began, name="远山家电"), began, product=same, offer=offer)
    order = a_sold_washer(session, began, washer, her)
    mended = a_sold_washer(session, began, other, her)
    line, broken = order.shop_orders[0].lines[0], mended.shop_orders[0].lines[0]
    review = write_review(session, her.id, washer.shop_id, washer.id, line.reference, 4, "好用", now)
    repair = request_repair(session, her.id, broken.id, a_trouble(), now)
    assert isinstance(repair, Repair)
    danger = a_washer(session, began)
    a_sold_washer(session, began, danger, her)
    return_ = asked(session, line, now)
    coming = an_order(session, her, [(washer, 1), (other, 1)], now, key="coming")
    to_the_hub(session, coming, now)
    released_run(session, now, cpu_seconds=0.05)
    an_order(session, her, [(other, 1)], now, key="new")
    _, old = an_order_with_a_fridge(session, her, now)
    a_recycler(session, began)
    phone, quoted = a_phone_for_the_courier(session, her, now), a_quoted_phone(session, her, now)
    grant(session, her.id, 300, "life", now)
    fair = a_fair(session, now, a_stop(now, hours=1))
    bring(session, washer.shop, fair.id, washer.id, 2, now)
    full = a_group(session, washer, began, least=2, closes_at=began + timedelta(days=1))
    due = a_place(session, full, began, her, pieces=2)
    close_group(session, full.id, began + timedelta(days=1))
    make_ready(session, full.shop_id, full.id, a_clerk(session, washer.shop, began).id, now)
    doubted = write_review(session, her.id, other.shop_id, other.id, broken.reference, 5, "很好", now)
    event = record_event(session, SubjectKind.buyer, her.id, "was_at_home", "life", now)
    group = a_group(session, other, now)
    place = a_place(session, group, now, her)
    cooker = a_listing(session, washer.shop, began, category="rice_cooker")
    pieces = {washer.id: 1, cooker.id: 2}
    make_set(session, washer.shop_id, SetDraft(Scene.kitchen, "厨房", 10_000, pieces), now)
    fridge = appliances.About("fridge", "厨房的冰箱", date(2020, 5, 1))
    appliance = appliances.remember(session, her.id, fridge, now)
    assert appliance is not None
    react(session, now)
    session.add(ReviewWeighing(review_id=doubted, weight_milli=300, signals=[], weighed_at=now))
    about = event_of(session, session.scalars(select(Review).where(Review.id == doubted)).one())
    shops = (SubjectKind.shop, other.shop_id)
    record_event(session, *shops, WEIGHED, "life", now, weight_milli=300, amends_id=about)
    a_published_recall(session, danger, now)
    session.flush()
    session.expire_all()
    return her, {
        "listing": washer.id, "product": washer.product_id, "shop": washer.shop_id, "order": order.id,
        "line": broken.id, "reviewed": line.id, "repair": repair.id, "return": return_.id, "old": old.id,
        "phone": phone.id, "quoted": quoted.id, "stop": fair.stops[0].id, "group": group.id,
        "place": place.id,
        "appliance": appliance.id, "review": review, "coming": coming.id,
        "due": due.id,
        "weighed": broken.id,
        "event": event,
        "part": order.shop_orders[0].id,
        "address": session.scalars(select(Address.id).where(Address.account_id == her.id)).first(),
        "goods": session.scalars(select(FairGoods.id)).one(),
        "unit": session.scalars(select(RecallUnit.id).where(RecallUnit.account_id == her.id)).first(),
        "invoice": session.scalars(select(Invoice.id)).first(),
    }  # fmt: skip
