"""The desk's navigation: groups of pages, and where in them a request is. Only its own group's pages show."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import g, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from market.web.county import bp

Pages = tuple[tuple[str, LazyString], ...]

GROUPS: tuple[tuple[LazyString, Pages], ...] = (
    (
        _("送货"),
        (
            ("home", _("今天")),
            ("hub", _("收货")),
            ("batch_list", _("批次")),
            ("vehicles", _("车辆")),
            ("station_list", _("服务站")),
        ),
    ),
    (
        _("账目"),
        (
            ("cash", _("现金")),
            ("refunds", _("退款")),
            ("settlements", _("结算")),
            ("recycler_statements", _("回收对账")),
            ("invoices", _("发票")),
            ("points", _("积分账")),
        ),
    ),
    (
        _("售后"),
        (
            ("returns", _("退换")),
            ("repairs", _("维修站")),
        ),
    ),
    (
        _("补贴"),
        (
            ("programmes", _("补贴办法")),
            ("claims", _("补贴审核")),
            ("treasury", _("财政")),
        ),
    ),
    (
        _("核查"),
        (
            ("labels", _("核标识")),
            ("shop_register", _("店铺")),
            ("edits", _("核改动")),
            ("certificates", _("核证书")),
            ("made_to_order", _("核定作")),
            ("groups", _("拼单")),
            ("fairs", _("展销")),
            ("scenes", _("套装")),
            ("recalls", _("召回")),
            ("search_words", _("方言词")),
        ),
    ),
    (
        _("信用"),
        (
            ("appeals", _("申诉")),
            ("frauds", _("欺诈认定")),
            ("reviews", _("评价")),
        ),
    ),
    (
        _("回收"),
        (
            ("recycler_register", _("回收企业")),
            ("trade_ins", _("旧家电")),
            ("mail_in", _("回收单")),
            ("freight_campaigns", _("运费活动")),
            ("collection_points", _("收集点")),
            ("inspections", _("双随机检查")),
            ("cases", _("投诉举报")),
            ("mass_balance", _("回收平衡")),
        ),
    ),
)
# An auditor comes for the claims alone.
AUDITORS_GROUPS: tuple[tuple[LazyString, Pages], ...] = ((_("补贴"), (("claims", _("补贴审核")),)),)


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a page. `current` is what aria-current says: page, true (something below it) or empty."""

    label: LazyString
    url: str
    current: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """The groups, each leading to its first page, and the pages of the group one is in."""

    groups: list[Link]
    pages: list[Link]


@bp.context_processor
def _navigation() -> dict[str, Navigation]:
    groups = AUDITORS_GROUPS if g.get("is_auditor") else GROUPS
    return {"navigation": navigation(groups, request.path)}


def navigation(groups: tuple[tuple[LazyString, Pages], ...], path: str) -> Navigation:
    """What leads on from `path`."""
    here = max((url for url in _urls(groups) if _is_below(path, url)), key=len, default="")
    shown = next((pages for _label, pages in groups if here in map(_url, pages)), groups[0][1])
    return Navigation(
        [Link(label, _url(pages[0]), "true" if pages is shown else "") for label, pages in groups],
        [Link(page[1], _url(page), _current(path, here, _url(page))) for page in shown],
    )


def _urls(groups: tuple[tuple[LazyString, Pages], ...]) -> Iterator[str]:
    for _label, pages in groups:
        yield from map(_url, pages)


def _url(page: tuple[str, LazyString]) -> str:
    return url_for(f"county.{page[0]}")


def _is_below(path: str, url: str) -> bool:
    return path == url or path.startswith(url.rstrip("/") + "/")


def _current(path: str, here: str, url: str) -> str:
    if url != here:
        return ""
    return "page" if path == url else "true"
