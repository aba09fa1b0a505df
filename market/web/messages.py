"""The sentence for every refusal a room can give. Sorted by room; `%(left)s` names a value of the refusal.

A value whose name ends in ``_fen`` is there a second time as yuan: `most_fen` gives `%(most_yuan)s`.
"""

from flask_babel import LazyString, lazy_gettext

from market.kernel.errors import Refused
from market.kernel.money import format_yuan

REFUSALS: dict[str, LazyString] = {
    # cart and checkout
    "cart.empty": lazy_gettext("购物车是空的，请先选商品"),
    "cart.gone": lazy_gettext("“%(title)s”已经不卖了，请从购物车里拿掉"),
    "cart.not_for_sale": lazy_gettext("这件商品现在不卖了"),
    "cart.other_county": lazy_gettext("购物车里有商品不送到这个县，请换一个地址"),
    "cart.quantity": lazy_gettext("数量要在 0 到 %(most)s 之间"),
    "checkout.choices_changed": lazy_gettext(
        "您的选择和刚才那一页不一样了，可能在别的窗口改过，或重新登录过。下面是现在的，请看清后再下单"
    ),
    "checkout.points": lazy_gettext("这一单最多可用 %(most)s 积分"),
    "checkout.price_changed": lazy_gettext("价格有变动，现在应付 %(payable_yuan)s 元，请看清后再下单"),
    "checkout.station": lazy_gettext("请选一个本县的村服务站"),
    "checkout.station_consent": lazy_gettext("放到服务站要您同意，请勾选"),
    # catalog
    "catalog.already_listed": lazy_gettext("您已经上架过这个品牌和型号，请到那条商品里改"),
    "catalog.below_worst_grade": lazy_gettext("按标识上的数值，最低一级也达不到，不能卖，请核对数值"),
    "catalog.certificate_expired": lazy_gettext("证书已过期，请换新证书"),
    "catalog.certificate_number": lazy_gettext("证书编号有 4 到 60 个字，请照证书再抄一遍"),
    "catalog.certificate_taken": lazy_gettext("这张证书已经登记过，请核对"),
    "catalog.grade_not_reached": lazy_gettext("按标识上的数值是 %(resolved)s 级，请核对等级"),
    "catalog.grade_outside": lazy_gettext("这个标准只有 1 到 %(grades)s 级，请照标识再看一遍"),
    "catalog.gtin_taken": lazy_gettext("这个条码已经登记在别的型号上，请核对"),
    "catalog.label_expires_first": lazy_gettext("有效期要在备案日期之后"),
    "catalog.label_issued_later": lazy_gettext("备案日期不能在今天之后"),
    "catalog.not_recalled": lazy_gettext("这款产品没有在召回，请刷新页面后再看"),
    "catalog.other_category": lazy_gettext("这个品牌和型号已经登记在别的品类，请核对"),
    "catalog.price_above_list": lazy_gettext("售价不能高过备案价"),
    "catalog.price_not_positive": lazy_gettext("售价要大于 0"),
    "catalog.produced_later": lazy_gettext("生产日期不能在今天之后"),
    "catalog.raised_before_discount": lazy_gettext(
        "备案价 7 天内涨过，不能拿来打折比较。要打折，备案价最多填 %(lowest_yuan)s 元"
    ),
    "catalog.reason_missing": lazy_gettext("请写明原因，店家会看到"),
    "catalog.recalled_already": lazy_gettext("这款产品已经在召回"),
    "catalog.record_shape": lazy_gettext("备案号是“8 位日期-6 位数字-17 位数字”，请照标识再抄一遍"),
    "catalog.record_taken": lazy_gettext("这个备案号已经登记过，请核对"),
    "catalog.scan_missing": lazy_gettext("没有标识照片，不能核实，请退回给店铺补拍"),
    "catalog.shared_product": lazy_gettext(
        "别的店也在卖这个型号，名称和尺寸要由县里改，请打电话给县服务中心"
    ),
    "catalog.standard_other_category": lazy_gettext("这个标准不管这类商品，请照标识选"),
    "catalog.standard_other_kind": lazy_gettext("这个标准不管这种标识，请照标识选"),
    "catalog.standard_replaced": lazy_gettext("%(day)s 起生产的要用新标准的标识，请照标识选"),
    "catalog.variant_other_size": lazy_gettext("额定制冷量不在这一档，请核对类型和数值"),
    "catalog.variant_unknown": lazy_gettext("这个标准没有这种类型，请重选"),
    # credit
    "credit.already_reviewed": lazy_gettext("这件商品您已经评价过了"),
    "credit.stars": lazy_gettext("请选 1 到 5 颗星"),
    "credit.text_too_long": lazy_gettext("最多写 %(most)s 个字"),
    # invoices
    "invoice.tax_number": lazy_gettext("税务发票号码是 8 到 20 位数字"),
    "invoice.tax_number_taken": lazy_gettext("这个号码已经记在别的发票上，请核对"),
    "invoice.too_much": lazy_gettext("这张发票最多还能冲 %(left_yuan)s 元"),
    # inventory
    "inventory.no_change": lazy_gettext("没有变化就不用更正"),
    "inventory.promised": lazy_gettext("有货已经答应给买家，最多只能减 %(left)s 件"),
    "inventory.quantity": lazy_gettext("件数要在 1 到 %(most)s 之间"),
    "inventory.reason_missing": lazy_gettext("请写明原因，以后查得到"),
    "inventory.serial_known": lazy_gettext("序列号 %(serial)s 已经登记过"),
    "inventory.serial_sold": lazy_gettext("序列号 %(serial)s 已经卖出"),
    "inventory.serial_unknown": lazy_gettext("库里没有序列号 %(serial)s，请照机身再抄一遍，或先入库"),
    "inventory.short": lazy_gettext("库存不够，现在只剩 %(left)s 件，请改数量"),
    # delivery
    "delivery.cash": lazy_gettext("这一站应收现金 %(due_yuan)s 元，请收齐后再提交"),
    "delivery.checklist": lazy_gettext("请把安装检查逐项做完并勾选"),
    "delivery.no_courier": lazy_gettext("车辆 %(plate)s 还没有安排司机"),
    "delivery.not_underway": lazy_gettext("请先点“出发”，再登记这一站"),
    "delivery.reason_missing": lazy_gettext("请选没送成的原因"),
    "delivery.recipient": lazy_gettext("请写下收货人的名字"),
    "delivery.station_consent": lazy_gettext("收货人没有同意放到服务站"),
    "delivery.all_refused": lazy_gettext("全部拒收的，请用下面的“没送成”，选“收货人拒收”"),
    "delivery.cash_limit": lazy_gettext("身上现金会超过 %(limit_yuan)s 元，请先回中心交现金"),
    "recycling.dispute": lazy_gettext("请写清哪里不对，300 个字以内"),
    "recycling.decision_note": lazy_gettext("请写明理由，客户会看到"),
    # savings
    "savings.category": lazy_gettext("请选一种家电"),
    "savings.dates": lazy_gettext("装好的日子不会比买的早"),
    "savings.declared_life": lazy_gettext("安全年限请填 1 到 40 年"),
    "savings.future": lazy_gettext("日期不能在今天之后"),
    "savings.name": lazy_gettext("名字请写 1 到 60 个字"),
    # cash
    "cash.amount": lazy_gettext("请照存款单填存入的金额"),
    "cash.code": lazy_gettext("交款码不对，请照送货员手机上的六位数再填一次"),
    "cash.code_spent": lazy_gettext("这个交款码已失效，请送货员重新出一个"),
    "cash.counted": lazy_gettext("请填点出来的现金金额"),
    "cash.no_hand_ins": lazy_gettext("请勾选存进银行的交款"),
    "cash.not_to_bank": lazy_gettext("有一笔已经存过或还没收，请刷新页面后再看"),
    "cash.note_missing": lazy_gettext("请写明差额的原因，以后查得到"),
    "cash.nothing_held": lazy_gettext("您身上没有要交的现金"),
    "cash.slip_number": lazy_gettext("存款单号有 4 到 40 个字，请照单子再抄一遍"),
    "cash.slip_taken": lazy_gettext("这张存款单已经登记过，请核对"),
    # kernel
    "once.key_missing": lazy_gettext("页面已过期，请刷新后再提交一次"),
    "once.key_reused": lazy_gettext("这张表单已经提交过，请回到上一页重新打开"),
    "state.illegal_move": lazy_gettext("现在不能这样操作，请刷新页面后再看"),
    "photo.unreadable": lazy_gettext("这张照片打不开，请重拍一张"),
    # couriers' phones
    "sync.not_found": lazy_gettext("这一站不在您的单子上了，请问县里"),
    "sync.shape": lazy_gettext("这一条记录不完整，请重新登记"),
    "sync.stop_over": lazy_gettext("这一站已经在别处登记过，以先到的为准"),
    "sync.too_late": lazy_gettext("已经过了 10 分钟，不能再改，请打电话给县里"),
    # orders, payments, points, subsidies
    "lottery.closes": lazy_gettext("截止日要在今天或以后"),
    "lottery.not_by_lot": lazy_gettext("这个办法不是摇号的"),
    "lottery.over": lazy_gettext("登记已经截止"),
    "order.reason_missing": lazy_gettext("请写明原因，买家会看到"),
    "order.too_late_to_cancel": lazy_gettext("店家已经接单，不能直接取消，请打电话给店家"),
    "payment.not_due": lazy_gettext("这张订单现在不需要在线付款"),
    "points.debt": lazy_gettext("退款后还欠 %(debt)s 积分，补上以前不能用积分"),
    "points.short": lazy_gettext("积分不够，现在有 %(left)s 分可用"),
    "programme.amount": lazy_gettext("金额要大于 0，不超过十亿元"),
    "programme.no_coupons": lazy_gettext("这个办法没有规定怎样领资格，请先写新的一版"),
    "programme.not_published": lazy_gettext("草稿还没发布，不能拨钱"),
    "programme.own_draft": lazy_gettext("自己起草的，要由另一位同事发布"),
    "programme.period": lazy_gettext("最后一天要在第一天之后"),
    "programme.places": lazy_gettext("已经领出去的比这个多，不能再减"),
    "programme.published": lazy_gettext("这一版已经发布，不能再改，请写新的一版"),
    "programme.unreadable": lazy_gettext("这里写得不对，请看“%(where)s”"),
    "refund.bearer_missing": lazy_gettext("请选这笔补偿由谁承担"),
    "refund.cut": lazy_gettext("降价要大于 0，退的钱不能多过买家付的 %(left_yuan)s 元"),
    "refund.delivery_twice": lazy_gettext("这一单的运费已经退过"),
    "refund.not_delivered": lazy_gettext("还没送达的货，请用“退回这一单”"),
    "refund.nothing": lazy_gettext("请选退什么：退回的货，或降价，或补偿"),
    "refund.own_request": lazy_gettext("自己申请的退款，要由另一位同事批准"),
    "refund.pieces": lazy_gettext("这件货还能退 %(left)s 件"),
    "refund.reason_missing": lazy_gettext("请写明原因，买家会看到"),
    "refund.recipient": lazy_gettext("请写领款人的名字"),
    "refund.too_much": lazy_gettext("最多还能退 %(left_yuan)s 元"),
    "subsidy.chances_used": lazy_gettext("这一类的 %(chances)s 次领取机会已用完"),
    "subsidy.consent": lazy_gettext("核验实名要您同意，请勾选"),
    "subsidy.coupon_missing": lazy_gettext("补贴资格已用掉或过期，请重新领取，再看新价格下单"),
    "subsidy.coupons_gone": lazy_gettext("这一类的名额已经领完，有人退回或县里加了名额才能再领"),
    "subsidy.id_checksum": lazy_gettext("身份证号码对不上，请照证件再看一遍"),
    "subsidy.id_implausible": lazy_gettext("身份证号码里的地区或生日不对，请照证件再看一遍"),
    "subsidy.id_old": lazy_gettext("15 位的旧身份证已经停用，请填 18 位的号码"),
    "subsidy.id_shape": lazy_gettext("身份证号码是 18 位，最后一位可以是 X"),
    "subsidy.id_taken": lazy_gettext("这个身份证号码已在另一个账户核验过，一个人只能用一个账户"),
    "subsidy.id_too_young": lazy_gettext("未满 14 岁不能自己办，请家长来办"),
    "subsidy.lottery_only": lazy_gettext("这项补贴要先登记，再摇号"),
    "subsidy.name_differs": lazy_gettext("名字要和账户里的一样；账户里的不对，请先去改"),
    "subsidy.name_first": lazy_gettext("请先核验实名"),
    "subsidy.no_coupons": lazy_gettext("这项补贴不用领资格，直接下单就有"),
    "subsidy.pot_empty": lazy_gettext("补贴资金刚刚用完，请看清新价格后再下单"),
    "subsidy.quota_used": lazy_gettext("您这一类的补贴名额已经用过，请看清新价格后再下单"),
    "subsidy.appeal_open": lazy_gettext("店家还可以申诉，过了期限才能结案"),
    "subsidy.appealed_enough": lazy_gettext("已经申诉过 %(most)s 次，不能再申诉"),
    "subsidy.blocked": lazy_gettext("这一条会直接挡住补贴，店家申诉以后才能解除"),
    "subsidy.evidence_text": lazy_gettext("请写 4 到 300 个字，写清楚内容和原件在哪里"),
    "subsidy.flags_stand": lazy_gettext("还有没解除的疑点，不能通过"),
    "subsidy.gtin": lazy_gettext("商品条码是 13 位数字，最后一位是校验码，请照包装再抄一遍"),
    "subsidy.label_record": lazy_gettext("这不是这个型号的能效标识，请照机身上的标识再抄一遍"),
    "subsidy.not_audited": lazy_gettext("审计员还没有看过"),
    "subsidy.not_missing": lazy_gettext("这一项现在不用补"),
    "subsidy.own_decision": lazy_gettext("这一份您已经经手过，要由另一个人来决定"),
    "subsidy.reason_missing": lazy_gettext("请写明理由，以后查得到"),
    "subsidy.serial_claimed": lazy_gettext(
        "要 %(units)s 台的序列号；有号码已经领过补贴，或写得不全，请照机身再抄一遍"
    ),
    "treasury.file": lazy_gettext("读不懂这个文件，请用财政给的结果表（CSV，第一行是列名）"),
    "webhook.signature": lazy_gettext("签名不对"),
    # people
    "people.password_easy": lazy_gettext("这个密码太容易被猜到，请换一个"),
    "people.password_long": lazy_gettext("密码太长了，请改短一些"),
    "people.password_short": lazy_gettext("密码太短，请多写几个字符"),
    "people.phone_shape": lazy_gettext("请填 11 位手机号码，例如 13800138000"),
    "people.phone_taken": lazy_gettext("这个手机号已经注册过，请直接登录"),
    "people.region_mismatch": lazy_gettext("请重新选择县、乡镇和村，它们要互相对应"),
    "people.suspended": lazy_gettext("这个账户已停用，请联系县服务中心"),
    "people.wrong_password": lazy_gettext("密码不对，请再试一次"),
    "people.wrong_sign_in": lazy_gettext("手机号或密码不对，请检查后再试"),
    # recycling
    "recycling.age": lazy_gettext("请填 0 到 50 年"),
    "recycling.answer_late": lazy_gettext("答复的时间已过，东西会免费寄回"),
    "recycling.battery_loose": lazy_gettext("散装电池不能邮寄，电池要装在机器里"),
    "recycling.battery_swollen": lazy_gettext("鼓包、漏液的电池会起火，不能邮寄"),
    "recycling.category_not_taken": lazy_gettext("这一类现在还不收，请换一类或打电话问县服务中心"),
    "recycling.faults": lazy_gettext("请从列出的情况里选"),
    "recycling.manifest": lazy_gettext("请填转移联单号"),
    "recycling.no_recycler": lazy_gettext("县里现在没有能收这一类的持证企业，请过几天再来"),
    "recycling.not_wiped": lazy_gettext("资料还没擦除，先开擦除凭证"),
    "recycling.photo_needed": lazy_gettext("与客户说的不一样，请拍照为证"),
    "recycling.pickup_day": lazy_gettext("请选明天起七天以内的一天"),
    "recycling.power_bank": lazy_gettext("充电宝不能邮寄"),
    "recycling.quote_expired": lazy_gettext("估价已过期，请重新估价"),
    "recycling.scrap": lazy_gettext("报废的机器只能拆解，不能再卖"),
    "recycling.seal": lazy_gettext("请填封条号"),
    "recycling.serial": lazy_gettext("请填序列号"),
    "recycling.tracking": lazy_gettext("请填快递单号"),
    "recycling.verification": lazy_gettext("请写怎么核验的"),
    "recycling.weight": lazy_gettext("请填称得的克数"),
    # settlements
    "settlement.account_number": lazy_gettext("账号是 8 到 30 位数字，请照存折再抄一遍"),
    "settlement.bank": lazy_gettext("请写开户行"),
    "settlement.bank_reference": lazy_gettext("请填银行回单号"),
    "settlement.holder": lazy_gettext("请写户名"),
    "settlement.own_approval": lazy_gettext("要由另一个人来批准"),
    "settlement.week": lazy_gettext("这一周还没过完，过完才能结算"),
    # shops
    "shops.licence_shape": lazy_gettext("执照上的统一社会信用代码是 18 位，请照执照再抄一遍"),
    "shops.licence_taken": lazy_gettext("这张执照已经开过店"),
    "shops.reason_missing": lazy_gettext("请写明原因，店家会看到"),
    "shops.works_elsewhere": lazy_gettext("这个人已经在别的店里，一个人只能在一家店"),
}


def sentence(refused: Refused) -> str:
    """What to tell the person, in their language."""
    values = dict(refused.values)
    for name, value in refused.values.items():
        if name.endswith("_fen") and isinstance(value, int):
            values[name.removesuffix("_fen") + "_yuan"] = format_yuan(value)
    return str(REFUSALS[refused.code]) % values
