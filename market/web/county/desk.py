"""The operator's first page: what has to be done now."""

from flask import g, render_template

from market.aftersales.models import ReturnRequest
from market.aftersales.queries import repairs_of_county, returns_of_county
from market.aftersales.states import ReturnState
from market.catalog.queries import labels_to_verify
from market.delivery.models import BatchState, JobState
from market.delivery.queries import batches, jobs
from market.kernel import clock
from market.kernel.db import db
from market.orders.models import Fulfillment
from market.orders.queries import county_shop_orders
from market.payments.models import RefundState
from market.payments.queries import county_refunds
from market.places.queries import county
from market.web.county import bp

WAITING = (RefundState.requested, RefundState.failed)


def _needs_county(case: ReturnRequest) -> bool:
    """Whether it is in dispute, or later than it may be."""
    return case.state is ReturnState.disputed or bool(case.due_at and case.due_at <= clock.now())


@bp.get("/")
def home() -> str:
    """Goods to receive, the batch that fills, plans to release, labels to look up, refunds to decide on."""
    session = db.session()
    recent = batches(session, g.county_code, limit=10)
    return render_template(
        "county/home.html",
        county=county(session, g.county_code),
        arriving=county_shop_orders(session, g.county_code, [Fulfillment.handed_over]),
        ready=jobs(session, g.county_code, [JobState.ready]),
        to_release=[batch for batch in recent if batch.state is BatchState.planned],
        planning=[batch for batch in recent if batch.state is BatchState.closed],
        on_the_road=[batch for batch in recent if batch.state is BatchState.released],
        labels=labels_to_verify(session, g.county_code),
        refunds=county_refunds(session, g.county_code, WAITING),
        returns=[it for it in returns_of_county(session, g.county_code) if _needs_county(it)],
        repairs=repairs_of_county(session, g.county_code),
    )
