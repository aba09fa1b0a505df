"""Edits of verified fields wait as a diff; photos are kept bare; variants are one product."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import delete

from market.catalog.audit import lost_pictures
from market.catalog.edit_listing import OwnDraft, edit_listing, edit_own, file_price
from market.catalog.edit_models import EditState
from market.catalog.edit_rule import PROVEN_FIELDS, waiting
from market.catalog.listing_photos import add_photos, move_photo, remove_photo
from market.catalog.models import InstallSkill
from market.catalog.pictures import WIDTHS_PX, PictureFile, picture_file
from market.catalog.queries import listings_of_shop
from market.catalog.review_edit import (
    accept_edit,
    edits_to_review,
    reject_edit,
    waiting_edit,
    withdraw_edit,
)
from market.catalog.snapshot import snapshot
from market.kernel.errors import NotFound, Refused
from market.notices.models import Notice
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label, an_offer_draft
from tests.builders.people import an_operator
from tests.builders.shops import a_clerk, a_shop


@pytest.fixture
def shop(session, now):
    return a_shop(session, now)


def edit(session, listing, now, **changes):
    product = listing.product
    names = (
        "brand", "model", "name_zh", "name_en", "gtin", "specs", "interop", "upright",
        "net_weight_grams", "packed_length_mm", "packed_width_mm", "packed_height_mm",
    )  # fmt: skip
    draft = a_product_draft(**({name: getattr(product, name) for name in names} | changes))
    return edit_listing(session, listing.shop_id, listing.id, draft, 2, InstallSkill.general, 1800, now)


FIELD = st.sampled_from(
    ["brand", "model", "gtin", "specs", "name_zh", "upright", "list_price_fen", "price_fen"]
)


@settings(deadline=None)
@given(
    st.dictionaries(FIELD, st.tuples(st.integers(1, 99), st.integers(1, 99))), st.booleans(), st.booleans()
)
def test_what_waits_is_some_of_what_changes_and_proof_or_company_make_it_no_less(changes, proven, shared):
    held = waiting(changes, proven=proven, shared=shared)
    assert held <= set(changes)
    assert waiting(changes, proven=False, shared=False) <= held
    assert not shared or set(changes) - {"list_price_fen", "price_fen"} <= held
    assert not proven or set(changes) & PROVEN_FIELDS <= held


def test_a_proven_model_sells_as_it_was_until_an_operator_accepts(session, shop, now):
    listing = a_listing(session, shop, now)
    a_verified_label(session, listing, now)
    old = listing.product.model
    waits = edit(session, listing, now, model="HR-NEW", name_zh="新的名字")
    assert (listing.product.model, listing.product.name_zh) == (old, "新的名字")
    assert (waits.state, waits.changes) == (EditState.waiting, {"model": [old, "HR-NEW"]})
    assert edits_to_review(session, shop.county_code) == [waits]
    accept_edit(session, shop.county_code, waits.id, an_operator(session, now).id, now)
    assert (listing.product.model, waits.state) == ("HR-NEW", EditState.accepted)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        accept_edit(session, shop.county_code, waits.id, an_operator(session, now).id, now)


def test_a_second_change_goes_with_the_first_and_the_same_again_changes_nothing(session, shop, now):
    listing = a_listing(session, shop, now)
    first = file_price(session, shop.id, listing.id, 299_900, 299_900, None, now)
    assert file_price(session, shop.id, listing.id, 299_900, 299_900, None, now) is first
    a_verified_label(session, listing, now)
    second = edit(session, listing, now, gtin="6901234567892")
    assert first.state is EditState.withdrawn
    assert set(second.changes) == {"list_price_fen", "price_fen", "gtin"}
    assert (listing.price_fen, listing.list_price_fen, listing.product.gtin) == (259_900, 279_900, None)
    accept_edit(session, shop.county_code, second.id, an_operator(session, now).id, now)
    assert (listing.price_fen, listing.list_price_fen) == (299_900, 299_900)
    assert listing.product.gtin == "6901234567892"


def test_a_filed_price_that_falls_stands_at_once_and_a_false_discount_is_refused(session, shop, now):
    listing = a_listing(session, shop, now)
    assert file_price(session, shop.id, listing.id, 269_900, 249_900, None, now) is None
    assert (listing.list_price_fen, listing.price_fen) == (269_900, 249_900)
    with pytest.raises(Refused, match=r"catalog\.raised_before_discount"):
        file_price(session, shop.id, listing.id, 399_900, 249_900, None, now)
    assert waiting_edit(session, listing.id) is None


def test_a_rejection_needs_a_reason_and_tells_the_shop(session, shop, now):
    listing, clerk = a_listing(session, shop, now), a_clerk(session, shop, now)
    waits = file_price(session, shop.id, listing.id, 299_900, 299_900, None, now)
    operator = an_operator(session, now)
    with pytest.raises(Refused, match=r"catalog\.reason_missing"):
        reject_edit(session, shop.county_code, waits.id, " ", operator.id, now)
    with pytest.raises(NotFound):
        reject_edit(session, "000000", waits.id, "没有进货单", operator.id, now)
    assert waits.state is EditState.waiting
    reject_edit(session, shop.county_code, waits.id, "没有进货单", operator.id, now)
    assert (waits.state, waits.reason, listing.list_price_fen) == (EditState.rejected, "没有进货单", 279_900)
    told = session.query(Notice).filter_by(account_id=clerk.id, kind="catalog.edit_rejected").one()
    assert told.params == {"product": listing.product.name_zh, "reason": "没有进货单"}


def test_what_has_changed_meanwhile_cannot_be_accepted(session, shop, now):
    listing = a_listing(session, shop, now)
    waits = file_price(session, shop.id, listing.id, 299_900, 299_900, None, now)
    listing.list_price_fen = 289_900
    session.flush()
    with pytest.raises(Refused, match=r"catalog\.edit_stale"), session.begin_nested():
        accept_edit(session, shop.county_code, waits.id, an_operator(session, now).id, now)
    session.expire_all()
    assert (listing.list_price_fen, waits.state) == (289_900, EditState.waiting)


def test_a_shop_takes_only_its_own_change_back(session, shop, now):
    listing = a_listing(session, shop, now)
    waits = file_price(session, shop.id, listing.id, 299_900, 299_900, None, now)
    with pytest.raises(NotFound):
        withdraw_edit(session, a_shop(session, now, name="远山家电").id, waits.id, now)
    assert withdraw_edit(session, shop.id, waits.id, now).state is EditState.withdrawn
    assert waiting_edit(session, listing.id) is None


def test_two_colors_are_one_product_each_with_its_own_price_and_barcode(session, shop, now):
    draft = a_product_draft(model="HR-COLOR", gtin="6901234567892")
    white = a_listing(session, shop, now, product=draft, offer=an_offer_draft(variant="白"))
    other = a_product_draft(model="HR-COLOR", gtin="6901234567908")
    gray = a_listing(session, shop, now, product=other, offer=an_offer_draft(variant="灰", price_fen=269_900))
    assert white.product_id == gray.product_id
    assert (white.barcode, gray.barcode, gray.price_fen) == ("6901234567892", "6901234567908", 269_900)
    assert [it.id for it in listings_of_shop(session, shop.id, q="6901234567908")] == [gray.id]
    kept = snapshot(gray, shop.name)
    assert (kept["title"], kept["gtin"]) == (f"{draft.name_zh} 灰", "6901234567908")
    with pytest.raises(Refused, match=r"catalog\.variant_taken"):
        edit_own(session, shop.id, gray.id, OwnDraft(None, "白", 2), now)
    with pytest.raises(Refused, match=r"catalog\.already_listed"):
        a_listing(session, shop, now, product=draft, offer=an_offer_draft(variant="白"))


def test_an_own_number_is_one_listings(session, shop, now):
    a_listing(session, shop, now, offer=an_offer_draft(own_number="A-1"))
    second = a_listing(session, shop, now)
    with pytest.raises(Refused, match=r"catalog\.own_number_taken"):
        edit_own(session, shop.id, second.id, OwnDraft("A-1", "", 2), now)
    with pytest.raises(Refused, match=r"catalog\.own_number_taken"):
        a_listing(session, shop, now, offer=an_offer_draft(own_number="A-1"))
    elsewhere = a_shop(session, now, name="远山家电")
    assert a_listing(session, elsewhere, now, offer=an_offer_draft(own_number="A-1")).own_number == "A-1"


def a_photo(color: str) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (32.0, 41.0, 2.5), 3: "E", 4: (109.0, 1.0, 44.0)})
    exif[0x0112] = 6  # the phone was held upright
    Image.new("RGB", (1600, 1200), color).save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_photos_are_upright_bare_and_in_three_widths_and_the_first_is_the_cover(session, shop, now):
    listing = a_listing(session, shop, now)
    add_photos(session, shop.id, listing.id, [a_photo("red"), a_photo("blue")], now)
    red, blue = listing.photos
    for kind in ("webp", "avif"):
        widths = []
        for width_px in WIDTHS_PX:
            data = picture_file(session, red, width_px, kind)
            assert b"Exif" not in data
            with Image.open(io.BytesIO(data)) as image:
                widths.append(max(image.size))
                assert image.height > image.width
        assert widths == [240, 480, 960]
    add_photos(session, shop.id, listing.id, [a_photo("red")], now)
    assert listing.photos == [red, blue]
    assert list(lost_pictures(session)) == []
    move_photo(session, shop.id, listing.id, blue, 0, now)
    assert listing.photos == [blue, red]
    remove_photo(session, shop.id, listing.id, blue, now)
    assert listing.photos == [red]
    with pytest.raises(Refused, match=r"catalog\.photos_changed"):
        move_photo(session, shop.id, listing.id, blue, 0, now)
    session.execute(delete(PictureFile).where(PictureFile.sha256 == red, PictureFile.width_px == 240))
    (lost,) = lost_pictures(session)
    assert str(listing.id) in lost


def test_a_listing_has_six_photos_at_most_and_only_its_shop_changes_them(session, shop, now):
    listing = a_listing(session, shop, now)
    with pytest.raises(Refused, match=r"catalog\.photos_most"):
        add_photos(session, shop.id, listing.id, [b"x"] * 7, now)
    with pytest.raises(NotFound):
        add_photos(session, a_shop(session, now, name="远山家电").id, listing.id, [a_photo("red")], now)
    with pytest.raises(Refused, match=r"photo\.unreadable"):
        add_photos(session, shop.id, listing.id, [b"no picture"], now)
    assert listing.photos == []
