"""Fields that keep what was typed and give whole grams, millimeters or named figures."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, IntegerField, StringField
from wtforms.widgets import TextArea

_NUMBER = re.compile(r"\d{1,5}(\.\d{1,3})?")
_FIGURE = re.compile(r"\d{1,6}(\.\d{1,5})?")
_PAIR = re.compile(r"([^:：]{1,20})[:：](.{1,60})")
_MOST_SPECS = 20


class MeasureField(StringField):
    """A positive figure in a large unit; `data` is in the small one, `scale` of which make the large."""

    data: Any

    def __init__(self, label: Any, validators: Any, scale: int, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.scale = scale

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text and (not _NUMBER.fullmatch(text) or not (whole := round(Decimal(text) * self.scale))):
            raise ValueError(_("请填大于 0 的数字，例如 68 或 68.5"))
        if text:
            self.data = whole

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / self.scale:f}"


class PiecesField(IntegerField):
    """A whole number that may be left out: `data` is None then, and the form's own check still runs."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if any(text.strip() for text in valuelist):
            super().process_formdata(valuelist)
        else:
            self.data = None


class FigureField(StringField):
    """A figure of a label; `data` is a Decimal, None where nothing is typed."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text and not _FIGURE.fullmatch(text):
            raise ValueError(_("请照标识填数字，例如 5.25"))
        if text:
            self.data = Decimal(text)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""


class SpecsField(Field):
    """One ``name：figure`` on each line; `data` is the dict of them."""

    widget = TextArea()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        lines = [line.strip() for line in (valuelist[0] if valuelist else "").splitlines() if line.strip()]
        pairs = [_PAIR.fullmatch(line) for line in lines]
        if not all(pairs) or len(pairs) > _MOST_SPECS:
            raise ValueError(
                _("每行写一条，中间用冒号，例如“容量：10 公斤”，最多 %(most)s 条", most=_MOST_SPECS)
            )
        self.data = {pair[1].strip(): pair[2].strip() for pair in pairs if pair}

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(f"{name}：{figure}" for name, figure in (self.data or {}).items())
