"""A change that waits, in words: the field, the old value and the new one."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext, lazy_gettext

from market.catalog.edit_models import ListingEdit
from market.kernel.money import format_yuan

FIELDS = {
    "brand": lazy_gettext("品牌"),
    "model": lazy_gettext("型号"),
    "name_zh": lazy_gettext("商品名称"),
    "name_en": lazy_gettext("英文名称"),
    "gtin": lazy_gettext("商品条码"),
    "specs": lazy_gettext("主要参数"),
    "interop": lazy_gettext("能接入的智能家居系统"),
    "upright": lazy_gettext("必须竖着放，不能倒"),
    "net_weight_grams": lazy_gettext("净重"),
    "packed_length_mm": lazy_gettext("包装长"),
    "packed_width_mm": lazy_gettext("包装宽"),
    "packed_height_mm": lazy_gettext("包装高"),
    "list_price_fen": lazy_gettext("备案价"),
    "price_fen": lazy_gettext("售价"),
}


def differences(edit: ListingEdit) -> Iterator[tuple[object, str, str]]:
    """Each field's name, old and new value, in a fixed order."""
    for name, label in FIELDS.items():
        if name in edit.changes:
            old, new = edit.changes[name]
            yield label, _said(name, old), _said(name, new)


def _said(name: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return str(gettext("没填"))
    if isinstance(value, bool):
        return str(gettext("是") if value else gettext("否"))
    if name.endswith("_fen"):
        return f"¥{format_yuan(value)}"
    if name.endswith("_grams"):
        return str(gettext("%(kg)s 公斤", kg=f"{value / 1000:g}"))
    if name.endswith("_mm"):
        return str(gettext("%(size)s 厘米", size=f"{value / 10:g}"))
    if isinstance(value, dict):
        return "；".join(f"{key}：{figure}" for key, figure in value.items())
    return " · ".join(value) if isinstance(value, list) else str(value)
