"""The shop's sets: what belongs together, and what it takes off for all of it."""

import uuid
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from market.catalog.queries import listings_of_shop
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound
from market.kernel.ids import parse_id
from market.scenes.edit_set import SetDraft, change_set, make_set, set_shown
from market.scenes.models import SceneSet, SetState
from market.scenes.queries import set_of_shop, sets_of_shop
from market.scenes.rules import MOST_LINES, MOST_PIECES, Scene
from market.web.once import once
from market.web.refusals import attempt
from market.web.scene_text import MISSING, SCENES
from market.web.shop import bp
from market.web.shop.listings import Page
from market.web.text import local_name
from market.web.yuan_field import YuanField

_LISTED = 500
_numeric = {"inputmode": "numeric", "autocomplete": "off", "size": 4}


class SetForm(FlaskForm):
    """A set on one screen: `listing_N` and `pieces_N` are its lines, those left open are none."""

    scene = SelectField(_("用在哪里"), choices=[(scene.value, text) for scene, text in SCENES.items()])
    name = StringField(
        _("套装名称"),
        [DataRequired(_("请填写这一项")), Length(2, 30, _("请写 2 到 30 个字"))],
        filters=[lambda text: " ".join((text or "").split())],
        render_kw={"autocomplete": "off"},
    )
    promotion = YuanField(
        _("整套便宜多少"),
        [InputRequired(_("请填写这一项"))],
        description=_("不便宜就填 0，最多是总价的一半"),
        default=0,
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    lines = StringField(_("商品"), render_kw={"hidden": True})

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The two fields of each line."""
        return [(self[f"listing_{n}"], self[f"pieces_{n}"]) for n in range(1, MOST_LINES + 1)]

    @property
    def pieces(self) -> dict[uuid.UUID, int]:
        """How many of each listing were chosen."""
        chosen = [(parse_id(listing.data or ""), pieces.data) for listing, pieces in self.rows]
        return {id_: pieces or 0 for id_, pieces in chosen if id_ is not None}

    def validate_lines(self, field: StringField) -> None:
        """A listing stands on one line only."""
        chosen = [listing.data for listing, _pieces in self.rows if listing.data]
        if len(set(chosen)) < len(chosen):
            raise ValidationError(gettext("同一件商品选了两次，改它的件数就行"))

    @property
    def draft(self) -> SetDraft:
        """What was typed."""
        return SetDraft(Scene(self.scene.data), self.name.data, self.promotion.data, self.pieces)


for _n in range(1, MOST_LINES + 1):
    setattr(SetForm, f"listing_{_n}", SelectField(_("第 %(n)s 种", n=_n), validate_choice=False))
    setattr(
        SetForm,
        f"pieces_{_n}",
        IntegerField(
            _("件数"),
            [Optional(), NumberRange(1, MOST_PIECES, _("请填 1 到 9 之间的数"))],
            default=1,
            render_kw=_numeric,
        ),
    )


@bp.get("/scenes")
def scenes() -> str:
    """The shop's sets with what is wrong with each."""
    found = sets_of_shop(db.session(), g.shop.id)
    return render_template("shop/scenes.html", sets=found, scenes=SCENES, missing=MISSING)


@bp.get("/scenes/new")
def new_scene() -> Page:
    """An empty form."""
    return _page(_form({}), None)


@bp.post("/scenes/new")
@once("shop.make_set")
def make_scene() -> Page:
    """Make it, or show what stands in the way."""
    form = _form({})
    if attempt(form, lambda: make_set(db.session(), g.shop.id, form.draft, clock.now())):
        return _done(gettext("套装已做好，买家看得到了"))
    return _page(form, None), 422


@bp.get("/scenes/<uuid:set_id>")
def scene(set_id: uuid.UUID) -> Page:
    """One set, to change."""
    found = _own(set_id)
    typed: dict[str, Any] = {"scene": found.scene.value, "name": found.name, "promotion": found.promotion_fen}
    for number, line in enumerate(found.lines, 1):
        typed |= {f"listing_{number}": str(line.listing_id), f"pieces_{number}": line.pieces}
    return _page(_form(typed), found)


@bp.post("/scenes/<uuid:set_id>")
@once("shop.change_set")
def change_scene(set_id: uuid.UUID) -> Page:
    """Keep what was changed."""
    _own(set_id)
    form = _form({})
    if attempt(form, lambda: change_set(db.session(), g.shop.id, set_id, form.draft, clock.now())):
        return _done(gettext("已保存"))
    return _page(form, _own(set_id)), 422


@bp.post("/scenes/<uuid:set_id>/hide")
@once("shop.hide_set")
def hide_scene(set_id: uuid.UUID) -> Response:
    """Buyers see it no longer."""
    set_shown(db.session(), g.shop.id, set_id, SetState.hidden, clock.now())
    return _done(gettext("已下架，买家看不到了"))


@bp.post("/scenes/<uuid:set_id>/show")
@once("shop.show_set")
def show_scene(set_id: uuid.UUID) -> Response:
    """Buyers see it again."""
    set_shown(db.session(), g.shop.id, set_id, SetState.shown, clock.now())
    return _done(gettext("已上架"))


def _own(set_id: uuid.UUID) -> SceneSet:
    found = set_of_shop(db.session(), g.shop.id, set_id)
    if found is None:
        raise NotFound
    return found


def _form(typed: dict[str, Any]) -> SetForm:
    form = SetForm(data=typed)
    own = [
        (str(it.id), f"{local_name(it.product)} {it.variant}".strip())
        for it in listings_of_shop(db.session(), g.shop.id, limit=_LISTED)
    ]
    for listing, _pieces in form.rows:
        listing.choices = [("", gettext("不选")), *own]
    return form


def _page(form: SetForm, found: SceneSet | None) -> str:
    return render_template("shop/scene.html", form=form, set=found)


def _done(text: str) -> Response:
    flash(text)
    return redirect(url_for(".scenes"), 303)
