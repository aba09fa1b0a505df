"""One form many times on a page."""

import uuid

from flask_wtf import FlaskForm


def told_apart(form: FlaskForm, owner: uuid.UUID) -> FlaskForm:
    """`form` with ids of its own, for a page that has it many times."""
    for field in form:
        field.id = f"{field.name}-{owner.hex}"
        field.label.field_id = field.id
    return form
