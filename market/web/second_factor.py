"""The field for a code of the second factor, and what is counted against whoever guesses at it."""

from flask import Response, g
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.people.second_factor import SEAL_PURPOSE, in_force, is_proved, prove
from market.web.limits import by_account, limiter
from market.web.refusals import show
from market.web.seals import seal_for


class ProofForm(FlaskForm):
    """A form that may ask for a code."""

    code = StringField(
        _("动态码"),
        [Length(max=30, message=_("动态码不对，请看手机上现在的 6 位数字"))],
        description=_("打开手机上的验证器，填现在的 6 位数字；手机不在，填一个备用码"),
        render_kw={"autocomplete": "one-time-code", "maxlength": 30, "autocapitalize": "characters"},
    )


def was_guessed(_response: Response) -> bool:
    """Whether this request brought a code that was wrong."""
    return bool(g.get("guessed"))


guess_limit = limiter.shared_limit(
    "10 per 15 minutes",
    scope="second_factor",
    key_func=by_account,
    methods=["POST"],
    deduct_when=was_guessed,
)
"""Wrong codes count against the account, as wrong passwords do, wherever they are given."""


def proved_lately() -> bool:
    """Whether the signed-in person gave the second factor in this session a short while ago."""
    return is_proved(db.session(), current_user.session_id, clock.now())


def has_factor() -> bool:
    """Whether the signed-in person has a second factor."""
    return in_force(db.session(), current_user.id) is not None


def give(form: ProofForm) -> bool:
    """Take the code of `form` as the second factor. False where it is refused; the form then says why."""
    code = form.code.data or ""
    try:
        if not code.strip() and has_factor():
            raise Refused("people.factor_wanted", field="code")
        seal, now = seal_for(SEAL_PURPOSE), clock.now()
        prove(db.session(), current_user.id, current_user.session_id, code, seal, now)
    except Refused as refused:
        g.guessed = refused.code in ("people.factor_code", "people.factor_used")
        show(form, refused)
        return False
    return True
