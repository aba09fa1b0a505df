"""Sets that the county puts together over its shops, from what is in the green zone."""

import uuid
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from market.kernel import clock
from market.kernel.db import db
from market.kernel.ids import parse_id
from market.scenes.county_set import make_county_set, show_county_set, zone_listings
from market.scenes.edit_set import SetDraft
from market.scenes.models import SetState
from market.scenes.queries import sets_of_county
from market.scenes.rules import MOST_LINES, MOST_PIECES, Scene
from market.web.county import bp
from market.web.once import once
from market.web.refusals import attempt
from market.web.scene_text import MISSING, SCENES
from market.web.text import local_name

Page = str | tuple[str, int] | Response


class CountySetForm(FlaskForm):
    """A set on one screen: `listing_N` and `pieces_N` are its lines, those left open are none."""

    scene = SelectField(_("用在哪里"), choices=[(scene.value, text) for scene, text in SCENES.items()])
    name = StringField(
        _("套装名称"),
        [DataRequired(_("请填写这一项")), Length(2, 30, _("请写 2 到 30 个字"))],
        filters=[lambda text: " ".join((text or "").split())],
        render_kw={"autocomplete": "off"},
    )
    lines = StringField(_("商品"), render_kw={"hidden": True})

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The two fields of each line."""
        return [(self[f"listing_{n}"], self[f"pieces_{n}"]) for n in range(1, MOST_LINES + 1)]

    def validate_lines(self, field: StringField) -> None:
        """A listing stands on one line only."""
        chosen = [listing.data for listing, _pieces in self.rows if listing.data]
        if len(set(chosen)) < len(chosen):
            raise ValidationError(gettext("同一件商品选了两次，改它的件数就行"))

    @property
    def draft(self) -> SetDraft:
        """What was typed."""
        chosen = [(parse_id(listing.data or ""), pieces.data) for listing, pieces in self.rows]
        pieces = {id_: count or 0 for id_, count in chosen if id_ is not None}
        return SetDraft(Scene(self.scene.data), self.name.data, 0, pieces)


for _n in range(1, MOST_LINES + 1):
    setattr(CountySetForm, f"listing_{_n}", SelectField(_("第 %(n)s 种", n=_n), validate_choice=False))
    setattr(
        CountySetForm,
        f"pieces_{_n}",
        IntegerField(
            _("件数"),
            [Optional(), NumberRange(1, MOST_PIECES, _("请填 1 到 9 之间的数"))],
            default=1,
            render_kw={"inputmode": "numeric", "autocomplete": "off", "size": 4},
        ),
    )


@bp.get("/scenes")
def scenes() -> str:
    """The county's own sets, and the form for another."""
    return _page(CountySetForm(formdata=None))


@bp.post("/scenes")
@once("county.make_set")
def make_scene() -> Page:
    """Make it, or show what stands in the way."""
    form = CountySetForm()
    if attempt(form, lambda: make_county_set(db.session(), g.county_code, form.draft, clock.now())):
        return _done(gettext("套装已做好，买家看得到了"))
    return _page(form), 422


@bp.post("/scenes/<uuid:set_id>/hide")
@once("county.hide_set")
def hide_scene(set_id: uuid.UUID) -> Response:
    """Buyers see it no longer."""
    show_county_set(db.session(), g.county_code, set_id, SetState.hidden, clock.now())
    return _done(gettext("已下架，买家看不到了"))


@bp.post("/scenes/<uuid:set_id>/show")
@once("county.show_set")
def show_scene(set_id: uuid.UUID) -> Response:
    """Buyers see it again."""
    show_county_set(db.session(), g.county_code, set_id, SetState.shown, clock.now())
    return _done(gettext("已上架"))


def _page(form: CountySetForm) -> str:
    found = [
        (str(it.id), f"{local_name(it.product)} {it.variant} · {it.shop.name}")
        for it in zone_listings(db.session(), g.county_code)
    ]
    for listing, _pieces in form.rows:
        listing.choices = [("", gettext("不选")), *found]
    sets = sets_of_county(db.session(), g.county_code)
    return render_template("county/scenes.html", form=form, sets=sets, scenes=SCENES, missing=MISSING)


def _done(text: str) -> Response:
    flash(text)
    return redirect(url_for("county.scenes"), 303)
