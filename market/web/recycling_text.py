"""Words for recycling, for the consumer's door and the recycler's."""

from collections.abc import Sequence

from flask_babel import LazyString, gettext, lazy_gettext

from market.recycling.models import Decision, DueReason, WipeMethod
from market.recycling.parcel_models import ScanKind
from market.recycling.rules import AGE, ORDER_OFF, Deduction, PriceTable
from market.recycling.states import RecyclingState as S
from market.recycling.states import TradeInState
from market.recycling.turns import Who
from market.recycling.ways import Hazard, Way
from market.web.text import local_name

STATES: dict[S, LazyString] = {
    S.draft: lazy_gettext("还没填完"),
    S.quoted: lazy_gettext("已估价"),
    S.label_issued: lazy_gettext("寄件单已开"),
    S.awaiting_pickup: lazy_gettext("等上门取"),
    S.in_transit: lazy_gettext("在路上"),
    S.received: lazy_gettext("回收企业已收到"),
    S.inspecting: lazy_gettext("正在验机"),
    S.locked_device: lazy_gettext("账号或密码锁没解除"),
    S.reoffer: lazy_gettext("有新报价，等您决定"),
    S.offer_accepted: lazy_gettext("价格已定"),
    S.payout_pending: lazy_gettext("正在付款"),
    S.paid: lazy_gettext("已到账"),
    S.wiped: lazy_gettext("资料已彻底擦除"),
    S.graded: lazy_gettext("已定级"),
    S.resold: lazy_gettext("已作为旧货再利用"),
    S.dismantled: lazy_gettext("已交有资质的企业拆解"),
    S.rejected: lazy_gettext("不卖了，等寄回"),
    S.auto_return: lazy_gettext("没等到答复，等寄回"),
    S.return_shipping: lazy_gettext("正寄回给您"),
    S.returned: lazy_gettext("已回到家"),
    S.return_refused: lazy_gettext("没人收，退回了回收企业"),
    S.lost_in_transit: lazy_gettext("快递查找中"),
    S.compensated: lazy_gettext("寄丢了，已照估价赔"),
    S.hazard_hold: lazy_gettext("有危险，已单独存放"),
    S.expired: lazy_gettext("已过期"),
    S.cancelled: lazy_gettext("已取消"),
}
AT_RECYCLER: dict[S, LazyString] = STATES | {
    S.received: lazy_gettext("已收到，待验机"),
    S.locked_device: lazy_gettext("有锁，等客户解除"),
    S.reoffer: lazy_gettext("已报新价，等客户决定"),
    S.payout_pending: lazy_gettext("正在付钱给客户"),
    S.paid: lazy_gettext("客户已收款"),
    S.rejected: lazy_gettext("客户不卖，待寄回"),
    S.auto_return: lazy_gettext("客户没答复，待寄回"),
    S.return_shipping: lazy_gettext("已寄回"),
    S.return_refused: lazy_gettext("没人收，又回来了"),
    S.returned: lazy_gettext("客户已收到"),
}
TRADE_IN_STATES: dict[TradeInState, LazyString] = {
    TradeInState.awaiting_pickup: lazy_gettext("等送货时收走"),
    TradeInState.collected: lazy_gettext("已收走，等过秤"),
    TradeInState.confirmed: lazy_gettext("已过秤收下"),
    TradeInState.wiped: lazy_gettext("资料已彻底擦除"),
    TradeInState.graded: lazy_gettext("已定级"),
    TradeInState.resold: lazy_gettext("已作为旧货再利用"),
    TradeInState.dismantled: lazy_gettext("已交有资质的企业拆解"),
    TradeInState.not_handed_in: lazy_gettext("没有交出来"),
    TradeInState.kept: lazy_gettext("折价已退，旧的留给您"),
    TradeInState.reoffer: lazy_gettext("和说的不一样，等您决定"),
    TradeInState.disputed: lazy_gettext("有异议，县里在处理"),
    TradeInState.unanswered: lazy_gettext("没等到答复，替您存着"),
    TradeInState.going_home: lazy_gettext("要还给您"),
    TradeInState.returned: lazy_gettext("已还给您"),
    TradeInState.cancelled: lazy_gettext("已取消"),
}
TRADE_INS_AT_WORK: dict[TradeInState, LazyString] = TRADE_IN_STATES | {
    TradeInState.kept: lazy_gettext("折价已退，旧的留给客户"),
    TradeInState.reoffer: lazy_gettext("和说的不一样，等客户决定"),
    TradeInState.unanswered: lazy_gettext("没等到答复，替客户存着"),
    TradeInState.going_home: lazy_gettext("要还给客户"),
    TradeInState.returned: lazy_gettext("已还给客户"),
}
DUE_REASONS: dict[DueReason, LazyString] = {
    DueReason.lower_worth: lazy_gettext("旧家电比说的差，折价少了"),
    DueReason.given_back: lazy_gettext("旧家电还给您，折价要退"),
    DueReason.not_handed_in: lazy_gettext("旧家电没有交，折价要退"),
}
DECISIONS: dict[Decision, LazyString] = {
    Decision.county_bears: lazy_gettext("收下，差价由县里承担"),
    Decision.recycler_bears: lazy_gettext("收下，回收企业按原折价结算"),
    Decision.give_back: lazy_gettext("还给客户，客户退折价"),
}
WIPE_METHODS: dict[WipeMethod, LazyString] = {
    WipeMethod.overwrite: lazy_gettext("数据覆写"),
    WipeMethod.block_erase: lazy_gettext("块擦除"),
    WipeMethod.shredded: lazy_gettext("存储部件粉碎"),
    WipeMethod.drilled: lazy_gettext("存储芯片钻穿"),
}
WAYS: dict[Way, LazyString] = {
    Way.post: lazy_gettext("寄快递"),
    Way.courier: lazy_gettext("送货员上门取"),
    Way.carry: lazy_gettext("自己送到点上"),
}
# Why it does not go by post, and what to do with it instead.
DANGERS: dict[Hazard, LazyString] = {
    Hazard.swollen_or_leaking: lazy_gettext(
        "鼓包、漏液的电池会起火，不能邮寄，送货车也不能带。别充电、别挤压，放在阴凉的地方，"
        "自己送到回收企业的院子，那里有防火箱。"
    ),
    Hazard.e_bike_battery: lazy_gettext("电动车电池不能邮寄，送货车也不能带。请自己送到回收企业的院子。"),
    Hazard.power_bank: lazy_gettext(
        "充电宝不能邮寄。请自己送到村服务站或回收企业。把它拿出来的话，机器就可以寄：回上一页重新答。"
    ),
    Hazard.loose_battery: lazy_gettext(
        "散装电池不能邮寄。两头用胶带贴好，自己送到村服务站或回收企业。装回机器里、盖好后盖，就可以寄。"
    ),
    Hazard.refrigerant: lazy_gettext("制冷剂不要自己放掉，管子也不要拆。送货员上门，整台立着拉走。"),
    Hazard.gas_residue: lazy_gettext("先关好燃气阀门。懂燃气的送货员上门拆、上门取，自己不要动。"),
}
SCANS: dict[ScanKind, LazyString] = {
    ScanKind.picked_up: lazy_gettext("快递已收件"),
    ScanKind.at_depot: lazy_gettext("到了转运中心"),
    ScanKind.departed: lazy_gettext("离开转运中心"),
    ScanKind.out_for_delivery: lazy_gettext("正在派送"),
    ScanKind.delivered: lazy_gettext("已送到回收企业"),
    ScanKind.lost: lazy_gettext("快递说找不到了"),
}
WHO: dict[Who, LazyString] = {
    Who.consumer: lazy_gettext("客户"),
    Who.carrier: lazy_gettext("快递公司"),
    Who.courier: lazy_gettext("送货员"),
    Who.recycler: lazy_gettext("回收企业"),
    Who.county: lazy_gettext("县里"),
    Who.market: lazy_gettext("平台"),
}
UNHAPPY = frozenset(
    {
        S.return_refused,
        S.compensated,
        S.lost_in_transit,
        S.hazard_hold,
        S.expired,
        S.cancelled,
        S.locked_device,
    }
)
WAITS_FOR_CONSUMER = frozenset({S.draft, S.quoted, S.label_issued, S.reoffer, S.locked_device})


def dangers(hazards: Sequence[str]) -> list[str]:
    """What to do with a thing that has these dangers."""
    return [str(DANGERS[Hazard(code)]) for code in hazards]


def pill_kind(state: S) -> str:
    """The look of a state's pill: what waits for the consumer stands out."""
    if state in UNHAPPY:
        return "bad"
    return "wait" if state in WAITS_FOR_CONSUMER else ""


def trade_in_pill(state: TradeInState) -> str:
    """The look of a trade-in's pill."""
    return "wait" if state in (TradeInState.reoffer, TradeInState.not_handed_in) else ""


def reason(table: PriceTable, code: str, age_years: int) -> str:
    """What a deduction or a difference is about."""
    if code == ORDER_OFF:
        return str(gettext("新买的没有收下，原来的折价不算了"))
    if code == AGE:
        return str(gettext("用了 %(years)s 年", years=age_years))
    return str(local_name(next(fault for fault in table.faults if fault.code == code)))


def deductions(table: PriceTable, taken: tuple[Deduction, ...], age_years: int) -> list[tuple[str, int]]:
    """Deductions as (reason, fen below zero)."""
    return [(reason(table, deduction.code, age_years), -deduction.fen) for deduction in taken]
