"""The sentence for every notice, by its kind. Sorted; `%(number)s` names a value of the notice.

A value named ``fen`` or ending in ``_fen`` is there as yuan too (``fen_yuan``), and `until` as a local time.
"""

from datetime import date, datetime

from flask_babel import LazyString, lazy_gettext

from market.credit.review_models import MaskReason
from market.kernel.money import format_yuan
from market.notices.models import Notice
from market.recalls.states import DutyKind
from market.web import shop_text
from market.web.credit_text import MASK_REASONS
from market.web.label_text import zone_reason
from market.web.recall_text import DUTIES
from market.web.text import local_day, local_time

SENTENCES: dict[str, LazyString] = {
    # labels, certificates and the green zone
    "catalog.certificate_rejected": lazy_gettext("证书 %(number)s 没有通过核实：%(reason)s"),
    "catalog.certificate_suspended": lazy_gettext("证书 %(number)s 已被暂停：%(reason)s"),
    "catalog.certificate_withdrawn": lazy_gettext("证书 %(number)s 已被撤销：%(reason)s"),
    "catalog.edit_accepted": lazy_gettext("“%(product)s”的改动县里已核实，现在起生效"),
    "catalog.edit_rejected": lazy_gettext("“%(product)s”的改动没有通过核实：%(reason)s"),
    "catalog.label_rejected": lazy_gettext("标识 %(record)s 没有通过核实：%(reason)s"),
    "catalog.made_to_order_approved": lazy_gettext("“%(title)s”核定为定作，从现在起买的不能无理由退"),
    "catalog.made_to_order_rejected": lazy_gettext("“%(title)s”不算定作：%(reason)s。买家照样有七天"),
    "catalog.zone_left": lazy_gettext("“%(product)s”离开了绿色专区：%(zone_reason)s"),
    # collection points, the register and oversight
    "collection.differs": lazy_gettext("从“%(point)s”拉走的，回收企业过秤对不上，请查明"),
    "collection.lapsed": lazy_gettext("%(code)s 在“%(point)s”留的位置过期了，要送请重新约"),
    "collection.nearly_full": lazy_gettext("“%(point)s”超过八成满，已安排车来拉"),
    "collection.no_recycler": lazy_gettext("“%(point)s”要拉走的东西现在没有持证企业收，先留在点上"),
    "collection.point_closed": lazy_gettext("“%(point)s”关了，%(code)s 请送到别的收集点，可以重新约"),
    "oversight.case_late": lazy_gettext("投诉举报 %(number)s 过期没办"),
    "oversight.drawn": lazy_gettext("您被抽中去检查“%(recycler)s”"),
    "oversight.not_rectified": lazy_gettext("县里看过，还没改好，请再改"),
    "oversight.overdue": lazy_gettext("“%(recycler)s”有检查问题过期没改"),
    "oversight.published": lazy_gettext("检查结果已公布，有 %(findings)s 个问题要改"),
    "register.lapsed": lazy_gettext("“%(name)s”的许可证到期了，没收到的单子已转走，换证后再接"),
    "register.suspended": lazy_gettext("“%(name)s”被县里暂停接单：%(reason)s"),
    # shops
    "shops.factor_reset": lazy_gettext(
        "县里撤掉了您在“%(shop)s”的二次验证，请重新开通。原因：%(reason)s。不是您要求的，请马上打电话"
    ),
    "shops.invited": lazy_gettext("“%(shop)s”请您到店里做事，请向店主要邀请码"),
    "shops.paper_expired": lazy_gettext("“%(shop)s”的%(paper_name)s过期了，请交新的"),
    "shops.paper_rejected": lazy_gettext("“%(shop)s”的%(paper_name)s没有通过：%(reason)s"),
    # stock
    "inventory.low": lazy_gettext("“%(product)s”只剩 %(pieces)s 件可卖，该补货了"),
    # orders and payments
    "orders.assist_code": lazy_gettext(
        "店员要在柜台替您下单，验证码 %(code)s，10 分钟内有效。不是您要买的，别告诉任何人"
    ),
    "orders.assisted": lazy_gettext(
        "%(shop)s 的店员替您下了单，送到付 ¥%(fen_yuan)s。不对可以取消。订单 %(number)s"
    ),
    "orders.assisted_pay": lazy_gettext(
        "%(shop)s 的店员替您下了单，请在 30 分钟内付 ¥%(fen_yuan)s。点这里付款。订单 %(number)s"
    ),
    "order.at_station": lazy_gettext(
        "%(shop)s 的货已放在%(station)s（电话 %(phone)s），请在 %(until)s 以前去取，取货码 %(code)s。"
        "订单 %(number)s"
    ),
    "order.still_at_station": lazy_gettext(
        "您的货还在%(station)s（电话 %(phone)s）等您，请在 %(until)s 以前去取，取货码 %(code)s。"
        "订单 %(number)s"
    ),
    "order.confirmed": lazy_gettext("%(shop)s 已接单，正在备货。订单 %(number)s"),
    "order.recalled": lazy_gettext(
        "%(shop)s 的这件货在召回，已停下，付过的都会退回。想换一台，请看订单 %(number)s"
    ),
    "order.refused": lazy_gettext("%(shop)s 的货已按您的意思带回，付过的都会退回。订单 %(number)s"),
    "order.declined": lazy_gettext("%(shop)s 送不了这一单：%(reason)s。付过的都会退回。订单 %(number)s"),
    "order.delivered": lazy_gettext("%(shop)s 的货已送达，用得怎样，欢迎评价。订单 %(number)s"),
    "order.lapsed": lazy_gettext("订单 %(number)s 过时未付款，已自动取消，没有扣钱"),
    "order.paid": lazy_gettext("已收到 ¥%(fen_yuan)s，店铺开始备货。订单 %(number)s"),
    "payment.refunded": lazy_gettext("¥%(fen_yuan)s 已原路退回。订单 %(number)s"),
    "payment.refunded_in_cash": lazy_gettext("¥%(fen_yuan)s 已在共配中心退现金给您。订单 %(number)s"),
    # fairs
    "fair.canceled": lazy_gettext("“%(title)s”取消了：%(reason)s。留的货已放回店里的库存"),
    # groups
    "group.canceled": lazy_gettext("“%(title)s”的拼单取消了：%(reason)s。定金 ¥%(fen_yuan)s 原路退给您"),
    "group.confirmed": lazy_gettext("“%(title)s”拼成了，开始做。说好 %(local_day)s 以前到货，到货再付尾款"),
    "group.deposit_back": lazy_gettext("“%(title)s”的定金 ¥%(fen_yuan)s 已原路退回，几天内到账"),
    "group.forfeited": lazy_gettext("“%(title)s”过了付尾款的时间，照您同意的规则，定金 ¥%(fen_yuan)s 不退"),
    "group.joined": lazy_gettext("您加入了“%(title)s”的拼单，定金 ¥%(fen_yuan)s 已收到"),
    "group.late": lazy_gettext("“%(title)s”没有按说好的日子到货，拼单取消，定金 ¥%(fen_yuan)s 原路退给您"),
    "group.missed": lazy_gettext("“%(title)s”的人数没够，没有拼成，定金 ¥%(fen_yuan)s 原路退给您"),
    "group.penalty": lazy_gettext(
        "“%(title)s”店里没有交货，另赔您 ¥%(fen_yuan)s（民法典 587 条），请到共配中心领现金，单号 %(number)s"
    ),
    "group.ready": lazy_gettext("“%(title)s”做好到店了，请在 %(local_day)s 以前付尾款，定金抵货款"),
    "group.remind": lazy_gettext("“%(title)s”的尾款请在 %(local_day)s 以前付，过时定金 ¥%(fen_yuan)s 不退"),
    "group.to_be_made": lazy_gettext("“%(title)s”拼成了，共 %(pieces)s 件，请在 %(local_day)s 前做好到店"),
    # points
    "points.lapsing": lazy_gettext("您有 %(points)s 积分到 %(until)s 就过期，早点用"),
    # recalls
    "recall.buyer": lazy_gettext("您买的“%(title)s”正在召回：%(hazard)s。%(advice)s。点这里选怎么办"),
    "recall.cart": lazy_gettext("“%(title)s”正在召回，已从您的购物车拿走"),
    "recall.duty_late": lazy_gettext("召回 %(code)s 有报告过了法定期限：%(duty_words)s"),
    "recall.shop": lazy_gettext("“%(title)s”正在召回，已停售。%(until)s 以前请查货架。召回 %(code)s"),
    # reviews and ratings
    "credit.appeal_late": lazy_gettext("有信用申诉过期没答复，请到“申诉”处理"),
    "credit.appeal_rejected": lazy_gettext("您的信用申诉没有成立：%(answer)s"),
    "credit.fraud_charged": lazy_gettext("县里说有欺诈的嫌疑，请看理由，10 天内答复"),
    "credit.fraud_cleared": lazy_gettext("县里认定的欺诈已经撤销，信用不再受它影响"),
    "credit.fraud_dropped": lazy_gettext("县里查过了，没有认定欺诈"),
    "credit.fraud_found": lazy_gettext("县里认定了欺诈，评级降到 D；不同意可以申诉"),
    "credit.appeal_upheld": lazy_gettext("您的信用申诉成立，那条记录已作废：%(answer)s"),
    "review.answered": lazy_gettext("店铺回复了您的评价"),
    "review.masked": lazy_gettext("您的评价里有文字被县里遮住：%(mask_reason)s。星数照算"),
    "review.unmasked": lazy_gettext("您的评价文字又看得到了"),
    "review.weighed": lazy_gettext("您的评价计分时按 %(percent)s%% 算，原因在评价页上"),
    # recycling
    "recycling.assessment_late": lazy_gettext("%(code)s 验机晚了，我们已经催促，对不住"),
    "recycling.auto_return": lazy_gettext("%(code)s 的新报价没等到您答复，东西免费寄回给您"),
    "recycling.ended_destroyed": lazy_gettext("%(code)s 的存储部件已毁掉，整机交有资质的企业拆解"),
    "recycling.ended_dismantled": lazy_gettext("%(code)s 已交有资质的企业拆解，去向可以查"),
    "recycling.ended_resold": lazy_gettext("%(code)s 检修后标“旧货”卖出，继续有人用，去向可以查"),
    "recycling.going_home": lazy_gettext("%(code)s 正寄回给您，运单号 %(tracking_number)s"),
    "recycling.hazard": lazy_gettext("%(code)s 电池有危险，已单独存放，我们会打电话给您"),
    "recycling.label_expired": lazy_gettext("%(code)s 的寄件单已过期，想寄的话请重新估价"),
    "recycling.locked": lazy_gettext("%(code)s 还锁着，请在 %(until)s 以前退出账号"),
    "recycling.lost": lazy_gettext("%(code)s 一直没有收到，我们正在向快递查找"),
    "recycling.compensated": lazy_gettext("%(code)s 寄丢了，照估价赔您 ¥%(fen_yuan)s"),
    "recycling.paid_yuan": lazy_gettext("%(code)s 的 ¥%(fen_yuan)s 已转到您的银行卡"),
    "recycling.payout_late": lazy_gettext("%(code)s 的钱晚了，我们正在催，对不住"),
    "recycling.picked_up": lazy_gettext("%(code)s 送货员已经取走"),
    "recycling.pickup_failed": lazy_gettext("%(code)s 这趟没取成，下一趟再来，不用您再约"),
    "recycling.pickup_scheduled": lazy_gettext("%(code)s 送货员 %(local_day)s 来取，请备好"),
    "recycling.pickup_tomorrow": lazy_gettext("%(code)s 快递 %(local_day)s 上门来取，请备好"),
    "recycling.return_late": lazy_gettext("%(code)s 还没寄回给您，我们已经催促，对不住"),
    "recycling.return_refused": lazy_gettext("%(code)s 没人收，退回了回收企业，替您存着，请说说怎么办"),
    "recycling.paid": lazy_gettext("%(code)s 已收下，%(points)s 积分已到账"),
    "recycling.quote_expired": lazy_gettext("%(code)s 的估价已过期，想卖可以重新估"),
    "recycling.received": lazy_gettext("%(code)s 已收到，称得 %(grams)s 克，%(until)s 以前验完"),
    "recycling.remind": lazy_gettext("%(code)s 还没有寄出，寄件单快到期了"),
    "recycling.reoffer": lazy_gettext(
        "%(code)s 的新报价是 ¥%(offer_fen_yuan)s，原估 ¥%(quote_fen_yuan)s。"
        "%(until)s 以前请您决定，不答复就免费寄回"
    ),
    # returns and repairs
    "repair.at_station": lazy_gettext("%(code)s 已到维修站，正在检查"),
    "repair.collected": lazy_gettext("%(code)s 已取走，送往维修站，三包从现在停表"),
    "repair.going_home": lazy_gettext("%(code)s 要送回给您了，送到时付 ¥%(fen_yuan)s"),
    "repair.home": lazy_gettext("%(code)s 已送回给您，三包接着算"),
    "repair.quoted": lazy_gettext(
        "%(code)s 不在免费修的范围，修要 ¥%(fen_yuan)s。%(until)s 以前请您决定，不答复就原样送回，不收钱"
    ),
    "repair.repairing": lazy_gettext("%(code)s 开始修了"),
    "repair.replaced": lazy_gettext("%(code)s 不修了，给您换一台"),
    "repair.waiting_parts": lazy_gettext("%(code)s 在等配件，最晚 %(until)s"),
    "repair.withdrawn": lazy_gettext("%(code)s 的报修已撤回"),
    "return.approved": lazy_gettext("%(code)s 同意了，请把东西和配件收拾好"),
    "return.closed": lazy_gettext("%(code)s 没有办，已结束。%(note)s"),
    "return.collected": lazy_gettext("%(code)s 已取走，正送往店铺"),
    "return.disputed": lazy_gettext("%(code)s 交给县里处理，有结果会告诉您"),
    "return.exchanged": lazy_gettext("%(code)s 换的货已送到，三包重新算"),
    "return.exchanging": lazy_gettext("%(code)s 验好了，换的货会给您送来"),
    "return.going_home": lazy_gettext("%(code)s 不能退换，货会送回给您。%(note)s"),
    "return.home": lazy_gettext("%(code)s 的货已送回给您"),
    "return.late": lazy_gettext("%(code)s 过了七天还没办好，县里已看到，正在催"),
    "return.received": lazy_gettext("%(code)s 店铺收到 %(pieces)s 件，%(until)s 以前要办好"),
    "return.refunded": lazy_gettext("%(code)s 的退款 ¥%(fen_yuan)s 已批准"),
    "return.refused": lazy_gettext("%(code)s 店铺没有同意：%(note)s。%(until)s 以前可以请县里来评"),
    "return.settling": lazy_gettext("%(code)s 的退款 ¥%(fen_yuan)s 等县里批准"),
    "return.withdrawn": lazy_gettext("%(code)s 已撤回，货留在您家"),
    "recycling.rerouted": lazy_gettext("%(code)s 改由“%(recycler)s”来收，价格不变，您不用做什么"),
    "recycling.waits_for_recycler": lazy_gettext(
        "%(code)s 原来的回收企业不能收了，正在找别家。还没寄的请先别寄"
    ),
    "savings.safe_life_over": lazy_gettext(
        "您的“%(name)s”过了安全年限 %(years)s 年，容易出事。请留心，最好换新的"
    ),
    "trade_in.decided_county_bears": lazy_gettext("%(code)s 县里定了：旧家电收下，差价不用您补。%(note)s"),
    "trade_in.decided_give_back": lazy_gettext("%(code)s 县里定了：旧家电还给您，折价请退回。%(note)s"),
    "trade_in.decided_recycler_bears": lazy_gettext("%(code)s 县里定了：按原来的折价收下。%(note)s"),
    "settlement.statement": lazy_gettext("对账单 %(number)s 出来了，¥%(fen_yuan)s 请在 %(local_day)s 前转账"),
    "trade_in.due_given_back": lazy_gettext("%(code)s 旧家电要还给您，请退回折价 ¥%(fen_yuan)s"),
    "trade_in.due_lower_worth": lazy_gettext("%(code)s 旧家电折价少了，请补 ¥%(fen_yuan)s"),
    "trade_in.due_not_handed_in": lazy_gettext(
        "%(code)s 旧家电没有交，请退回折价 ¥%(fen_yuan)s，或下一趟交给送货员"
    ),
    "trade_in.due_paid": lazy_gettext("%(code)s 已收到您补的 ¥%(fen_yuan)s"),
    "trade_in.ended_destroyed": lazy_gettext("%(code)s 的存储部件已毁掉，整机交有资质的企业拆解"),
    "trade_in.ended_dismantled": lazy_gettext("%(code)s 已交有资质的企业拆解，去向可以查"),
    "trade_in.ended_resold": lazy_gettext("%(code)s 检修后标“旧货”卖出，继续有人用，去向可以查"),
    "trade_in.reoffer": lazy_gettext(
        "%(code)s 旧家电和说的不一样，新折价 ¥%(offer_fen_yuan)s，原来 ¥%(credit_fen_yuan)s。"
        "%(until)s 以前请您决定，不答复不算同意"
    ),
    "trade_in.rerouted": lazy_gettext("%(code)s 改由“%(recycler)s”接手，折价不变"),
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
    if notice.kind == "recall.duty_late":
        values["duty_words"] = DUTIES[DutyKind(values["duty"])]
    if notice.kind == "review.masked":
        values["mask_reason"] = MASK_REASONS[MaskReason(values["reason"])]
    if notice.kind.startswith("shops.paper"):
        values["paper_name"] = shop_text.paper(values["paper"])
    if values.get("day"):
        values["local_day"] = local_day(date.fromisoformat(values["day"]))
    if values.get("until"):
        values["until"] = local_time(datetime.fromisoformat(values["until"]))
    return str(SENTENCES[notice.kind]) % values
