"""One listing of the shop: what it says, its price, its label, on sale or not."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.declare_label import declare_label
from market.catalog.edit_listing import OwnDraft, edit_listing, edit_own, file_price, set_state
from market.catalog.edit_models import ListingEdit
from market.catalog.models import InstallSkill, Listing, ListingState
from market.catalog.queries import listing_of, price_history
from market.catalog.review_edit import last_edit, waiting_edit, withdraw_edit
from market.catalog.zone import judge
from market.inventory.queries import stock
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.web.edit_text import differences
from market.web.label_text import CERTIFICATE_STATES, SCHEMES, zone_reason
from market.web.once import once
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.forms import EditForm, LabelForm, MadeToOrderForm, PriceForm
from market.web.shop.listings import OF_PRODUCT, Page, label_draft, label_form, low_at, product_draft


def own(listing_id: uuid.UUID) -> Listing:
    """The shop's own listing. Raises NotFound."""
    listing = listing_of(db.session(), g.shop.id, listing_id)
    if listing is None:
        raise NotFound
    return listing


def _done(listing_id: uuid.UUID, text: str) -> Response:
    db.session.commit()
    flash(text)
    return redirect(url_for(".listing", listing_id=listing_id), 303)


@bp.get("/listings/<uuid:listing_id>")
def listing(listing_id: uuid.UUID) -> str:
    """Everything of one listing, and what can be done with it."""
    return listing_page(own(listing_id), MadeToOrderForm(formdata=None))


def listing_page(found: Listing, form: MadeToOrderForm) -> str:
    """The page with the form as it was sent."""
    return render_template(
        "shop/listing.html",
        listing=found,
        made_form=form,
        stock=stock(db.session(), [found.id]).get(found.id),
        prices=price_history(db.session(), found.id, limit=10),
        waits=waiting_edit(db.session(), found.id),
        decided=last_edit(db.session(), found.id),
        differences=differences,
        verdict=judge(db.session(), found.product, clock.now()),
        zone_reason=zone_reason,
        schemes=SCHEMES,
        certificate_states=CERTIFICATE_STATES,
    )


@bp.route("/listings/<uuid:listing_id>/edit", methods=["GET", "POST"])
def edit(listing_id: uuid.UUID) -> Page:
    """Change the item's words, measures and handling."""
    found = own(listing_id)
    form = EditForm(data=_typed(found))
    if form.validate_on_submit():
        try:
            waits = _edit(found, form)
        except Refused as refused:
            db.session.rollback()
            found = own(listing_id)
            show(form, refused)
        else:
            return _done(
                found.id, _("已保存。有的改动要县里核实，核实前还是原来的") if waits else _("已保存")
            )
    return render_template("shop/edit_listing.html", form=form, listing=found), 422 if form.errors else 200


@bp.route("/listings/<uuid:listing_id>/price", methods=["GET", "POST"])
def price(listing_id: uuid.UUID) -> Page:
    """Change what it costs."""
    found = own(listing_id)
    form = PriceForm(data={"list_price": found.list_price_fen, "price": found.price_fen})
    if form.validate_on_submit():
        try:
            waits = file_price(
                db.session(),
                g.shop.id,
                found.id,
                form.list_price.data,
                form.price.data,
                current_user.id,
                clock.now(),
            )
        except Refused as refused:
            show(form, refused)
        else:
            return _done(
                found.id, _("备案价要涨，等县里核实；核实前还是原来的价") if waits else _("价格已更新")
            )
    return render_template("shop/price.html", form=form, listing=found), 422 if form.errors else 200


@bp.route("/listings/<uuid:listing_id>/label", methods=["GET", "POST"])
def label(listing_id: uuid.UUID) -> Page:
    """Declare a label for it."""
    found = own(listing_id)
    product = found.product
    defaults = {"kind": "energy", "standard_number": product.category.label_standard}
    form = label_form(LabelForm, product.category_code, defaults)
    if form.validate_on_submit() and (draft := label_draft(form)):
        try:
            declare_label(db.session(), g.shop.id, found.id, draft, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            return _done(found.id, _("已提交，等县里核实"))
    elif request.method == "POST" and not form.errors:
        form.grade.errors = [_("请选标识上的等级")]
    return render_template("shop/label.html", form=form, listing=found), 422 if form.errors else 200


@bp.post("/edits/<uuid:edit_id>/withdraw")
@once("shop.withdraw_edit")
def withdraw(edit_id: uuid.UUID) -> Response:
    """Take a change back that waits."""
    edit = withdraw_edit(db.session(), g.shop.id, edit_id, clock.now())
    flash(_("改动已撤回"))
    return redirect(url_for(".listing", listing_id=edit.listing_id), 303)


@bp.post("/listings/<uuid:listing_id>/pause")
def pause(listing_id: uuid.UUID) -> Response:
    """Take it off sale."""
    set_state(db.session(), g.shop.id, listing_id, ListingState.paused, clock.now())
    return _done(listing_id, _("已下架，买家看不到了"))


@bp.post("/listings/<uuid:listing_id>/activate")
def activate(listing_id: uuid.UUID) -> Response:
    """Put it on sale."""
    set_state(db.session(), g.shop.id, listing_id, ListingState.active, clock.now())
    return _done(listing_id, _("已上架"))


def _edit(found: Listing, form: EditForm) -> ListingEdit | None:
    product, now = found.product, clock.now()
    own_draft = OwnDraft(form.own_number.data, form.color.data, low_at(form, found.low_at))
    edit_own(db.session(), g.shop.id, found.id, own_draft, now)
    brand, model = form.brand.data or product.brand, form.model.data or product.model
    return edit_listing(
        db.session(),
        g.shop.id,
        found.id,
        product_draft(form, brand, model, product.name_en),
        form.people_required.data,
        InstallSkill(form.install_skill.data),
        form.install_minutes.data * 60,
        now,
        current_user.id,
    )


def _typed(listing: Listing) -> dict[str, object]:
    product = listing.product
    return {name: getattr(product, name) for name in ("brand", "model", *OF_PRODUCT)} | {
        "gtin": listing.barcode,
        "own_number": listing.own_number,
        "color": listing.variant,
        "low_at": listing.low_at,
        "people_required": listing.people_required,
        "install_skill": listing.install_skill.value,
        "install_minutes": listing.install_seconds // 60,
    }
