"""The points programme in words; every figure comes from the rules themselves."""

from flask_babel import gettext, lazy_gettext

from market.points import rules

KINDS = {
    "points.earned": lazy_gettext("买家电得的"),
    "points.granted": lazy_gettext("旧机回收或赠送"),
    "points.vested": lazy_gettext("到账，可以用了"),
    "points.spent": lazy_gettext("下单用掉"),
    "points.restored": lazy_gettext("订单没成，退回"),
    "points.expired": lazy_gettext("过期"),
    "points.taken_back": lazy_gettext("退款收回"),
    "points.debt_paid": lazy_gettext("补上欠的积分"),
}


def sentences() -> list[str]:
    """The rules in plain words."""
    best, good = (f"{rules.GRADE_MULTIPLIER[grade].normalize():f}" for grade in (1, 2))
    return [
        gettext(
            "自己付的钱，每 %(yuan)s 元得 1 分；1 级能效乘 %(best)s，2 级乘 %(good)s。"
            "补贴、积分、旧家电折价和送货费不算。",
            yuan=rules.FEN_PER_EARNED_POINT // 100,
            best=best,
            good=good,
        ),
        gettext("收货、装好 %(days)s 天后到账。", days=rules.RETURN_WINDOW_DAYS),
        gettext(
            "1 分抵 %(fen)s 分钱，一单最多抵商品价的 %(cap)s%%，至少留 %(least)s 元用钱付。",
            fen=rules.FEN_PER_POINT,
            cap=int(rules.SPEND_CAP * 100),
            least=rules.LEAST_MONEY_FEN // 100,
        ),
        gettext("到账后 %(days)s 天内有效，过期前 %(first)s 天和 %(last)s 天各提醒一次，先到期的先用。",
                days=rules.LIFE_DAYS, first=rules.REMINDER_DAYS[0], last=rules.REMINDER_DAYS[1]),
        gettext("订单没成，用掉的积分按原来的有效期退回；已经过期的就没有了。"),
        gettext("退款时按退的钱收回积分；已经用掉的记为欠的，以后得的先补上。"),
        gettext("写评价不给积分，好评差评都一样。"),
    ]  # fmt: skip
