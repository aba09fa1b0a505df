"""Pay a repair's fee online: away to the hosted page, and back."""

import uuid

from flask import redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from market.aftersales import queries
from market.aftersales.pay_fee import begin_fee
from market.kernel import clock
from market.kernel.db import db
from market.payments.queries import open_payment_of_bill
from market.web.guards import signed_in
from market.web.storefront import bp
from market.web.storefront.pay import ask_provider, to_hosted_page


@bp.post("/repairs/<uuid:repair_id>/pay")
@signed_in
def pay_repair(repair_id: uuid.UUID) -> Response:
    """Open the hosted page of the fee, and go there."""
    return to_hosted_page(
        lambda: begin_fee(db.session(), current_user.id, repair_id, clock.now()),
        paid_url=url_for("storefront.repair_paid", repair_id=repair_id, _external=True),
        back_url=url_for("storefront.repair", repair_id=repair_id, _external=True),
    )


@bp.get("/repairs/<uuid:repair_id>/paid")
@signed_in
def repair_paid(repair_id: uuid.UUID) -> Response:
    """Back from the hosted page: ask the provider now, rather than wait for its news."""
    case = queries.own_repair(db.session(), current_user.id, repair_id)
    ask_provider(open_payment_of_bill(db.session(), case.reference))
    return redirect(url_for("storefront.repair", repair_id=repair_id), 303)
