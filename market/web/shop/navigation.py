"""The shop's menu: two rows on a phone, of the pages that one's role may open."""

from flask import g, request
from flask_babel import lazy_gettext as _

from market.web.menu import Groups, Menu, menu
from market.web.shop import bp
from market.web.shop.roles import may

GROUPS: Groups = (
    (
        _("订单"),
        (
            ("shop.home", _("今天")),
            ("shop.packing", _("打包")),
            ("shop.orders", _("订单")),
            ("shop.hand_overs", _("交货")),
            ("shop.assist", _("代下单")),
            ("shop.returns", _("退换")),
        ),
    ),
    (
        _("商品"),
        (
            ("shop.listings", _("商品")),
            ("shop.scenes", _("套装")),
            ("shop.groups", _("拼单")),
            ("shop.fairs", _("展销")),
            ("shop.recalls", _("召回")),
        ),
    ),
    (
        _("账目"),
        (
            ("shop.settlements", _("结算")),
            ("shop.claims", _("补贴")),
            ("shop.invoices", _("发票")),
            ("shop.trade_ins", _("旧家电")),
        ),
    ),
    (
        _("口碑"),
        (
            ("shop.figures", _("数字")),
            ("shop.reviews", _("评价")),
            ("shop.rating", _("信用")),
        ),
    ),
    (
        _("店里"),
        (
            ("shop.papers", _("材料")),
            ("shop.people", _("人员")),
            ("storefront.inbox", _("消息")),
        ),
    ),
)


@bp.context_processor
def _navigation() -> dict[str, Menu]:
    own = ((label, tuple(page for page in pages if _is_open(page[0]))) for label, pages in GROUPS)
    return {"navigation": menu(tuple((label, pages) for label, pages in own if pages), request.path)}


def _is_open(endpoint: str) -> bool:
    return may(g.role, endpoint.partition(".")[2])
