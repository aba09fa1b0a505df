"""The shop's listings, and a new one on one screen."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.declare_label import LabelDraft
from market.catalog.drafts import OfferDraft, ProductDraft
from market.catalog.list_item import list_item
from market.catalog.listing_photos import MOST_PHOTOS, add_photos
from market.catalog.models import Category, InstallSkill, Listing
from market.catalog.queries import categories, listing_of, listings_of_shop, standards_for
from market.catalog.rules import LabelKind
from market.inventory.queries import stock
from market.inventory.receive import receive
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.ids import parse_id
from market.web.label_text import VARIANTS
from market.web.once import once
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.forms import F, ItemForm, LabelForm, ListingForm, OwnForm, label_fields

OF_PRODUCT = (
    "name_zh",
    "gtin",
    "specs",
    "net_weight_grams",
    "packed_length_mm",
    "packed_width_mm",
    "packed_height_mm",
    "upright",
    "interop",
)
Page = str | Response | tuple[str, int]
_PAGE = 30


@bp.get("/listings")
def listings() -> Page:
    """Everything the shop lists, newest first; with `q`, what that finds. A barcode of one leads there."""
    session = db.session()
    q = " ".join(request.args.get("q", "").split())[:60]
    found = listings_of_shop(
        session, g.shop.id, q=q, after=parse_id(request.args.get("after", "")), limit=_PAGE + 1
    )
    shown = found[:_PAGE]
    if q and len(found) == 1 and q in (found[0].barcode, found[0].own_number):
        return redirect(url_for(".listing", listing_id=found[0].id))
    return render_template(
        "shop/listings.html",
        q=q,
        listings=shown,
        stock=stock(session, [listing.id for listing in shown]),
        next_url=url_for(".listings", q=q or None, after=shown[-1].id) if len(found) > _PAGE else None,
    )


@bp.get("/listings/new")
def choose_category() -> str:
    """What kind of thing is it? The answer brings the defaults."""
    return render_template("shop/choose_category.html", categories=categories(db.session()))


@bp.get("/listings/new/<code>")
def new_listing(code: str) -> Page:
    """The form, filled with the category's defaults, or from the listing that `copy` names."""
    category = _category(code)
    return _page(_form(category, _copied(category)), category)


@bp.post("/listings/new/<code>")
@once("shop.list_item")
def create_listing(code: str) -> Page:
    """List the item, or show the form again with a sentence by each field that needs one."""
    category = _category(code)
    form = _form(category)
    if form.validate_on_submit():
        try:
            listing = _create(form, category)
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("“%(name)s”已上架", name=listing.product.name_zh))
            return redirect(url_for(".listing", listing_id=listing.id), 303)
    return _page(form, category), 422


def label_form(kind: type[F], category_code: str, defaults: dict[str, Any]) -> F:
    """A form of that kind with the grades, standards, types and figures that a label of the category shows.

    The types and figures are of every standard of the category: without a script a page cannot know which
    one will be picked.
    """
    standards = standards_for(db.session(), category_code)
    rows = [row for standard in standards for row in standard.metrics]
    form = label_fields(kind, dict.fromkeys(row["name"] for row in rows))(data=defaults)
    variants = dict.fromkeys(row["code"] for standard in standards for row in standard.variants)
    form.variant.choices = [("", _("不分类型")), *((code, VARIANTS[code]) for code in variants)]
    form.grade.choices = [
        ("", _("没有标识，或以后再填")),
        *((str(n), _("%(n)s 级", n=n)) for n in range(1, 6)),
    ]
    form.standard_number.choices = [
        (standard.number, f"{standard.number} {standard.title_zh}") for standard in standards
    ]
    return form


def product_draft(form: ItemForm, brand: str, model: str, name_en: str | None = None) -> ProductDraft:
    """The product that the form describes."""
    return ProductDraft(
        brand=brand,
        model=model,
        name_zh=form.name_zh.data,
        name_en=name_en,
        gtin=form.gtin.data,
        specs=form.specs.data,
        net_weight_grams=form.net_weight_grams.data,
        packed_length_mm=form.packed_length_mm.data,
        packed_width_mm=form.packed_width_mm.data,
        packed_height_mm=form.packed_height_mm.data,
        upright=form.upright.data,
        interop=form.interop.data,
    )


def low_at(form: OwnForm, usual: int) -> int:
    """From how many pieces on they are few; `usual` where nothing is typed."""
    typed: int | None = form.low_at.data
    return usual if typed is None else typed


def label_draft(form: LabelForm) -> LabelDraft | None:
    """The label that the form declares, if it does."""
    issued_on = form.issued_or_recorded_on
    if not form.grade.data or issued_on is None:
        return None
    return LabelDraft(
        kind=LabelKind(form.kind.data),
        grade=int(form.grade.data),
        standard_number=form.standard_number.data or "",
        record_number=form.record_number.data,
        issued_on=issued_on,
        expires_on=form.expires_on.data,
        variant=form.variant.data or None,
        measured=form.measured,
        produced_on=form.produced_on.data,
        scan=form.scan.data.read() if form.scan.data else None,
    )


def _category(code: str) -> Category:
    return db.session.get(Category, code) or abort(404)


def _copied(category: Category) -> dict[str, Any]:
    """What another listing of the shop says, but for what only one of them can have."""
    listing_id = parse_id(request.args.get("copy", ""))
    listing = listing_of(db.session(), g.shop.id, listing_id) if listing_id else None
    if listing is None or listing.product.category_code != category.code:
        return {}
    product = listing.product
    return {name: getattr(product, name) for name in OF_PRODUCT if name != "gtin"} | {
        "brand": product.brand,
        "model": product.model,
        "price": listing.price_fen,
        "list_price": listing.list_price_fen,
        "low_at": listing.low_at,
        "people_required": listing.people_required,
        "install_skill": listing.install_skill.value,
        "install_minutes": listing.install_seconds // 60,
    }


def _form(category: Category, copied: dict[str, Any] | None = None) -> ListingForm:
    standards = standards_for(db.session(), category.code)
    defaults: dict[str, Any] = {
        "kind": standards[0].kinds[0] if standards else LabelKind.energy.value,
        "standard_number": category.label_standard,
        "people_required": category.people_required,
        "install_skill": category.install_skill.value,
        "install_minutes": category.install_seconds // 60,
        "upright": category.upright,
    }
    return label_form(ListingForm, category.code, defaults | (copied or {}))


def _page(form: ListingForm, category: Category) -> str:
    return render_template("shop/new_listing.html", form=form, category=category)


def _create(form: ListingForm, category: Category) -> Listing:
    now = clock.now()
    price_fen = form.price.data
    offer = OfferDraft(
        list_price_fen=form.list_price.data or price_fen,
        price_fen=price_fen,
        people_required=form.people_required.data,
        install_skill=InstallSkill(form.install_skill.data),
        install_seconds=form.install_minutes.data * 60,
        variant=form.color.data,
        own_number=form.own_number.data,
        low_at=low_at(form, 2),
    )
    listing = list_item(
        db.session(),
        g.shop.id,
        category.code,
        product_draft(form, form.brand.data, form.model.data),
        offer,
        label_draft(form),
        current_user.id,
        now,
    )
    if photos := [file.read() for file in form.photos.data or [] if file][: MOST_PHOTOS + 1]:
        add_photos(db.session(), g.shop.id, listing.id, photos, now)
    if form.stock.data:
        receive(db.session(), listing.id, form.stock.data, _("上架时的库存"), now, current_user.id)
    return listing
