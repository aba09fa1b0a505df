"""Keep the green zone's members: whoever changes what the rule looks at calls `reconsider`."""

import uuid
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.events import ZoneStayEnds
from market.catalog.evidence import ProductRecall, ZoneMembership
from market.catalog.models import Listing, Product
from market.catalog.zone_rule import CertificateState, Verdict, ZoneReason, verdict
from market.kernel.clock import at, local_date
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.shops.models import ShopStaff


def reconsider(session: Session, product_id: uuid.UUID, now: datetime) -> None:
    """Bring everything that follows from a product's papers up to date: its stay in the zone, its badges and
    what it uses in a year. Done twice it changes nothing.
    """
    product = locked_product(session, product_id)
    product.measure_running_cost()
    product.badges = [
        {"scheme": one.scheme.value, "until": one.expires_on.isoformat() if one.expires_on else None}
        for one in product.certificates
        if one.state is CertificateState.valid
    ]
    found, stay = judge(session, product, now), open_stay(session, product_id)
    if found.reason is None:
        _stay_on(session, product_id, stay, found, now)
    elif stay is not None:
        _leave(session, product, stay, found, found.reason, now)
    session.flush()


def locked_product(session: Session, product_id: uuid.UUID) -> Product:
    """The product, with its papers as they are now; who comes second waits and sees what the first did."""
    session.flush()
    product = session.scalars(
        select(Product).where(Product.id == product_id).with_for_update(key_share=True)
    ).one()
    session.expire(product, ["labels", "certificates"])
    return product


def judge(session: Session, product: Product, now: datetime) -> Verdict:
    """What the rule says of the product today."""
    return judge_known(product, open_recall(session, product.id) is not None, now)


def judge_known(product: Product, is_recalled: bool, now: datetime) -> Verdict:
    """As `judge`, by who knows already whether the product is under a recall."""
    return verdict(product.labels, product.certificates, is_recalled, local_date(now))


def open_recall(session: Session, product_id: uuid.UUID) -> ProductRecall | None:
    """The recall that the product is under, if there is one."""
    return session.scalar(
        select(ProductRecall).where(ProductRecall.product_id == product_id, ProductRecall.lifted_at.is_(None))
    )


def open_stay(session: Session, product_id: uuid.UUID) -> ZoneMembership | None:
    """The stay that has not been closed."""
    return session.scalar(
        select(ZoneMembership).where(ZoneMembership.product_id == product_id, ZoneMembership.until.is_(None))
    )


def _stay_on(
    session: Session, product_id: uuid.UUID, stay: ZoneMembership | None, found: Verdict, now: datetime
) -> None:
    if stay is None:
        session.add(ZoneMembership(id=new_id(), product_id=product_id, since=now, last_day=found.last_day))
    else:
        stay.last_day = found.last_day
    if found.last_day is not None:
        due_at = at(found.last_day + timedelta(days=1), time())
        key = f"zone_stay_ends:{product_id}:{found.last_day}"
        emit(session, ZoneStayEnds(product_id), now, due_at=due_at, dedupe_key=key)


def _leave(
    session: Session,
    product: Product,
    stay: ZoneMembership,
    found: Verdict,
    reason: ZoneReason,
    now: datetime,
) -> None:
    stay.until, stay.reason = now, reason
    ended_on = found.ended_on.isoformat() if found.ended_on else None
    params = {"product": product.name_zh, "reason": reason.value, "ended_on": ended_on}
    tell_sellers(session, product.id, "catalog.zone_left", params, f"zone_left:{stay.id}", now)


def tell_sellers(
    session: Session, product_id: uuid.UUID, kind: str, params: dict[str, str | None], key: str, now: datetime
) -> None:
    """A notice to everybody in every shop that lists the product, once per `key`."""
    sellers = session.execute(
        select(ShopStaff.account_id, Listing.id)
        .join(Listing, Listing.shop_id == ShopStaff.shop_id)
        .where(Listing.product_id == product_id)
        .order_by(ShopStaff.account_id)
    )
    for account_id, listing_id in sellers:
        notify(session, account_id, kind, dict(params), now, f"listing:{listing_id}", f"{key}:{account_id}")
