"""Put a refusal where the person is looking: beside the field it is about."""

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
