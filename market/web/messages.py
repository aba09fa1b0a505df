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
    "checkout.points": lazy_gettext("这一单最多可用 %(most)s 积分"),
    "checkout.price_changed": lazy_gettext("价格有变动，现在应付 %(payable_yuan)s 元，请看清后再下单"),
    "checkout.station": lazy_gettext("请选一个本县的村服务站"),
    "checkout.station_consent": lazy_gettext("放到服务站要您同意，请勾选"),
    # credit
    "credit.already_reviewed": lazy_gettext("这件商品您已经评价过了"),
    "credit.stars": lazy_gettext("请选 1 到 5 颗星"),
    "credit.text_too_long": lazy_gettext("最多写 %(most)s 个字"),
    # inventory
    "inventory.short": lazy_gettext("库存不够，现在只剩 %(left)s 件，请改数量"),
    # delivery
    "delivery.cash": lazy_gettext("这一站应收现金 %(due_yuan)s 元，请收齐后再提交"),
    "delivery.checklist": lazy_gettext("请把安装检查逐项做完并勾选"),
    "delivery.no_courier": lazy_gettext("车辆 %(plate)s 还没有安排司机"),
    "delivery.not_underway": lazy_gettext("请先点“出发”，再登记这一站"),
    "delivery.reason_missing": lazy_gettext("请选没送成的原因"),
    "delivery.recipient": lazy_gettext("请写下收货人的名字"),
    "delivery.station_consent": lazy_gettext("收货人没有同意放到服务站"),
    # kernel
    "once.key_missing": lazy_gettext("页面已过期，请刷新后再提交一次"),
    "once.key_reused": lazy_gettext("这张表单已经提交过，请回到上一页重新打开"),
    "state.illegal_move": lazy_gettext("现在不能这样操作，请刷新页面后再看"),
    # orders, payments, points, subsidies
    "order.reason_missing": lazy_gettext("请写明原因，买家会看到"),
    "order.too_late_to_cancel": lazy_gettext("店家已经接单，不能直接取消，请打电话给店家"),
    "payment.not_due": lazy_gettext("这张订单现在不需要在线付款"),
    "points.short": lazy_gettext("积分不够，现在有 %(left)s 分可用"),
    "refund.too_much": lazy_gettext("最多还能退 %(left_yuan)s 元"),
    "subsidy.pot_empty": lazy_gettext("补贴资金刚刚用完，请看清新价格后再下单"),
    "subsidy.quota_used": lazy_gettext("您这一类的补贴名额已经用过，请看清新价格后再下单"),
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
}


def sentence(refused: Refused) -> str:
    """What to tell the person, in their language."""
    values = dict(refused.values)
    for name, value in refused.values.items():
        if name.endswith("_fen") and isinstance(value, int):
            values[name.removesuffix("_fen") + "_yuan"] = format_yuan(value)
    return str(REFUSALS[refused.code]) % values
