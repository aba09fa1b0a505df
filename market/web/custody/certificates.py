"""The wipe certificate of a device, for whoever it was and for whoever wiped it."""

import uuid

from flask import make_response, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.models import Category
from market.kernel.db import db
from market.recycling import custody_queries as queries
from market.recycling.custody_models import Device, WipeCertificate
from market.recycling.models import Recycler, RecyclingOrder, TradeIn
from market.web.custody import bp
from market.web.custody_sheets import certificate_pdf
from market.web.guards import signed_in
from market.web.recycling_text import WIPE_METHODS
from market.web.text import local_name

Facts = list[tuple[str, str]]


@bp.get("/devices/<uuid:device_id>/certificate")
@signed_in
def certificate(device_id: uuid.UUID) -> str:
    """Method, standard, who did it and how it was verified."""
    device, proof = queries.certified(db.session(), current_user.id, device_id)
    facts, destroyed = _facts(device, proof), proof.witness_id is not None
    return render_template("custody/certificate.html", device=device, facts=facts, destroyed=destroyed)


@bp.get("/devices/<uuid:device_id>/certificate.pdf")
@signed_in
def certificate_sheet(device_id: uuid.UUID) -> Response:
    """The same, to keep."""
    device, proof = queries.certified(db.session(), current_user.id, device_id)
    name = f'attachment; filename="wipe-{device.code}.pdf"'
    return make_response(
        certificate_pdf(device.code, _facts(device, proof)),
        {"Content-Type": "application/pdf", "Content-Disposition": name},
    )


def _facts(device: Device, proof: WipeCertificate) -> Facts:
    session = db.session()
    thing = session.get(RecyclingOrder, device.id) or session.get_one(TradeIn, device.id)
    recycler = session.get_one(Recycler, thing.recycler_id)
    category = session.get_one(Category, device.category_code)
    return [
        (_("编号"), device.code),
        (_("品类"), str(local_name(category))),
        (_("机身序列号"), proof.serial_number),
        (_("擦除方法"), str(WIPE_METHODS[proof.method])),
        (_("标准"), proof.standard),
        (_("怎么核验的"), proof.verification),
        (_("擦除的企业"), recycler.name),
        (_("许可证"), recycler.licence_number),
        (_("操作员"), _("工号 %(number)s", number=str(proof.operator_id)[-8:])),
        *_witness(proof),
    ]


def _witness(proof: WipeCertificate) -> Facts:
    if proof.witness_id is None:
        return []
    return [(_("见证人"), _("工号 %(number)s", number=str(proof.witness_id)[-8:]))]
