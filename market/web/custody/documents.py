"""A hand-over as a document: its code while it waits, both signatures when it is done, and the manifest."""

import uuid

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.recycling import custody_queries as queries
from market.recycling import handover
from market.recycling.actors import actors_of
from market.recycling.custody_models import Handover
from market.recycling.parties import Party
from market.recycling.states import HandoverState
from market.web.custody import bp
from market.web.custody_sheets import Manifest, manifest_pdf
from market.web.custody_text import party_name
from market.web.guards import signed_in
from market.web.once import once
from market.web.qr import qr


@bp.get("/handovers/<uuid:handover_id>")
@signed_in
def document(handover_id: uuid.UUID) -> str:
    """The code and its QR for the taker, or who signed when."""
    found = _mine(handover_id)
    waits = found.state is HandoverState.open and clock.now() < found.valid_until
    link = url_for("custody.take", code=found.code, _external=True)
    return render_template(
        "custody/document.html",
        handover=found,
        manifest=_manifest(found),
        waits=waits,
        has_desk=bool(actors_of(db.session(), current_user.id)),
        gave_it=found.offered_by_id == current_user.id,
        qr=qr(link, scale=5) if waits else "",
    )


@bp.get("/handovers/<uuid:handover_id>/manifest.pdf")
@signed_in
def manifest(handover_id: uuid.UUID) -> Response:
    """The transfer manifest as a PDF; only one that both ends signed."""
    found = _mine(handover_id)
    if found.number is None or found.state is not HandoverState.taken:
        abort(404)
    name = f'attachment; filename="{found.number}.pdf"'
    return make_response(
        manifest_pdf(_manifest(found)), {"Content-Type": "application/pdf", "Content-Disposition": name}
    )


@bp.post("/handovers/<uuid:handover_id>/withdraw")
@signed_in
@once("custody.withdraw")
def withdraw(handover_id: uuid.UUID) -> Response:
    """Nobody is to take it after all."""
    found = _mine(handover_id)
    if found.offered_by_id != current_user.id:
        abort(404)
    handover.withdraw(db.session(), Party.read(found.giver), found.id, clock.now())
    flash(gettext("已收回，没有交出去"))
    return redirect(url_for("custody.document", handover_id=found.id), 303)


def _mine(handover_id: uuid.UUID) -> Handover:
    return queries.handover_of(db.session(), current_user.id, handover_id)


def _manifest(found: Handover) -> Manifest:
    session = db.session()
    taker = Party.read(found.taker) if found.taker else Party(found.taker_role)
    return Manifest(
        found, party_name(session, Party.read(found.giver)), party_name(session, taker),
        queries.lines(session, found.id),
    )  # fmt: skip
