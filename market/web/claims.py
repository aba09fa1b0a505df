"""What claims, their evidence, flags and steps are called, the same at every door."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from market.kernel.clock import local
from market.kernel.money import format_yuan
from market.subsidies import evidence
from market.subsidies.fraud_rules import Severity
from market.subsidies.models import ClaimState
from market.subsidies.review_models import StepKind
from market.subsidies.treasury_rules import Problem

_ = lazy_gettext
STATES = {
    ClaimState.held: (_("等付款"), "wait"),
    ClaimState.committed: (_("等送达"), "wait"),
    ClaimState.delivered: (_("已送达，等材料"), "wait"),
    ClaimState.installed: (_("已安装，等材料"), "wait"),
    ClaimState.evidence_complete: (_("材料齐了"), "wait"),
    ClaimState.under_review: (_("审核中"), "wait"),
    ClaimState.approved: (_("已批准，等财政付款"), "good"),
    ClaimState.rejected: (_("没有通过"), "bad"),
    ClaimState.refund_pending: (_("有退货，等财政答复"), "wait"),
    ClaimState.paid_out: (_("财政已付"), "good"),
    ClaimState.clawback_due: (_("有补贴要退回财政"), "bad"),
    ClaimState.clawback_done: (_("该退的已退回财政"), "good"),
    ClaimState.released: (_("订单撤销，补贴已放回"), "off"),
    ClaimState.expired: (_("过时没付款，补贴已放回"), "off"),
    ClaimState.withdrawn: (_("店家承担，不再申报"), "off"),
    ClaimState.returned: (_("货已退，补贴已退回"), "off"),
}
# What the buyer reads: her price stands whatever becomes of the claim.
TO_BUYER = {
    ClaimState.held: _("补贴已留好，付款后就算用上"),
    ClaimState.committed: _("补贴已减，等货送到"),
    ClaimState.delivered: _("补贴已减，店家正在备齐材料"),
    ClaimState.installed: _("补贴已减，店家正在备齐材料"),
    ClaimState.evidence_complete: _("补贴已减，县里正在审核，您不用做什么"),
    ClaimState.under_review: _("补贴已减，县里正在审核，您不用做什么"),
    ClaimState.approved: _("补贴已批准，您不用做什么"),
    ClaimState.rejected: _("补贴审核有疑问，由店家处理，您付的钱不变"),
    ClaimState.refund_pending: _("您退了货，补贴的一份会还给国家"),
    ClaimState.paid_out: _("国家已把补贴付给店家这一方"),
    ClaimState.clawback_due: _("您退了货，店家正把补贴还给国家"),
    ClaimState.clawback_done: _("您退了货，补贴已还给国家"),
    ClaimState.released: _("订单撤销，补贴没有用掉"),
    ClaimState.expired: _("没有按时付款，补贴没有用掉"),
    ClaimState.withdrawn: _("补贴的一份由店家自己承担，您付的钱不变"),
    ClaimState.returned: _("您退了货，补贴已还给国家"),
}
KINDS = {
    evidence.REAL_NAME: _("实名"),
    evidence.PAYMENT: _("付款凭据"),
    evidence.INVOICE: _("发票"),
    evidence.GTIN: _("商品条码"),
    evidence.SERIAL: _("机身序列号"),
    evidence.LABEL: _("能效标识二维码"),
    evidence.PHOTO: _("送达照片"),
    evidence.PLACE: _("送达地点"),
    evidence.SIGN_OFF: _("安装验收"),
    evidence.RECIPIENT: _("收货人就是申领人"),
    evidence.CONFIRMATION: _("买家确认补贴"),
    evidence.ACTIVATION: _("激活证明"),
    "delivered": _("送达时间"),
    "recipient": _("收货人"),
}
WHO = {
    evidence.PAYMENT: _("平台自动补：网上付款当时就有，现金要等存进银行"),
    evidence.INVOICE: _("平台自动补：送达后自动开票"),
}
_SHOP = _("店家补")
SEVERITIES = {
    Severity.block: (_("不能通过"), "bad"),
    Severity.hold: (_("先查清"), "wait"),
    Severity.flag: (_("留意"), "off"),
}
RULES = {
    "raised_within_7_days": _("先涨后补：卖 %(price_yuan)s 元，前 7 天最低 %(before_yuan)s 元"),
    "raised_within_30_days": _("先涨后补：卖 %(price_yuan)s 元，前 30 天最低 %(before_yuan)s 元"),
    "above_the_filed_price": _("高过备案价：卖 %(price_yuan)s 元，备案 %(before_yuan)s 元"),
    "gtin_switched": _("换过条码：卖的是 %(sold)s，标识登记的是 %(label)s"),
    "invoice_to_another": _("发票抬头不是申领人：%(title)s"),
    "invoice_of_another_sum": _("发票 %(invoice_yuan)s 元，应为自付加补贴 %(due_yuan)s 元"),
    "serial_recalled": _("序列号正在召回，不能领补贴：%(serials)s"),
    "serial_reused": _("序列号已经领过补贴：%(serials)s"),
    "label_of_another": _("机身上的标识不是这个型号的：%(scanned)s"),
    "many_claimants": _("很多人共用一个地址、电话或付款账户"),
    "unproven_delivery": _("送达没有留下：%(kinds)s"),
    "outside": _("送达地点离收货地址 %(km)s 公里"),
    "recipient_differs": _("收货人是 %(recipient)s，不是申领人"),
    "delivered_late": _("下单 %(days)s 天后才送达，规定 %(deadline)s 天"),
    "not_activated": _("没有激活证明，可能是旧机"),
    "brought_by_hand": _("事后补的材料：%(kinds)s"),
}
STEPS = {
    StepKind.moved: _("进展"),
    StepKind.brought: _("补材料"),
    StepKind.audited: _("审计通过"),
    StepKind.approved: _("同意"),
    StepKind.rejected: _("不同意"),
    StepKind.lifted: _("解除疑点"),
    StepKind.appealed: _("申诉"),
    StepKind.closed: _("结案"),
    StepKind.serial: _("登记序列号"),
    StepKind.returned: _("退货或降价"),
    StepKind.treasury: _("财政答复"),
}
PROBLEMS = {
    Problem.number_unknown: _("没有这个申报号"),
    Problem.number_twice: _("这个申报号在文件里出现了两次"),
    Problem.result_unknown: _("结果只能填“已付”或“不付”"),
    Problem.amount_unreadable: _("金额看不懂"),
    Problem.amount_differs: _("金额和申报的不一样"),
    Problem.reference_missing: _("已付的要填付款流水号"),
    Problem.reason_missing: _("不付的要填原因"),
    Problem.clawback_not_rejected: _("退回财政的一行只能是已付"),
    Problem.answered_differently: _("这一行以前的答复不一样"),
    Problem.columns: _("这一行缺几列"),
}


def kind(name: str) -> str:
    """What a kind of evidence is called."""
    return str(KINDS.get(name, name))


def who_brings(name: str) -> str:
    """Who has to bring a missing kind."""
    return str(WHO.get(name, _SHOP))


def said(rule: str, detail: Mapping[str, Any]) -> str:
    """A flag in words, with its figures."""
    values: dict[str, object] = {}
    for name, value in detail.items():
        if name.endswith("_fen"):
            values[name.removesuffix("_fen") + "_yuan"] = format_yuan(value)
        elif name == "kinds":
            values[name] = gettext("、").join(kind(it) for it in value)
        else:
            values[name] = gettext("、").join(value) if isinstance(value, list) else value
    return str(RULES[rule]) % values if rule in RULES else rule


_METHODS = {
    "card": _("银行卡"),
    "alipay": _("支付宝"),
    "wechat_pay": _("微信支付"),
    "cash": _("现金"),
    "cash_on_delivery": _("货到付现金"),
}


def shown(name: str, value: Mapping[str, Any]) -> str:
    """What a piece of evidence says, on one line."""
    if "text" in value:
        return str(value["text"])
    if "values" in value:
        return str(gettext("、").join(value["values"]))
    parts = [
        f"¥{format_yuan(it)}" if key.endswith("_fen") else str(_METHODS.get(it, it))
        for key, it in value.items()
        if it is not None and key not in ("at", "checked_at", "by", "sha256", "checks")
    ]
    if when := value.get("at") or value.get("checked_at"):
        parts.append(f"{local(datetime.fromisoformat(when)):%Y-%m-%d %H:%M}")
    if "checks" in value:
        parts.append(gettext("检查 %(n)s 项", n=len(value["checks"])))
    return " · ".join(parts)
