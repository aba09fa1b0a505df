"""Names and phone numbers of people who do not exist. Pure."""

from random import Random

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗汪邓唐程"
_GIVEN = (
    "秀英", "桂兰", "玉珍", "国强", "建军", "德明", "春梅", "正华", "永福", "小芳",
    "志刚", "大勇", "凤霞", "家宝", "光明", "翠莲", "长贵", "守义", "雪梅", "立新",
)  # fmt: skip
ROLES = {"consumer": 1, "shop": 2, "courier": 3, "operator": 4, "recycler": 5, "station": 6, "auditor": 7}


def person(rng: Random) -> str:
    """A made-up name of ordinary parts."""
    return rng.choice(_SURNAMES) + rng.choice(_GIVEN)


def phone(county_digit: int, role: str, number: int) -> str:
    """A number of valid shape that shows what it is: 139, county, role, and the `number`-th of its kind."""
    return f"139{county_digit:02d}{ROLES[role]:02d}{number:04d}"
