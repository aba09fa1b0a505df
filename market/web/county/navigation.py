"""The desk's navigation: groups of pages, and where in them a request is. Only its own group's pages show."""

from flask import g, request
from flask_babel import lazy_gettext as _

from market.web.county import bp
from market.web.menu import Groups, Menu, menu

GROUPS: Groups = (
    (
        _("送货"),
        (
            ("county.home", _("今天")),
            ("county.hub", _("收货")),
            ("county.batch_list", _("批次")),
            ("county.vehicles", _("车辆")),
            ("county.station_list", _("服务站")),
        ),
    ),
    (
        _("账目"),
        (
            ("county.cash", _("现金")),
            ("county.refunds", _("退款")),
            ("county.settlements", _("结算")),
            ("county.recycler_statements", _("回收对账")),
            ("county.invoices", _("发票")),
            ("county.points", _("积分账")),
        ),
    ),
    (
        _("售后"),
        (
            ("county.returns", _("退换")),
            ("county.repairs", _("维修站")),
        ),
    ),
    (
        _("补贴"),
        (
            ("county.programmes", _("补贴办法")),
            ("county.claims", _("补贴审核")),
            ("county.treasury", _("财政")),
        ),
    ),
    (
        _("核查"),
        (
            ("county.labels", _("核标识")),
            ("county.shop_register", _("店铺")),
            ("county.edits", _("核改动")),
            ("county.certificates", _("核证书")),
            ("county.made_to_order", _("核定作")),
            ("county.groups", _("拼单")),
            ("county.fairs", _("展销")),
            ("county.scenes", _("套装")),
            ("county.recalls", _("召回")),
            ("county.search_words", _("方言词")),
        ),
    ),
    (
        _("信用"),
        (
            ("county.appeals", _("申诉")),
            ("county.frauds", _("欺诈认定")),
            ("county.reviews", _("评价")),
        ),
    ),
    (
        _("回收"),
        (
            ("county.recycler_register", _("回收企业")),
            ("county.trade_ins", _("旧家电")),
            ("county.mail_in", _("回收单")),
            ("county.freight_campaigns", _("运费活动")),
            ("county.collection_points", _("收集点")),
            ("county.inspections", _("双随机检查")),
            ("county.cases", _("投诉举报")),
            ("county.mass_balance", _("回收平衡")),
        ),
    ),
)
# An auditor comes for the claims alone.
AUDITORS_GROUPS: Groups = ((_("补贴"), (("county.claims", _("补贴审核")),)),)


@bp.context_processor
def _navigation() -> dict[str, Menu]:
    groups = AUDITORS_GROUPS if g.get("is_auditor") else GROUPS
    return {"navigation": menu(groups, request.path)}
