"""The sentence for every notice, by its kind. Sorted; `%(number)s` names a value of the notice.

A value named ``fen`` or ending in ``_fen`` is there as yuan too (``fen_yuan``), and `until` as a local time.
"""

from datetime import date, datetime

from flask_babel import LazyString, lazy_gettext

from market.kernel.money import format_yuan
from market.notices.models import Notice
from market.web.label_text import zone_reason
from market.web.text import local_time

SENTENCES: dict[str, LazyString] = {
    # labels, certificates and the green zone
    "catalog.certificate_rejected": lazy_gettext("证书 %(number)s 没有通过核实：%(reason)s"),
    "catalog.certificate_suspended": lazy_gettext("证书 %(number)s 已被暂停：%(reason)s"),
    "catalog.certificate_withdrawn": lazy_gettext("证书 %(number)s 已被撤销：%(reason)s"),
    "catalog.label_rejected": lazy_gettext("标识 %(record)s 没有通过核实：%(reason)s"),
    "catalog.zone_left": lazy_gettext("“%(product)s”离开了绿色专区：%(zone_reason)s"),
    # orders and payments
    "order.confirmed": lazy_gettext("%(shop)s 已接单，正在备货。订单 %(number)s"),
    "order.refused": lazy_gettext("%(shop)s 的货已按您的意思带回，付过的都会退回。订单 %(number)s"),
    "order.declined": lazy_gettext("%(shop)s 送不了这一单：%(reason)s。付过的都会退回。订单 %(number)s"),
    "order.delivered": lazy_gettext("%(shop)s 的货已送达，用得怎样，欢迎评价。订单 %(number)s"),
    "order.lapsed": lazy_gettext("订单 %(number)s 过时未付款，已自动取消，没有扣钱"),
    "order.paid": lazy_gettext("已收到 ¥%(fen_yuan)s，店铺开始备货。订单 %(number)s"),
    "payment.refunded": lazy_gettext("¥%(fen_yuan)s 已原路退回。订单 %(number)s"),
    "payment.refunded_in_cash": lazy_gettext("¥%(fen_yuan)s 已在共配中心退现金给您。订单 %(number)s"),
    # points
    "points.lapsing": lazy_gettext("您有 %(points)s 积分到 %(until)s 就过期，早点用"),
    # recycling
    "recycling.assessment_late": lazy_gettext("%(code)s 验机晚了，我们已经催促，对不住"),
    "recycling.auto_return": lazy_gettext("%(code)s 的新报价没等到您答复，东西免费寄回给您"),
    "recycling.going_home": lazy_gettext("%(code)s 正寄回给您，运单号 %(tracking_number)s"),
    "recycling.hazard": lazy_gettext("%(code)s 电池有危险，已单独存放，我们会打电话给您"),
    "recycling.label_expired": lazy_gettext("%(code)s 的寄件单已过期，想寄的话请重新估价"),
    "recycling.locked": lazy_gettext("%(code)s 还锁着，请在 %(until)s 以前退出账号"),
    "recycling.lost": lazy_gettext("%(code)s 一直没有收到，我们正在向快递查找"),
    "recycling.paid": lazy_gettext("%(code)s 已收下，%(points)s 积分已到账"),
    "recycling.quote_expired": lazy_gettext("%(code)s 的估价已过期，想卖可以重新估"),
    "recycling.received": lazy_gettext("%(code)s 已收到，称得 %(grams)s 克，%(until)s 以前验完"),
    "recycling.remind": lazy_gettext("%(code)s 还没有寄出，寄件单快到期了"),
    "recycling.reoffer": lazy_gettext(
        "%(code)s 的新报价是 ¥%(offer_fen_yuan)s，原估 ¥%(quote_fen_yuan)s。"
        "%(until)s 以前请您决定，不答复就免费寄回"
    ),
    "savings.safe_life_over": lazy_gettext(
        "您的“%(name)s”过了安全年限 %(years)s 年，容易出事。请留心，最好换新的"
    ),
    "trade_in.decided_county_bears": lazy_gettext("%(code)s 县里定了：旧家电收下，差价不用您补。%(note)s"),
    "trade_in.decided_give_back": lazy_gettext("%(code)s 县里定了：旧家电还给您，折价请退回。%(note)s"),
    "trade_in.decided_recycler_bears": lazy_gettext("%(code)s 县里定了：按原来的折价收下。%(note)s"),
    "trade_in.due_given_back": lazy_gettext("%(code)s 旧家电要还给您，请退回折价 ¥%(fen_yuan)s"),
    "trade_in.due_lower_worth": lazy_gettext("%(code)s 旧家电折价少了，请补 ¥%(fen_yuan)s"),
    "trade_in.due_not_handed_in": lazy_gettext(
        "%(code)s 旧家电没有交，请退回折价 ¥%(fen_yuan)s，或下一趟交给送货员"
    ),
    "trade_in.due_paid": lazy_gettext("%(code)s 已收到您补的 ¥%(fen_yuan)s"),
    "trade_in.reoffer": lazy_gettext(
        "%(code)s 旧家电和说的不一样，新折价 ¥%(offer_fen_yuan)s，原来 ¥%(credit_fen_yuan)s。"
        "%(until)s 以前请您决定，不答复不算同意"
    ),
    "trade_in.topped_up": lazy_gettext("%(code)s 旧家电的折价改给您 %(points)s 积分，已到账"),
    "trade_in.wiped": lazy_gettext("%(code)s 里的资料已彻底擦除，有凭证可查"),
    "trade_in.unanswered": lazy_gettext("%(code)s 没等到您答复，旧家电替您存着，县里会联系您"),
    "recycling.wiped": lazy_gettext("%(code)s 里的资料已彻底擦除，有凭证可查"),
}


def sentence(notice: Notice) -> str:
    """What `notice` says, in the reader's language."""
    values = dict(notice.params)
    for name, value in notice.params.items():
        if name.endswith("fen"):
            values[f"{name}_yuan"] = format_yuan(value)
    if notice.kind == "catalog.zone_left":
        ended_on = values["ended_on"]
        values["zone_reason"] = zone_reason(
            values["reason"], date.fromisoformat(ended_on) if ended_on else None
        )
    if values.get("until"):
        values["until"] = local_time(datetime.fromisoformat(values["until"]))
    return str(SENTENCES[notice.kind]) % values
