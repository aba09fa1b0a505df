"""The sentence for every refusal a room can give. Sorted by room; `%(left)s` names a value of the refusal.

A value whose name ends in ``_fen`` is there a second time as yuan: `most_fen` gives `%(most_yuan)s`.
"""

from flask_babel import LazyString, lazy_gettext

from market.kernel.errors import Refused
from market.kernel.money import format_yuan

REFUSALS: dict[str, LazyString] = {
    # kernel
    "once.key_missing": lazy_gettext("页面已过期，请刷新后再提交一次"),
    "once.key_reused": lazy_gettext("这张表单已经提交过，请回到上一页重新打开"),
    "state.illegal_move": lazy_gettext("现在不能这样操作，请刷新页面后再看"),
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
