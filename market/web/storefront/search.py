"""The search page: a sentence read as filters that can be taken off, and what answers it.

Everything stands in the address: ``q`` as it was typed, what was taken ``off``, and filters picked by hand
(``category``, ``brand``, ``grade``), so that a view can be shared.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import render_template, request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.validators import Optional

from market.kernel import clock
from market.kernel.db import db
from market.search.asked import Asked, Filter, Kind
from market.search.find import Found, Order, find
from market.search.nearest import nearest
from market.search.understand import understand
from market.search.vocabulary import Vocabulary
from market.subsidies.in_sql import amount_fen
from market.subsidies.rules import Offer as OnOffer
from market.web.kept import kept
from market.web.reading import is_asked_for
from market.web.search_text import count_text, filter_text, reading_text
from market.web.storefront import bp
from market.web.storefront.offers import priced
from market.web.storefront.paid_out import county_and_offers
from market.web.storefront.vocabulary import vocabulary_of
from market.web.yuan_field import YuanField

ORDERS = (
    (Order.relevance, _("最相关")),
    (Order.price_up, _("价格从低到高")),
    (Order.price_down, _("价格从高到低")),
    (Order.cost_up, _("一年电费从低到高")),
    (Order.rating, _("店铺信用")),
    (Order.newest, _("最新")),
)
_PICKED = (Kind.category, Kind.brand, Kind.grade, Kind.water)
_AMOUNT = {"inputmode": "decimal", "autocomplete": "off", "size": 8}
_WORD_CHARS = 60
_MOST_VALUES = 8  # of a facet


class PaidForm(FlaskForm):
    """Bounds of what is paid after the subsidy; one that cannot be read narrows nothing and says so."""

    class Meta:
        csrf = False  # it only reads

    paid_from = YuanField(_("补贴后最低价"), [Optional()], render_kw=_AMOUNT)
    paid_upto = YuanField(_("补贴后最高价"), [Optional()], render_kw=_AMOUNT)

    @property
    def filters(self) -> list[Filter]:
        """The bounds as the search takes them."""
        bounds = ((Kind.paid_from, self.paid_from.data), (Kind.paid_upto, self.paid_upto.data))
        return [Filter(kind, str(fen), "") for kind, fen in bounds if fen is not None]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as it is shown; `off_url` is the view without it."""

    text: str
    off_url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that narrows what is found, with how much there is of it."""

    text: str
    count: str
    url: str


@bp.get("/search")
@kept
def search() -> str:
    """What the visitor asks for in her own words."""
    session, now = db.session(), clock.now()
    county, on_offer = county_and_offers()
    q, vocabulary = _typed(), vocabulary_of(session, county.code)
    form = PaidForm(request.args)
    form.validate()
    asked = _asked(q, vocabulary, form)
    order = _order(asked)

    def found_for(asked: Asked) -> Found:
        return find(
            session, county.code, asked, clock.local_date(now), order=order, after=request.args.get("after"),
            subsidy=lambda *columns: amount_fen(on_offer, county.code, now, *columns),
        )  # fmt: skip

    found = found_for(asked) if asked.filters or asked.words else Found()
    near = None if found.cards else nearest(asked)
    if near:
        found = found_for(near)
    return render_template(
        "storefront/search.html",
        county=county,
        q=q,
        asked=asked,
        order=order,
        orders=ORDERS,
        offers=_priced(found, on_offer, county.code),
        near=_texts(near, vocabulary) if near and found.cards else None,
        found=found,
        total=count_text(found.total, found.is_more),
        chips=_chips(asked, vocabulary),
        readings=[(reading_text(one), one) for one in asked.readings],
        literal_url=_here(exact="1", after=None) if asked.readings else None,
        choices=[] if near else _choices(found, asked, vocabulary),
        here=_here,
        form=form,
        beside={name: values for name, values in _beside().items() if values},
        asks_large=is_asked_for(q),
        said=" ".join(_texts(asked, vocabulary)) or q if request.args.get("said") == "1" and q else None,
        first_url=_here(after=None) if "after" in request.args else None,
        next_url=_here(after=found.after) if found.after and not near else None,
    )


def _beside() -> dict[str, list[str]]:
    """What the form of prices has to send along, so that nothing else that was asked for is lost."""
    own = {"paid_from", "paid_upto", "after"}
    return {name: request.args.getlist(name) for name in _PARTS if name not in own}


def _typed() -> str:
    typed = "".join(char if char.isprintable() else " " for char in request.args.get("q", ""))
    return typed.strip()[:_WORD_CHARS]


def _asked(q: str, vocabulary: Vocabulary, form: PaidForm) -> Asked:
    """What the sentence asks for, less what was taken off, and what was picked by hand over it."""
    read = understand(q, vocabulary, literal=request.args.get("exact") == "1")
    off = set(request.args.getlist("off"))
    picked = [Filter(kind, value, "") for kind in _PICKED if (value := _picked(kind, vocabulary))]
    picked += form.filters
    kinds = {one.kind for one in picked}
    kept = [one for one in read.filters if one.name not in off and one.kind not in kinds]
    return replace(read, filters=(*kept, *picked))


def _picked(kind: Kind, vocabulary: Vocabulary) -> str | None:
    value = request.args.get(kind.value, "")
    known = {
        Kind.category: value in vocabulary.names,
        Kind.brand: value in vocabulary.brands,
        Kind.grade: value in {"1", "2", "3", "4", "5"},
        Kind.water: value in {"1", "2", "3", "4", "5"},
    }
    return value if known[kind] else None


def _order(asked: Asked) -> Order:
    wanted = request.args.get("order", "")
    if wanted in list(Order):
        return Order(wanted)
    cheap = any(one.kind is Kind.cheap for one in asked.filters)
    return Order.price_up if cheap else Order.relevance


def _priced(found: Found, on_offer: list[OnOffer], county_code: str) -> object:
    return priced(found.cards, on_offer, county_code, clock.now())


def _texts(asked: Asked, vocabulary: Vocabulary) -> list[str]:
    return [*(filter_text(one, vocabulary.names) for one in asked.filters), *asked.words]


def _chips(asked: Asked, vocabulary: Vocabulary) -> list[Chip]:
    return [Chip(filter_text(one, vocabulary.names), _without(one)) for one in asked.filters]


def _without(one: Filter) -> str:
    if not one.phrase:
        return _here(**{one.kind.value: None, "after": None})
    return _here(off=[*request.args.getlist("off"), one.name], after=None)


def _choices(found: Found, asked: Asked, vocabulary: Vocabulary) -> list[tuple[str, list[Choice]]]:
    """What would narrow it further, the commonest first; nothing that all of it is."""
    named = ((Kind.category, "category_code", _("种类")), (Kind.brand, "brand", _("品牌")),
             (Kind.grade, "grade", _("能效等级")), (Kind.water, "water_grade", _("水效等级")))  # fmt: skip
    taken = {one.kind for one in asked.filters}
    groups = []
    for kind, facet, label in named:
        counts = found.facets.get(facet, {})
        if kind in taken or len(counts) < 2:
            continue
        best = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_VALUES]
        groups.append((str(label), [_choice(kind, value, counts, found, vocabulary) for value, _n in best]))
    return groups


def _choice(kind: Kind, value: str, counts: object, found: Found, vocabulary: Vocabulary) -> Choice:
    """A grade is "that or better", as its filter is, so it counts the better ones too."""
    counted = found.facets[_FACET[kind]]
    count = sum(n for one, n in counted.items() if one <= value) if kind in _GRADES else counted[value]
    text = filter_text(Filter(kind, value, ""), vocabulary.names)
    return Choice(text, count_text(count, found.is_more), _here(**{kind.value: value, "after": None}))


_FACET = {
    Kind.category: "category_code",
    Kind.brand: "brand",
    Kind.grade: "grade",
    Kind.water: "water_grade",
}
_GRADES = {Kind.grade, Kind.water}


def _here(**changes: str | list[str] | None) -> str:
    """This view's address with some of it changed; None takes a part out. Parts come in one fixed order."""
    known: dict[str, str | list[str] | None] = {name: request.args.get(name) for name in _PARTS}
    parts = known | {"off": request.args.getlist("off")} | changes
    kept = [(name, parts[name]) for name in _PARTS if parts[name]]
    return f"{request.path}?{urlencode(kept, doseq=True)}"


_PARTS = (
    "q", "exact", "off", "category", "brand", "grade", "water", "paid_from", "paid_upto", "order", "said",
    "after",
)  # fmt: skip
