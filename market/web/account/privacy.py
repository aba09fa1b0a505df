"""What the market knows: signed-in browsers, consents, and who looked at the person's data."""

import uuid
from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.people import queries
from market.people.consents import VERSIONS, give_consent, withdraw_consent
from market.people.models import Purpose, ViewerRole, ViewPurpose
from market.people.sign_in import sign_out, sign_out_everywhere
from market.subsidies.real_name import forget_name
from market.web.account import bp
from market.web.guards import signed_in

ROLES = {
    ViewerRole.auditor: lazy_gettext("补贴审计员"),
    ViewerRole.county: lazy_gettext("县服务中心"),
    ViewerRole.courier: lazy_gettext("送货员"),
    ViewerRole.recycler: lazy_gettext("回收企业"),
    ViewerRole.shop: lazy_gettext("商家"),
    ViewerRole.station: lazy_gettext("村服务站"),
}
PURPOSES = {
    ViewPurpose.collection: lazy_gettext("上门收旧"),
    ViewPurpose.delivery: lazy_gettext("送货"),
    ViewPurpose.order: lazy_gettext("处理订单"),
    ViewPurpose.recycling: lazy_gettext("处理回收"),
    ViewPurpose.review: lazy_gettext("处理评价"),
    ViewPurpose.settlement: lazy_gettext("付货款"),
    ViewPurpose.subsidy: lazy_gettext("审核补贴"),
}
CONSENTS = {
    Purpose.account: lazy_gettext("用手机号和称呼开户、送货和联系"),
    Purpose.assisted: lazy_gettext("店员在柜台替我下单"),
    Purpose.sms: lazy_gettext("用短信通知"),
    Purpose.subsidy: lazy_gettext("用姓名和身份证号码核对补贴资格"),
}
_CHOOSE: dict[tuple[Purpose, str], Callable[[Session, uuid.UUID, datetime], None]] = {
    (Purpose.assisted, "no"): lambda session, me, now: withdraw_consent(session, me, Purpose.assisted, now),
    (Purpose.sms, "yes"): lambda session, me, now: give_consent(session, me, Purpose.sms, now),
    (Purpose.sms, "no"): lambda session, me, now: withdraw_consent(session, me, Purpose.sms, now),
    (Purpose.subsidy, "no"): forget_name,
}


@bp.get("/privacy")
@signed_in
def privacy() -> str:
    """The person's sessions, consents and the record of who looked."""
    sessions, consents, accesses = queries.PRIVACY.read(
        db.session(), account_id=current_user.id, now=clock.now()
    )
    return render_template(
        "account/privacy.html",
        sessions=sessions,
        accesses=accesses,
        standing=queries.standing_of(consents),
        versions=VERSIONS,
        purpose_words=CONSENTS,
        consents=consents,
        roles=ROLES,
        purposes=PURPOSES,
    )


@bp.post("/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: uuid.UUID) -> Response:
    """Sign another of the person's browsers out."""
    sign_out(db.session(), current_user.id, session_id, clock.now())
    db.session.commit()
    flash(_("那台设备已退出登录"))
    return redirect(url_for("account.privacy"), 303)


@bp.post("/sessions/end-others")
@signed_in
def end_other_sessions() -> Response:
    """Sign every other browser out."""
    sign_out_everywhere(db.session(), current_user.id, clock.now(), keep=current_user.session_id)
    db.session.commit()
    flash(_("其他设备都已退出登录"))
    return redirect(url_for("account.privacy"), 303)


@bp.post("/consents/<any(sms, subsidy, assisted):purpose>")
@signed_in
def choose_consent(purpose: str) -> Response:
    """Agree to a purpose as it is now worded, or no longer to any wording of it.

    What is used to check for subsidies is asked for where it is entered, and deleted with the consent.
    """
    choice = request.form.get("agree")
    if choice not in ("yes", "no") or (purpose, choice) == (Purpose.assisted, "yes"):
        raise NotFound
    if choice == "yes" and purpose == Purpose.subsidy:
        return redirect(url_for("storefront.subsidies"), 303)
    _CHOOSE[Purpose(purpose), choice](db.session(), current_user.id, clock.now())
    db.session.commit()
    flash(_("已保存"))
    return redirect(url_for("account.privacy"), 303)
