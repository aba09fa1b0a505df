"""A day in a form."""

from flask_babel import gettext as _
from wtforms import DateField


class DayField(DateField):
    """A day, refused in our own words; left out it is None, and the form's own check still runs."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_("请填日期，例如 2026-12-31"))) from error
