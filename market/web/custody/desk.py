"""What I hold and can hand on, a box for the code of what I am given, and what I have signed."""

import uuid
from dataclasses import dataclass, field

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.recycling import custody_queries as queries
from market.recycling import handover
from market.recycling.actors import Actor, actors_of
from market.recycling.custody_models import Handover
from market.recycling.handover import READY
from market.recycling.models import Recycler
from market.recycling.parties import Party, Role
from market.web.custody import bp
from market.web.custody_text import ROLES, party_name
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.once import once

Page = str | tuple[str, int] | Response


@dataclass(slots=True)
class Way:
    """A way on for what one of my parties holds: the things that may go it, and who may take them."""

    giver: Actor
    to: Role
    things: list[queries.Held]
    takers: list[Recycler] = field(default_factory=list)

    @property
    def path(self) -> str:
        """How a form names it."""
        return f"{self.giver.party.role.value}-{self.to.value}"


@bp.get("", strict_slashes=False)
@signed_in
def home() -> str:
    """My desk; to whom nothing is ever handed it does not exist."""
    return _home(_mine())


@bp.post("/<path>/offer")
@signed_in
@once("custody.offer")
def offer(path: str) -> Page:
    """Put things under a one-time code for somebody to take."""
    mine = _mine()
    way = next((way for way in _ways(mine) if way.path == path), None) or abort(404)
    try:
        chosen = [uuid.UUID(value) for value in request.form.getlist("devices")]
        to = _taker(way, request.form.get("taker", ""))
        giver = way.giver
        made = handover.offer(
            db.session(), giver.party, current_user.id, giver.county_code, to, chosen, clock.now()
        )
        return redirect(url_for("custody.document", handover_id=made.id), 303)
    except ValueError:
        abort(404)
    except Refused as refused:
        return _home(mine, way.path, str(sentence(refused)), request.form.getlist("devices")), 422


@bp.get("/take")
@signed_in
def take() -> Page:
    """What is under the code, before I sign for it."""
    mine, code = _mine(), request.args.get("code", "")
    try:
        found = handover.with_code(db.session(), code)
        return _confirm(found)
    except Refused as refused:
        return _home(mine, "take", str(sentence(refused))), 422


@bp.post("/take")
@signed_in
@once("custody.take")
def sign() -> Page:
    """It is mine now."""
    mine, code = _mine(), request.form.get("code", "")
    try:
        found = handover.take(db.session(), current_user.id, code, clock.now())
    except Refused as refused:
        return _home(mine, "take", str(sentence(refused))), 422
    flash(gettext("已收下，两边都签好了"))
    return redirect(url_for("custody.document", handover_id=found.id), 303)


def _mine() -> list[Actor]:
    return actors_of(db.session(), current_user.id) or abort(404)


def _ways(mine: list[Actor]) -> list[Way]:
    session, now = db.session(), clock.now()
    found = []
    for actor in mine:
        for giver, to in READY:
            if giver is actor.party.role:
                way = Way(actor, to, queries.ready_for(session, actor.party, to, now))
                if to in (Role.recycler, Role.dismantler):
                    way.takers = list(queries.takers(session, actor.county_code, to, clock.local_date(now)))
                found.append(way)
    return found


def _taker(way: Way, chosen: str) -> Party:
    if way.to is Role.hub:
        return Party(Role.hub, way.giver.county_code)
    if not any(str(taker.id) == chosen for taker in way.takers):
        raise Refused("recycling.no_taker")
    return Party(way.to, chosen)


def _home(mine: list[Actor], wrong: str = "", why: str = "", chosen: list[str] | None = None) -> str:
    session = db.session()
    signed = [it for actor in mine for it in queries.handovers_of(session, actor.party)]
    return render_template(
        "custody/home.html",
        parties=[party_name(session, actor.party) for actor in mine],
        ways=_ways(mine),
        roles=ROLES,
        signed=[(it, party_name(session, Party.read(it.giver)), _taker_name(it)) for it in signed],
        wrong=wrong,
        why=why,
        chosen=chosen or [],
        now=clock.now(),
        code=request.values.get("code", ""),
    )


def _confirm(found: Handover) -> str:
    return render_template(
        "custody/take.html",
        handover=found,
        giver=party_name(db.session(), Party.read(found.giver)),
        lines=queries.lines(db.session(), found.id),
        grams=sum(line.weight_grams or 0 for line, _, _ in queries.lines(db.session(), found.id)),
    )


def _taker_name(found: Handover) -> str:
    taker = Party.read(found.taker) if found.taker else Party(found.taker_role)
    return party_name(db.session(), taker)
