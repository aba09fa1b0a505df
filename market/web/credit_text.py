"""Words of reviews and ratings, the same at every door."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from market.credit.appeal_models import AppealState
from market.credit.fraud_models import FraudState
from market.credit.models import SubjectKind
from market.credit.review_models import MaskReason
from market.credit.review_queries import Order

SUBJECTS: dict[SubjectKind, LazyString] = {
    SubjectKind.shop: _("店铺"),
    SubjectKind.courier: _("送货员"),
    SubjectKind.recycler: _("回收商"),
    SubjectKind.buyer: _("买家"),
}
EVENTS: dict[str, LazyString] = {
    # shops
    "reviewed": _("买家评价"),
    "handed_over_on_time": _("按时交货"),
    "handed_over_late": _("交货晚了"),
    "declined_by_shop": _("店铺退单"),
    "order_completed": _("完成一单"),
    "dispute_lost": _("纠纷败诉"),
    "returned_for_fault": _("因故障退货"),
    "evidence_complete": _("补贴材料齐全"),
    "evidence_incomplete": _("补贴材料不全"),
    "price_breach": _("价格没有如实备案"),
    "recall_answered_in_time": _("及时处理召回"),
    "recall_answered_late": _("召回处理晚了"),
    "recall_opened": _("有召回要处理"),
    "recall_resolved": _("召回已处理完"),
    # couriers
    "delivered_on_time": _("按约定的日子送到"),
    "delivered_late": _("送晚了"),
    "delivered_whole": _("货物完好送到"),
    "goods_damaged": _("货物在路上损坏"),
    "cash_in_full": _("货款如数交回"),
    "cash_short": _("货款少交"),
    # recyclers
    "offer_as_quoted": _("按估价收购"),
    "offer_lowered": _("压低了估价"),
    "assessed_on_time": _("48 小时内验机"),
    "assessed_late": _("验机晚了"),
    "wipe_verified": _("数据擦除合格"),
    "wipe_failed": _("数据擦除不合格"),
    "licence_lapsed": _("许可证到期"),
    "licence_restored": _("换了新许可证"),
    "illegal_dismantling": _("查实非法拆解"),
    "illegal_dismantling_cleared": _("非法拆解已澄清"),
    # buyers
    "was_at_home": _("约好的时候家里有人"),
    "was_not_home": _("约好的时候家里没人"),
    "fetched_in_time": _("到站的货及时取走"),
    "not_fetched": _("到站的货过期没取"),
    # everybody
    "fraud_found": _("查实欺诈"),
    "fraud_cleared": _("欺诈已澄清"),
    "revised": _("买家改了评价"),
    "weighed": _("一条评价改了分量"),
    "voided": _("申诉成立，一条记录作废"),
    "criteria_changed": _("评分办法更新，重新计算"),
}
SIGNALS: dict[str, LazyString] = {
    "shared_device": _("和别人同一台设备"),
    "shared_address": _("和别人同一户地址"),
    "shared_payer": _("和别人同一个付款人"),
    "burst": _("一小时内集中写的"),
    "near_duplicate": _("和别人的话几乎一样"),
    "no_delivery_scan": _("没有送货扫码记录"),
    "refunded_after": _("评价后退了钱，货没退"),
    "cleared": _("人工看过，没有问题"),
}
MASK_REASONS: dict[MaskReason, LazyString] = {
    MaskReason.insult: _("侮辱谩骂"),
    MaskReason.personal_data: _("含别人的个人信息"),
    MaskReason.advertisement: _("广告"),
    MaskReason.unlawful: _("其他违法内容"),
}
APPEAL_STATES: dict[AppealState, tuple[LazyString, str]] = {
    AppealState.open: (_("申诉中"), "wait"),
    AppealState.upheld: (_("申诉成立"), ""),
    AppealState.rejected: (_("申诉没有成立"), "off"),
}
FRAUD_STATES: dict[FraudState, tuple[LazyString, str]] = {
    FraudState.charged: (_("等答复和认定"), "wait"),
    FraudState.dropped: (_("没有认定"), "off"),
    FraudState.found: (_("认定欺诈"), "bad"),
    FraudState.cleared: (_("已撤销"), ""),
}
ORDERS: dict[Order, LazyString] = {
    Order.newest: _("最新"),
    Order.helpful: _("最有用"),
    Order.lowest: _("星少的在前"),
}
EFFECT_LETTERS: dict[str, LazyString | str] = {
    "A+": "A+",
    "A": "A",
    "B": "B",
    "C": "C",
    "D": "D",
    "new": _("新"),
}
