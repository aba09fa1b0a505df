"""The shop's groups: have something made once enough want it."""

import re
import uuid
from datetime import time, timedelta

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from market.catalog.queries import listings_of_shop
from market.groups import queries
from market.groups.close_group import CAME_ABOUT, cancel_by_shop, withdraw_by_shop
from market.groups.complete import make_ready
from market.groups.open_group import GroupDraft, open_group
from market.groups.rules import Option, PriceTier
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound
from market.kernel.ids import parse_id
from market.kernel.money import parse_yuan
from market.web.day_field import DayField
from market.web.group_text import GROUPS, chosen_words
from market.web.once import once
from market.web.refusals import attempt
from market.web.second_factor import ProofForm, guess_limit, has_factor, proved_lately
from market.web.shop import bp
from market.web.shop.proof import done_with_proof
from market.web.shop.roles import may
from market.web.text import local_name
from market.web.yuan_field import YuanField

Page = str | tuple[str, int] | Response
_LISTED = 500
_TIER = re.compile(r"\D{0,6}(?P<pieces>\d{1,3})\D{1,12}(?P<yuan>\d[\d,.]*)\D{0,6}")
_needed = InputRequired(_("请填写这一项"))
_count = NumberRange(1, 999, _("请填 1 到 999 之间的数"))
_numeric = {"inputmode": "numeric", "autocomplete": "off"}
_decimal = {"inputmode": "decimal", "autocomplete": "off"}
CLOSING = time(20)  # people join after work; a deadline at midnight is nobody's habit


class GroupForm(FlaskForm):
    """A group on one screen. It closes at eight in the evening of the day that is named."""

    listing_id = SelectField(_("哪件商品"), validate_choice=False)
    words = StringField(
        _("一句话说明"),
        [_needed, Length(2, 200, _("请写 2 到 200 个字"))],
        description=_("例如“厂里按单生产，颜色任选”"),
        render_kw={"autocomplete": "off"},
    )
    price = YuanField(_("拼单价（每件）"), [_needed], description=_("不能高过单买的价格"), render_kw=_decimal)
    deposit = YuanField(_("定金（每件）"), [_needed], description=_("最多是拼单价的两成"), render_kw=_decimal)
    least = IntegerField(
        _("几件起做"), [_needed, NumberRange(1, 999, _("请填 1 到 999 之间的数"))], render_kw=_numeric
    )
    most = IntegerField(
        _("最多几件"), [_needed, NumberRange(1, 999, _("请填 1 到 999 之间的数"))], render_kw=_numeric
    )
    closes_on = DayField(_("哪天截止"), [_needed], description=_("当天晚上 8 点截止"))
    make_by = DayField(_("哪天以前到货"), [_needed], description=_("过了这天没到货，定金自动退给大家"))
    complete_days = IntegerField(
        _("到货后几天内付尾款"),
        [_needed, NumberRange(3, 30, _("请填 3 到 30 之间的数"))],
        default=7,
        render_kw=_numeric,
    )
    tiers = TextAreaField(
        _("多拼多降"),
        [Optional()],
        description=_("每行一档，例如“满 10 件 2400 元”：到时拼够了，人人都按这个价"),
        render_kw={"rows": 2},
    )
    options = TextAreaField(
        _("买家可以选什么"),
        [Optional()],
        description=_("每行一项，例如“颜色：奶白、浅灰”“门：左开门、右开门”"),
        render_kw={"rows": 3},
    )

    @property
    def chosen_options(self) -> list[Option]:
        """The options as they were typed, one on each line."""
        lines = [line for line in (self.options.data or "").splitlines() if line.strip()]
        return [_option(line) for line in lines]

    @property
    def price_tiers(self) -> list[PriceTier | None]:
        """The tiers as they were typed, one on each line; None for a line that says no pieces and price."""
        return [_tier(line) for line in (self.tiers.data or "").splitlines() if line.strip()]

    def validate_tiers(self, field: TextAreaField) -> None:
        """So many pieces and a price on each line."""
        if None in self.price_tiers:
            raise ValidationError(gettext("每行写“满几件 几元”"))

    def validate_options(self, field: TextAreaField) -> None:
        """A name, a colon and choices on each line."""
        if not all(option.name and option.choices for option in self.chosen_options):
            raise ValidationError(gettext("每行写“名称：选项、选项”"))

    @property
    def draft(self) -> GroupDraft:
        """What was typed. Raises NotFound where no listing was chosen."""
        listing_id = parse_id(self.listing_id.data or "")
        if listing_id is None:
            raise NotFound
        return GroupDraft(
            listing_id=listing_id,
            words=self.words.data,
            price_fen=self.price.data,
            deposit_fen=self.deposit.data,
            least=self.least.data,
            most=self.most.data,
            closes_at=clock.at(self.closes_on.data, CLOSING),
            make_by=clock.at(self.make_by.data + timedelta(days=1), time()),
            complete_days=self.complete_days.data,
            options=self.chosen_options,
            tiers=[tier for tier in self.price_tiers if tier],
        )


class CancelForm(ProofForm):
    """Why it is called off; those who joined read it. Once it has come about money leaves with it."""

    reason = StringField(
        _("为什么取消（大家会看到）"),
        [Length(max=200, message=_("最多写 200 个字"))],
        render_kw={"maxlength": 200, "autocomplete": "off"},
    )


@bp.get("/groups")
def groups() -> str:
    """The shop's groups and how they stand."""
    found = queries.groups_of_shop(db.session(), g.shop.id)
    return render_template("shop/groups.html", groups=found, states=GROUPS)


@bp.get("/groups/new")
def new_group() -> str:
    """An empty form."""
    return _new(_form())


@bp.post("/groups/new")
@once("shop.open_group")
def make_group() -> Page:
    """Open it, or show what stands in the way."""
    form = _form()
    if attempt(form, lambda: open_group(db.session(), g.shop.id, form.draft, clock.now())):
        return _done(gettext("拼单开了，买家看得到了"))
    return _new(form), 422


@bp.get("/groups/<uuid:group_id>")
def group(group_id: uuid.UUID) -> str:
    """One group: what is to be made, counted by choice and naming nobody."""
    return _page(group_id, CancelForm())


@bp.post("/groups/<uuid:group_id>/ready")
@once("shop.group_ready")
def group_ready(group_id: uuid.UUID) -> Response:
    """The goods are in the shop."""
    make_ready(db.session(), g.shop.id, group_id, current_user.id, clock.now())
    flash(gettext("已入库并替大家留好，付尾款的通知发出去了"))
    return redirect(url_for(".group", group_id=group_id), 303)


@bp.post("/groups/<uuid:group_id>/cancel")
@once("shop.cancel_group")
def cancel_group(group_id: uuid.UUID) -> Page:
    """Call it off while it is open."""
    form = CancelForm()

    def act() -> None:
        cancel_by_shop(db.session(), g.shop.id, group_id, form.reason.data or "", clock.now())

    if attempt(form, act):
        return _done(gettext("已取消，定金会自己退给大家"))
    return _page(group_id, form), 422


@bp.post("/groups/<uuid:group_id>/withdraw")
@guess_limit
@once("shop.withdraw_group")
def withdraw_group(group_id: uuid.UUID) -> Page:
    """Go back on what has come about: every deposit goes back double."""
    if queries.group(db.session(), group_id).group.shop_id != g.shop.id:
        raise NotFound
    form = CancelForm()

    def act() -> None:
        withdraw_by_shop(db.session(), g.shop.id, group_id, form.reason.data or "", clock.now())

    if done_with_proof(form, "withdraw_group", act):
        return _done(gettext("已取消，定金原路退给大家，另一倍从店里的结算款出"))
    return _page(group_id, form), 422


def _page(group_id: uuid.UUID, form: CancelForm) -> str:
    wishes = queries.wishes(db.session(), g.shop.id, group_id)
    told = queries.group(db.session(), group_id)
    return render_template(
        "shop/group.html",
        told=told,
        group=told.group,
        states=GROUPS,
        wishes=[(chosen_words(chosen), pieces) for chosen, pieces in wishes],
        form=form,
        may_withdraw=told.group.state in CAME_ABOUT and may(g.role, "withdraw_group"),
        has_factor=has_factor(),
        is_proved=proved_lately(),
        penalty_fen=queries.penalty_fen(db.session(), group_id),
    )


def _form() -> GroupForm:
    form = GroupForm()
    form.listing_id.choices = [
        (str(it.id), f"{local_name(it.product)} {it.variant}".strip())
        for it in listings_of_shop(db.session(), g.shop.id, limit=_LISTED)
        if it.is_for_sale
    ]
    return form


def _new(form: GroupForm) -> str:
    return render_template("shop/new_group.html", form=form)


def _option(line: str) -> Option:
    name, _sep, rest = line.replace(":", "：").partition("：")
    choices = rest.replace(",", "、").replace("，", "、").split("、")
    return Option(name.strip()[:20], tuple(choice.strip()[:20] for choice in choices if choice.strip()))


def _tier(line: str) -> PriceTier | None:
    found = _TIER.fullmatch(line.strip())
    price_fen = parse_yuan(found["yuan"]) if found else None
    return PriceTier(int(found["pieces"]), price_fen) if found and price_fen else None


def _done(text: str) -> Response:
    flash(text)
    return redirect(url_for(".groups"), 303)
