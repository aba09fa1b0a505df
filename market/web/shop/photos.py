"""A listing's photos: taken with the phone, put in order, the first on the card."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from market.catalog.listing_photos import MOST_PHOTOS, add_photos, move_photo, remove_photo
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.web.once import once
from market.web.refusals import attempt
from market.web.shop import bp
from market.web.shop.forms import PICTURES
from market.web.shop.item import own

Page = str | Response | tuple[str, int]


class PhotosForm(FlaskForm):
    photos = MultipleFileField(
        lazy_gettext("加照片"),
        description=lazy_gettext("可以一次选几张，拍摄地点会去掉"),
        render_kw={"accept": PICTURES, "multiple": True},
    )

    @property
    def pictures(self) -> list[bytes]:
        """What was photographed; one more than there may be is enough to be told so."""
        sent: list[FileStorage] = [file for file in self.photos.data or [] if file]
        return [file.read() for file in sent[: MOST_PHOTOS + 1]]


@bp.get("/listings/<uuid:listing_id>/photos")
def photos(listing_id: uuid.UUID) -> str:
    """The photos in their order."""
    return _page(listing_id, PhotosForm(formdata=None))


@bp.post("/listings/<uuid:listing_id>/photos", endpoint="add_photos")
@once("shop.add_photos")
def add(listing_id: uuid.UUID) -> Page:
    """Add some."""
    form = PhotosForm()
    now = clock.now()
    if attempt(form, lambda: add_photos(db.session(), g.shop.id, listing_id, _needed(form), now)):
        return _done(listing_id, _("照片已加上"))
    return _page(listing_id, form), 422


@bp.post("/listings/<uuid:listing_id>/photos/move", endpoint="move_photo")
@once("shop.move_photo")
def move(listing_id: uuid.UUID) -> Page:
    """Show one sooner, or first."""
    place = request.form.get("place", "")
    sha256 = request.form.get("photo", "")
    to = int(place) if place.isdecimal() and len(place) < 3 else 0
    move_photo(db.session(), g.shop.id, listing_id, sha256, to, clock.now())
    return _done(listing_id, _("已排好"))


@bp.post("/listings/<uuid:listing_id>/photos/remove", endpoint="remove_photo")
@once("shop.remove_photo")
def remove(listing_id: uuid.UUID) -> Page:
    """Take one away."""
    remove_photo(db.session(), g.shop.id, listing_id, request.form.get("photo", ""), clock.now())
    return _done(listing_id, _("照片已拿掉"))


def _needed(form: PhotosForm) -> list[bytes]:
    if pictures := form.pictures:
        return pictures
    raise Refused("photo.missing", field="photos")


def _done(listing_id: uuid.UUID, text: str) -> Response:
    flash(text)
    return redirect(url_for(".photos", listing_id=listing_id), 303)


def _page(listing_id: uuid.UUID, form: PhotosForm) -> str:
    return render_template("shop/photos.html", listing=own(listing_id), form=form, most=MOST_PHOTOS)
