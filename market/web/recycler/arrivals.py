"""What comes from collection points: counted, weighed and signed for on arrival."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired

from market.collection.arrive import sign_transfer
from market.collection.queries import transfers_to
from market.kernel import clock
from market.kernel.db import db
from market.web.collection_text import TRANSFER_STATES
from market.web.once import once
from market.web.recycler import bp
from market.web.refusals import attempt
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response
_NUMBER = {"inputmode": "numeric", "min": 0}


class ArrivedForm(FlaskForm):
    """What the count and the scale say."""

    units = IntegerField(
        lazy_gettext("数到几件"), [InputRequired(lazy_gettext("请填件数"))], render_kw=_NUMBER
    )
    weight_grams = IntegerField(
        lazy_gettext("一共称得多重"), [InputRequired(lazy_gettext("请填克数"))], render_kw=_NUMBER
    )


@bp.get("/arrivals")
def arrivals() -> str:
    """What is bound for here, and what arrived."""
    return _page({})


@bp.post("/arrivals/<uuid:transfer_id>")
@once("recycler.sign_transfer")
def sign_arrival(transfer_id: uuid.UUID) -> Page:
    """It is here."""
    form = ArrivedForm()

    def act() -> None:
        said = form.units.data, form.weight_grams.data
        sign_transfer(db.session(), g.recycler, current_user.id, transfer_id, *said, clock.now())

    if attempt(form, act):
        flash(_("已签收"))
        return redirect(url_for("recycler.arrivals"), 303)
    if all(it.id != transfer_id for it in transfers_to(db.session(), g.recycler.id)):
        abort(404)
    return _page({transfer_id: form}), 422


def _page(tried: dict[uuid.UUID, ArrivedForm]) -> str:
    return render_template(
        "recycler/arrivals.html",
        transfers=transfers_to(db.session(), g.recycler.id),
        states=TRANSFER_STATES,
        form_of=lambda transfer_id: told_apart(
            tried.get(transfer_id) or ArrivedForm(formdata=None), transfer_id
        ),
    )
