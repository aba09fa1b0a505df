"""The data map in words: what a table holds, what for, how long, and what its columns are called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

from market.kernel.money import format_yuan
from market.people.models import Account
from market.privacy.data_map import BY_NAME, YEAR
from market.privacy.holding import Basis, Holding
from market.web.text import local_time

# What each table holds, and from when its time counts.
WHAT: dict[str, tuple[LazyString, LazyString]] = {
    "accounts": (lazy_gettext("手机号和称呼"), lazy_gettext("账号在就留着")),
    "shop_invitations": (lazy_gettext("请您到店里上班的邀请"), lazy_gettext("从邀请到期起")),
    "account_sessions": (lazy_gettext("登录过的设备"), lazy_gettext("从登录到期起")),
    "second_factors": (lazy_gettext("二次验证（密钥加密）"), lazy_gettext("撤掉就删")),
    "recovery_codes": (lazy_gettext("二次验证的备用码（只留核对的记号）"), lazy_gettext("换新就删")),
    "assisted_orders": (lazy_gettext("店员在柜台替您下的单，您签的同意书"), lazy_gettext("从那天起")),
    "addresses": (lazy_gettext("收货地址"), lazy_gettext("从您删掉起")),
    "real_names": (
        lazy_gettext("补贴实名（身份证号加密）"),
        lazy_gettext("从核对起；领过的只留防重复的记号"),
    ),
    "consents": (lazy_gettext("同意过什么"), lazy_gettext("从撤回起")),
    "data_accesses": (lazy_gettext("谁看过我的资料"), lazy_gettext("从看的那天起")),
    "text_messages": (lazy_gettext("发给您的短信"), lazy_gettext("从发出起")),
    "notices": (lazy_gettext("消息"), lazy_gettext("从发出起")),
    "notice_opt_outs": (lazy_gettext("不想收的消息"), lazy_gettext("账号在就留着")),
    "call_wishes": (lazy_gettext("有危险时打电话给我"), lazy_gettext("账号在就留着")),
    "call_attempts": (lazy_gettext("打给您的电话记录"), lazy_gettext("从打的那天起")),
    "calls": (lazy_gettext("召回要通知到人"), lazy_gettext("跟召回记录一样长")),
    "carts": (lazy_gettext("购物车"), lazy_gettext("从最后一次改动起")),
    "orders": (lazy_gettext("订单，收货人、电话和门牌"), lazy_gettext("从订单完成起；之后只留货和金额")),
    "shop_orders": (lazy_gettext("订单里每家店的部分"), lazy_gettext("只有货和金额，跟账一样长")),
    "payments": (lazy_gettext("付款"), lazy_gettext("只有金额，跟账一样长")),
    "group_places": (lazy_gettext("拼单里的位置和定金"), lazy_gettext("只有选项和金额，跟账一样长")),
    "refunds": (lazy_gettext("退款"), lazy_gettext("只有金额，跟账一样长")),
    "invoices": (lazy_gettext("发票"), lazy_gettext("跟账一样长")),
    "jobs": (lazy_gettext("送货单，收货人、电话和门牌"), lazy_gettext("从下单起")),
    "proofs": (lazy_gettext("签收照片和签收人"), lazy_gettext("从签收起")),
    "courier_events": (lazy_gettext("送货员手机传回的记录"), lazy_gettext("从收到起")),
    "appliances": (lazy_gettext("我的家电"), lazy_gettext("从您删掉起")),
    "claims": (lazy_gettext("补贴申领，姓名、电话和地址"), lazy_gettext("跟补贴账一样长")),
    "claim_evidence": (lazy_gettext("补贴申领的证明材料"), lazy_gettext("跟补贴账一样长")),
    "claim_signals": (lazy_gettext("防骗补的比对记号（加密）"), lazy_gettext("从申领起")),
    "coupons": (lazy_gettext("补贴资格"), lazy_gettext("跟补贴账一样长")),
    "coupon_chances": (lazy_gettext("领资格的次数"), lazy_gettext("跟补贴账一样长")),
    "lottery_tickets": (lazy_gettext("摇号"), lazy_gettext("跟公示一样长")),
    "quotas": (lazy_gettext("补贴名额用了多少"), lazy_gettext("跟补贴账一样长")),
    "points_accounts": (lazy_gettext("积分余额"), lazy_gettext("跟账一样长")),
    "points_lots": (lazy_gettext("每一笔积分"), lazy_gettext("跟账一样长")),
    "return_requests": (lazy_gettext("退换货，您写的话"), lazy_gettext("从申请起")),
    "repairs": (lazy_gettext("维修，您写的话"), lazy_gettext("从申请起")),
    "aftersales_steps": (lazy_gettext("退换和维修的经过"), lazy_gettext("从当天起")),
    "aftersales_photos": (lazy_gettext("退换和维修的照片"), lazy_gettext("从上传起")),
    "recycling_orders": (lazy_gettext("寄来回收的东西"), lazy_gettext("没有姓名，跟回收台账一样长")),
    "recycling_photos": (lazy_gettext("回收物的照片"), lazy_gettext("从上传起")),
    "recycling_bank_payouts": (lazy_gettext("回收款的收款账号（加密）"), lazy_gettext("从付款起")),
    "freight_grants": (lazy_gettext("运费补助"), lazy_gettext("只有金额，跟账一样长")),
    "freight_uses": (lazy_gettext("运费补助用了几次"), lazy_gettext("跟账一样长")),
    "trade_ins": (lazy_gettext("以旧换新"), lazy_gettext("没有姓名，跟回收台账一样长")),
    "point_items": (lazy_gettext("送到收集点的东西"), lazy_gettext("没有姓名，跟回收台账一样长")),
    "reviews": (lazy_gettext("您写的评价"), lazy_gettext("法律规定评价不得删除；注销后不显示是谁写的")),
    "review_edits": (lazy_gettext("改评价以前写的"), lazy_gettext("跟评价一样长")),
    "review_photos": (lazy_gettext("评价的照片"), lazy_gettext("跟评价一样长")),
    "review_votes": (lazy_gettext("点过“有用”的评价"), lazy_gettext("跟评价一样长；注销后看不出是谁")),
    "rating_events": (
        lazy_gettext("您的信用记录"),
        lazy_gettext("只能多得服务，不影响价钱；注销后看不出是谁"),
    ),
    "rating_appeals": (lazy_gettext("信用申诉"), lazy_gettext("跟信用记录一样长")),
    "buyer_credit_choices": (lazy_gettext("关掉了信用"), lazy_gettext("账号在就留着")),
    "recall_units": (lazy_gettext("您买到的召回产品"), lazy_gettext("跟召回记录一样长")),
}

WHY: dict[Basis, LazyString] = {
    Basis.contract: lazy_gettext("开户、送货和联系（个人信息保护法第十三条）"),
    Basis.consent: lazy_gettext("您同意过（个人信息保护法第十三条）"),
    Basis.trade: lazy_gettext("交易记录要留三年（电子商务法第三十一条）"),
    Basis.tax: lazy_gettext("发票和账簿（税收征收管理法实施细则第二十九条）"),
    Basis.subsidy: lazy_gettext("一人一份、防骗补（补贴办法）"),
    Basis.reviews: lazy_gettext("评价不得删除（电子商务法第三十九条）"),
    Basis.safety: lazy_gettext("有危险要找得到人（召回）"),
    Basis.record: lazy_gettext("证明我们依规处理（个人信息保护法第六十九条）"),
}

FIELDS: dict[str, LazyString] = {
    "phone": lazy_gettext("手机号"),
    "name": lazy_gettext("名称"),
    "created_at": lazy_gettext("时间"),
    "user_agent": lazy_gettext("设备"),
    "seen_at": lazy_gettext("最近使用"),
    "recipient_name": lazy_gettext("收货人"),
    "recipient_phone": lazy_gettext("收货人手机号"),
    "detail": lazy_gettext("门牌"),
    "address_text": lazy_gettext("地址"),
    "region": lazy_gettext("地区"),
    "masked": lazy_gettext("身份证号"),
    "checked_at": lazy_gettext("核对时间"),
    "given_at": lazy_gettext("同意时间"),
    "agreed_at": lazy_gettext("同意时间"),
    "since": lazy_gettext("开通时间"),
    "made_at": lazy_gettext("时间"),
    "used_at": lazy_gettext("用掉时间"),
    "withdrawn_at": lazy_gettext("撤回时间"),
    "reference": lazy_gettext("编号"),
    "handed_over_at": lazy_gettext("发出时间"),
    "note": lazy_gettext("备注"),
    "number": lazy_gettext("编号"),
    "placed_at": lazy_gettext("下单时间"),
    "total_fen": lazy_gettext("总额"),
    "subsidy_fen": lazy_gettext("补贴"),
    "points_fen": lazy_gettext("积分抵扣"),
    "trade_in_fen": lazy_gettext("旧机抵价"),
    "deposit_fen": lazy_gettext("定金"),
    "given_back_fen": lazy_gettext("退回的定金"),
    "paid_to": lazy_gettext("领款人"),
    "penalty_fen": lazy_gettext("店里另赔的定金"),
    "pieces": lazy_gettext("件数"),
    "chosen": lazy_gettext("选了什么"),
    "terms_version": lazy_gettext("同意的规则版本"),
    "payable_fen": lazy_gettext("自己付"),
    "goods_fen": lazy_gettext("货款"),
    "amount_fen": lazy_gettext("金额"),
    "credit_fen": lazy_gettext("旧机抵价"),
    "paid_fen": lazy_gettext("付给您"),
    "fee_fen": lazy_gettext("维修费"),
    "shop_name": lazy_gettext("店铺"),
    "title": lazy_gettext("抬头"),
    "issued_at": lazy_gettext("开票时间"),
    "order_number": lazy_gettext("编号"),
    "serial_numbers": lazy_gettext("序列号"),
    "taken_at": lazy_gettext("签收时间"),
    "received_at": lazy_gettext("收到时间"),
    "bought_on": lazy_gettext("购买日期"),
    "installed_on": lazy_gettext("安装日期"),
    "units": lazy_gettext("件数"),
    "claimed_at": lazy_gettext("领取时间"),
    "expires_at": lazy_gettext("到期"),
    "pending": lazy_gettext("待到账"),
    "available": lazy_gettext("可用"),
    "debt": lazy_gettext("欠"),
    "points": lazy_gettext("积分"),
    "code": lazy_gettext("编号"),
    "words": lazy_gettext("您写的话"),
    "at": lazy_gettext("时间"),
    "model": lazy_gettext("型号"),
    "holder": lazy_gettext("户名"),
    "bank": lazy_gettext("银行"),
    "tail": lazy_gettext("尾号"),
    "paid_at": lazy_gettext("付款时间"),
    "weight_grams": lazy_gettext("重量（克）"),
    "stars": lazy_gettext("星级"),
    "text": lazy_gettext("您写的话"),
    "serial": lazy_gettext("序列号"),
    "updated_at": lazy_gettext("时间"),
    "changed_at": lazy_gettext("时间"),
    "edited_at": lazy_gettext("时间"),
    "voted_at": lazy_gettext("时间"),
    "happened_at": lazy_gettext("时间"),
    "appealed_at": lazy_gettext("时间"),
    "answer": lazy_gettext("答复"),
    "tried_at": lazy_gettext("时间"),
    "chosen_at": lazy_gettext("时间"),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A holding in words. `name` is its table."""

    name: str
    what: LazyString
    why: LazyString
    how_long: str
    since: LazyString
    at_erasure: str


def explained(holding: Holding) -> Explained:
    """What `holding` is, for everybody to read."""
    what, since = WHAT[holding.name]
    return Explained(
        holding.name, what, WHY[holding.basis], _how_long(holding.days), since, _at_erasure(holding)
    )


def told(found: Mapping[str, list[dict[str, Any]]]) -> list[tuple[Explained, list[list[tuple[str, str]]]]]:
    """Every holding with the person's rows: names and values as she reads them, codes and ids left out."""
    return [(explained(BY_NAME[name]), [list(_pairs(row)) for row in rows]) for name, rows in found.items()]


def _pairs(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _pairs(value)
        elif name in FIELDS and value not in (None, "", []):
            yield str(FIELDS[name]), _told(name, value)


def _told(name: str, value: Any) -> str:
    if name.endswith("_fen"):
        return f"¥{format_yuan(value)}"
    if isinstance(value, datetime):
        return local_time(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(gettext("、").join(map(str, value))) if isinstance(value, list) else str(value)


def _how_long(days: int | None) -> str:
    if days is None:
        return ""
    if days % YEAR == 0:
        return str(gettext("%(years)s 年", years=days // YEAR))
    return str(gettext("%(days)s 天", days=days))


def _at_erasure(holding: Holding) -> str:
    if holding.model is Account:
        return str(gettext("注销时抹去"))
    if not holding.at_erasure:
        return str(gettext("注销后留着"))
    return str(gettext("注销时抹去") if holding.blanks else gettext("注销时删除"))
