"""A form field for an amount of money."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from market.kernel.money import format_yuan, parse_yuan


class YuanField(StringField):
    """An amount in yuan; `data` is fen."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = parse_yuan(text)
        if text and self.data is None:
            raise ValueError(_("请填金额，例如 2599 或 2599.90"))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_yuan(self.data).replace(",", "")
