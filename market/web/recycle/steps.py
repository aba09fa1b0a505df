"""The forms of steps two and three: how it goes, and where the reward goes."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm

from market.collection import carry
from market.collection.models import CollectionPoint
from market.kernel import clock
from market.kernel.db import db
from market.people import queries as people
from market.recycling import choose, drop_off
from market.recycling.models import RecyclingOrder
from market.recycling.payout_models import Payout
from market.web.recycle.forms import PayoutForm, WayForm
from market.web.recycle.here import here

POINTS_SHOWN = 3

PAYOUTS = {
    Payout.points: lazy_gettext("积分，马上到账，买东西就能用"),
    Payout.yuan: lazy_gettext("元，转到银行卡"),
}


def step_two_or_three(order: RecyclingOrder, sent: FlaskForm | None) -> dict[str, Any]:
    """The forms of a quoted thing's page: the sent one as it was typed."""
    way_form = sent if isinstance(sent, WayForm) else WayForm(formdata=None)
    payout_form = sent if isinstance(sent, PayoutForm) else PayoutForm(formdata=None)
    payout_form.payout.choices = payouts()
    if payout_form is not sent:
        payout_form.holder.data = current_user.name
    addresses = people.addresses(db.session(), order.account_id)
    places = drop_off.drop_off_places(db.session(), order)
    points = carry.points_for(db.session(), order, here()[1], clock.now())[:POINTS_SHOWN]
    way_form.address_id.choices = [
        (str(it.id), f"{it.recipient_name} {it.detail}")
        for it in addresses
        if it.county_code == order.county_code
    ]
    way_form.drop_off.choices = [
        *((f"{carry.PLACE}:{point.id}", _point_words(point, meters)) for point, meters in points),
        *((place.key, f"{place.name}（{place.address}）") for place in places),
    ]
    open_ways = choose.open_ways(db.session(), order)
    return {"way_form": way_form, "payout_form": payout_form, "open_ways": open_ways}


def _point_words(point: CollectionPoint, meters: int) -> str:
    """How far, what and where: a narrow phone shows the beginning."""
    far = gettext("%(km)s 公里", km=f"{meters / 1000:.1f}")
    return f"{far} · {point.name}（{point.address}）"


def payouts() -> list[tuple[str, str]]:
    """What she may be paid in, for a form."""
    return [(payout.value, str(words)) for payout, words in PAYOUTS.items()]
