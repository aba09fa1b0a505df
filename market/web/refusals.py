"""Put a refusal where the person is looking: beside the field it is about."""

from collections.abc import Callable

from flask_wtf import FlaskForm

from market.kernel.errors import Refused
from market.web.messages import sentence


def show(form: FlaskForm, refused: Refused) -> None:
    """Add the sentence of `refused` to its field of `form`, or to the form as a whole."""
    if refused.field and refused.field in form:
        field = form[refused.field]
        field.errors = [*field.errors, sentence(refused)]
    else:
        form.form_errors.append(sentence(refused))


def attempt(form: FlaskForm, act: Callable[[], object]) -> bool:
    """Do what a valid `form` asks for. Where it was refused, the form says why, and nothing was done."""
    if not form.validate_on_submit():
        return False
    try:
        act()
    except Refused as refused:
        show(form, refused)
        return False
    return True
