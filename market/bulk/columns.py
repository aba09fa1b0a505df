"""The columns of a shop's sheet, and how a cell of each is read and written. Pure.

A cell is text, or ``{"date": "2026-03-05"}`` where a spreadsheet program made a date of what was typed.
Reading a cell raises Refused(``bulk.*``).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from market.catalog.models import InstallSkill, Listing, ListingState
from market.catalog.rules import INTEROP
from market.kernel.errors import Refused
from market.kernel.money import format_yuan, parse_yuan

Cell = str | dict[str, str]
Values = dict[str, Any]
SKILLS = {
    "不用安装": InstallSkill.none,
    "普通安装": InstallSkill.general,
    "燃气持证安装": InstallSkill.gas,
    "电工持证安装": InstallSkill.electric,
}
YES_NO = {"是": True, "否": False}
ON_SALE = {"在售": True, "下架": False}
_FIGURE = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")
_INTEGER = re.compile(r"[0-9]{1,6}(\.0+)?")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+")
_SPEC = re.compile(r"([^:：]{1,20})[:：](.{1,60})")
_MOST_SPECS = 20


@dataclass(frozen=True, slots=True)
class Column:
    """`title` heads it, `read` makes the value of `key` of a cell, `write` the cell of a listing.

    `options` are all that may stand in it, where they can be listed; `needed` says that what is new needs it.
    """

    key: str
    title: str
    read: Callable[[str], Any]
    write: Callable[[Listing], str | int | float | None]
    needed: bool = False
    options: tuple[str, ...] = ()
    hint: str = ""


def clean(text: str) -> str:
    """`text` on one line, with single spaces and without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _plain(text: str) -> str:
    """Full-width figures and signs as the usual ones, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def words(least: int, most: int) -> Callable[[str], str]:
    """Text of so many characters."""

    def read(text: str) -> str:
        found = clean(text)
        if not least <= len(found) <= most:
            raise Refused("bulk.length", least=least, most=most)
        return found

    return read


def _fen(text: str) -> int:
    fen = parse_yuan(_plain(text).replace("RMB", "").replace("CNY", ""))
    if fen is None:
        raise Refused("bulk.yuan")
    return fen


def measure(scale: int) -> Callable[[str], int]:
    """A positive figure in a large unit as a whole number of the small one; `scale` of those make one."""

    def read(text: str) -> int:
        bare = _plain(text).replace(",", "")
        if not _FIGURE.fullmatch(bare) or not (whole := round(Decimal(bare) * scale)):
            raise Refused("bulk.figure")
        return whole

    return read


def integer(least: int, most: int) -> Callable[[str], int]:
    """A whole number within its bounds."""

    def read(text: str) -> int:
        bare = _plain(text).replace(",", "")
        if not _INTEGER.fullmatch(bare) or not least <= int(Decimal(bare)) <= most:
            raise Refused("bulk.integer", least=least, most=most)
        return int(Decimal(bare))

    return read


def _gtin(text: str) -> str:
    bare = _plain(text).removeprefix("'").removesuffix(".0")
    if _SCIENTIFIC.fullmatch(bare):
        raise Refused("bulk.scientific")
    if not re.fullmatch(r"[0-9]{13}", bare):
        raise Refused("bulk.gtin")
    return bare


def choice(options: Mapping[str, Any]) -> Callable[[str], Any]:
    """One of the words that are listed."""

    def read(text: str) -> Any:
        if (bare := _plain(text)) not in options:
            raise Refused("bulk.choice", options="、".join(options))
        return options[bare]

    return read


def _specs(text: str) -> dict[str, str]:
    lines = [clean(line) for line in text.splitlines() if line.strip()]
    pairs = [_SPEC.fullmatch(line) for line in lines]
    if len(pairs) > _MOST_SPECS or not all(pairs):
        raise Refused("bulk.specs", most=_MOST_SPECS)
    return {pair[1].strip(): pair[2].strip() for pair in pairs if pair}


def _interop(text: str) -> list[str]:
    named = [part for part in re.split(r"[,，、;；\s]+", unicodedata.normalize("NFKC", text)) if part]
    if set(named) - set(INTEROP):
        raise Refused("bulk.choice", options="、".join(INTEROP))
    return [name for name in INTEROP if name in named]


def _minutes(text: str) -> int:
    return integer(0, 480)(text) * 60


def _word(options: Mapping[str, Any], value: object) -> str:
    return next(word for word, meant in options.items() if meant == value)


def _yuan(fen: int) -> str:
    return format_yuan(fen).replace(",", "")


def _large(small: int, scale: int) -> float | int:
    return small // scale if small % scale == 0 else float(Decimal(small) / scale)


def columns(categories: Mapping[str, str]) -> tuple[Column, ...]:
    """Every column; `categories` gives the code of each category by its Chinese name."""
    return (
        Column(
            "own_number", "店内编号", words(1, 40), lambda it: it.own_number, hint="您自己的货号，没有可空"
        ),
        Column("gtin", "条码", _gtin, lambda it: it.barcode, hint="13 位数字，这一列请设成文本"),
        Column(
            "category",
            "品类",
            choice(categories),
            lambda it: _word(categories, it.product.category_code),
            needed=True,
            options=tuple(categories),
        ),
        Column("brand", "品牌", words(1, 30), lambda it: it.product.brand, needed=True),
        Column("model", "型号", words(1, 40), lambda it: it.product.model, needed=True, hint="照铭牌抄"),
        Column("variant", "颜色或款式", words(0, 20), lambda it: it.variant or None, hint="只有一种就空着"),
        Column("name_zh", "商品名称", words(2, 60), lambda it: it.product.name_zh, needed=True),
        Column("price_fen", "售价（元）", _fen, lambda it: _yuan(it.price_fen), needed=True),
        Column(
            "list_price_fen", "备案价（元）", _fen, lambda it: _yuan(it.list_price_fen), hint="空着就等于售价"
        ),
        Column(
            "stock", "新上架件数", integer(0, 9999), lambda _: None, hint="只管新商品，已有的请盘点或进货"
        ),
        Column("low_at", "剩几件提醒", integer(0, 9999), lambda it: it.low_at, hint="0 是不提醒，空着是 2"),
        Column(
            "net_weight_grams",
            "净重（公斤）",
            measure(1000),
            lambda it: _large(it.product.net_weight_grams, 1000),
            needed=True,
        ),
        *(
            Column(
                key,
                f"{title}（厘米）",
                measure(10),
                lambda it, key=key: _large(getattr(it.product, key), 10),  # type: ignore[misc]
                needed=True,
            )
            for key, title in (
                ("packed_length_mm", "包装长"),
                ("packed_width_mm", "包装宽"),
                ("packed_height_mm", "包装高"),
            )
        ),
        Column(
            "upright",
            "必须竖放",
            choice(YES_NO),
            lambda it: _word(YES_NO, it.product.upright),
            options=tuple(YES_NO),
            hint="空着按品类",
        ),
        Column(
            "people_required",
            "几个人搬",
            integer(1, 2),
            lambda it: it.people_required,
            options=("1", "2"),
            hint="空着按品类",
        ),
        Column(
            "install_skill",
            "谁来安装",
            choice(SKILLS),
            lambda it: _word(SKILLS, it.install_skill),
            options=tuple(SKILLS),
            hint="空着按品类",
        ),
        Column(
            "install_seconds",
            "安装几分钟",
            _minutes,
            lambda it: it.install_seconds // 60,
            hint="不用安装填 0，空着按品类",
        ),
        Column("specs", "主要参数", _specs, _write_specs, hint="一行一条，例如“容量：10 公斤”"),
        Column(
            "interop", "智能家居系统", _interop, lambda it: "、".join(it.product.interop), options=INTEROP
        ),
        Column(
            "on_sale",
            "上架状态",
            choice(ON_SALE),
            lambda it: _word(ON_SALE, it.state is ListingState.active),
            options=tuple(ON_SALE),
            hint="空着：新的上架，旧的不变",
        ),
    )


def _write_specs(listing: Listing) -> str:
    return "\n".join(f"{name}：{value}" for name, value in listing.product.specs.items())


NOTES = ("错误", "备注")
"""Columns that are passed over: our own sentences in a sheet that comes back, and the shop's notes."""
