"""The green zone: what is proven green, narrowed and sorted by what it costs to buy and to run."""

from urllib.parse import urlencode

from flask import render_template, request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import Optional

from market.kernel import clock
from market.kernel.db import db
from market.search.browse import Facets, Kind, Order, Page
from market.search.browse import zone as find
from market.subsidies.in_sql import amount_fen
from market.web.kept import kept
from market.web.search_text import count_text
from market.web.storefront import bp
from market.web.storefront.offers import priced
from market.web.storefront.paid_out import county_and_offers
from market.web.text import local_name
from market.web.yuan_field import YuanField

ORDERS = [
    (Order.newest, _("最新")),
    (Order.price_up, _("价格从低到高")),
    (Order.price_down, _("价格从高到低")),
    (Order.cost_up, _("一年电费从低到高")),
    (Order.subsidy_down, _("补贴从多到少")),
    (Order.grade_up, _("等级从好到差")),
]
_amount = {"inputmode": "decimal", "autocomplete": "off", "size": 8}


class ZoneForm(FlaskForm):
    """Everything by which the zone can be narrowed; it stays in the address, so a view can be shared."""

    class Meta:
        csrf = False  # it only reads

    category = SelectField(_("种类"), validate_choice=False)
    grade = SelectField(
        _("等级"), choices=[("", _("1 级和 2 级")), ("1", _("只看 1 级"))], validate_choice=False
    )
    price_from = YuanField(_("补贴后最低价"), [Optional()], render_kw=_amount)
    price_upto = YuanField(_("补贴后最高价"), [Optional()], render_kw=_amount)
    cost_upto = YuanField(_("一年电费不超过"), [Optional()], render_kw=_amount)
    subsidy_from = YuanField(_("补贴至少"), [Optional()], render_kw=_amount)
    order = SelectField(
        _("排序"), choices=[(order.value, text) for order, text in ORDERS], default=Order.newest.value
    )

    @property
    def facets(self) -> Facets:
        """The bounds that were understood; one that was not narrows nothing, and its sentence says so."""
        return Facets(
            grade=1 if self.grade.data == "1" else None,
            price_from_fen=self.price_from.data,
            price_upto_fen=self.price_upto.data,
            cost_upto_fen=self.cost_upto.data,
            subsidy_from_fen=self.subsidy_from.data,
        )


@bp.get("/zone")
@kept
def zone() -> str:
    """What is in the zone today, with how much of it there is."""
    (county, on_offer), now = county_and_offers(), clock.now()
    form = ZoneForm(request.args)
    form.validate()
    order = Order(form.order.data) if form.order.data in list(Order) else Order.newest
    chosen = form.category.data if (form.category.data or "").isidentifier() else None
    page = find(
        db.session(),
        county.code,
        clock.local_date(now),
        category=chosen,
        facets=form.facets,
        subsidy=lambda *columns: amount_fen(on_offer, county.code, now, *columns),
        order=order,
        after=request.args.get("after"),
    )
    form.category.choices = _choices(page.counts, chosen)
    return render_template(
        "storefront/zone.html",
        county=county,
        form=form,
        total=_total(page, chosen),
        narrowed=any(request.args.get(name) for name in form.data if name != "order"),
        offers=priced(page.cards, on_offer, county.code, now),
        first_url=_here(None) if "after" in request.args else None,
        next_url=_here(page.after) if page.after else None,
    )


def _total(page: Page, category: str | None) -> str:
    counted = [found.count for found in page.counts if not category or found.code == category]
    return count_text(sum(counted), is_more=False)


def _choices(counts: tuple[Kind, ...], chosen: str | None) -> list[tuple[str, str]]:
    shown = [found for found in counts if found.count or found.code == chosen]
    whole = str(_("全部种类"))
    return [
        ("", whole),
        *((it.code, f"{local_name(it)} ({count_text(it.count, is_more=False)})") for it in shown),
    ]


def _here(after: str | None) -> str:
    """This view from another place on."""
    query = {name: value for name, value in request.args.items() if value and name != "after"}
    return f"{request.path}?{urlencode(query | ({'after': after} if after else {}))}"
