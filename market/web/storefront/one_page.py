"""An order on one page: where it goes, how it is paid, and the sum that was shown."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.validators import DataRequired

from market.kernel.db import db
from market.kernel.errors import NotFound
from market.kernel.ids import parse_id
from market.orders.checkout import Choices
from market.orders.models import PaymentMethod, Place
from market.people import queries as people
from market.people.models import Address
from market.places import queries as places


class OnePageForm(FlaskForm):
    """To one of the buyer's doors (`own`), paid online or in cash."""

    own: Sequence[Address] = ()

    address_id = RadioField(_("送到哪里"), validators=[DataRequired(_("请选一个地址"))])
    payment_method = RadioField(
        _("怎样付款"),
        choices=[
            (PaymentMethod.stripe.value, _("网上付款（支付宝、微信、银行卡）")),
            (PaymentMethod.cash.value, _("货到付款，把现金交给送货员")),
        ],
        validators=[DataRequired(_("请选一种付款方式"))],
    )
    expected_payable_fen = HiddenField(filters=[lambda text: int(text) if str(text).isdigit() else 0])


def one_page_form(account_id: uuid.UUID, **more: Any) -> OnePageForm:
    """The form with the buyer's addresses to choose from."""
    form = OnePageForm(**more)
    form.own, where = people.addresses_with_regions(db.session(), account_id)
    form.address_id.choices = [_written(it, where) for it in form.own]
    return form


def chosen_address(form: OnePageForm) -> Address:
    """The address that was chosen, else her first. Raises NotFound where she has none."""
    found = parse_id(form.address_id.data or "")
    own = form.own
    if not own:
        raise NotFound
    return next((it for it in own if it.id == found), own[0])


def choices(form: OnePageForm) -> Choices:
    """What checkout is told."""
    method = PaymentMethod(form.payment_method.data)
    return Choices(chosen_address(form).id, Place.door, method, form.expected_payable_fen.data)


def written(addresses: Sequence[Address]) -> list[tuple[str, str]]:
    """Each address by its id as an envelope says it."""
    where = places.region_paths(db.session(), {it.village_code for it in addresses})
    return [_written(it, where) for it in addresses]


def _written(address: Address, where: Mapping[str, str]) -> tuple[str, str]:
    words = f"{address.recipient_name}　{where[address.village_code]}{address.detail}"
    return str(address.id), words
