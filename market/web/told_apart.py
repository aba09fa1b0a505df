"""One form many times on a page."""

import uuid

from flask_wtf import FlaskForm


def told_apart(form: FlaskForm, owner: uuid.UUID | str) -> FlaskForm:
    """`form` with ids of its own, for a page that has it many times."""
    mark = owner if isinstance(owner, str) else owner.hex
    for field in form:
        field.id = f"{field.name}-{mark}"
        field.label.field_id = field.id
    return form
