"""What somebody may write into a form: mostly sensible, now and then not."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from PIL import Image

NONSENSE = ("", "6", "12.5", "x" * 200, "<b>&'\"%s", "-1", "١٢", "0")
WORDS = ("好", "旧冰箱，门关不严", "抽读 5 处，全为 0", "请再看一次")
# What a control of such a name is about, as people write it.
PLAUSIBLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^points$", ("0", "0", "0", "1")),
    (r"pickup_code", ("", "", "123456")),
    (r"label_codes", ("", "CEL-2026-0001")),
    (r"^(old_)?serials$", ("", "", "", "SN-2026-0001")),
    (r"hazard|advice", ("电源线过热，可能起火", "请马上拔掉插头，不要再用")),
    (r"serial", ("SN-2026-0001", "SN-2026-0002", "SN-2026-0003", "SN26A0100", "")),
    (r"batch$", ("B2026-11",)),
    (r"phone", ("13912345678", "13901010001", "13901060001")),
    (r"weight|grams", ("180", "1200", "9000", "30000", "62000")),
    (r"warranty_months|months", ("3", "6")),
    (r"age", ("0", "1", "2", "5", "9", "12")),
    (r"^number$|account", ("6222020000000000", "6222021111111111")),
    (r"brand", ("青垣", "溪谷", "")),
    (r"fen$|price|yuan|cost|fee|amount|cut", ("1", "12", "60", "150", "320.50")),
    (r"quantity|pieces|places", ("1", "1", "2", "3")),
)
YES_NO = {"works": 0.7, "complete": 0.75}
# What is usually ticked, and what seldom is.
TICKS = {"checks": 0.95, "is_confirmed": 0.95, "cash": 0.95, "not_handed_in": 0.15, "refused": 0.15}

# To the door, where one may pay in cash: what is left at a station is paid online.
USUAL = {"cash", "door"}


@dataclass(slots=True)
class Control:
    """One control of a form: an input's type, or ``select`` or ``textarea``; what may be chosen of it."""

    name: str
    type: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    is_chosen: bool = False


def fill(controls: Sequence[Control], chance: Random, today: date, codes: Sequence[str]) -> dict[str, object]:
    """The form's data; one form in eight is filled in carelessly."""
    careless = chance.random() < 0.12
    ticks = chance.choice((0.1, 0.5, 1.0))
    data: dict[str, object] = {}
    for control in controls:
        if control.type == "checkbox":
            if chance.random() < TICKS.get(control.name, ticks):
                data[control.name] = [*data.get(control.name, []), control.value]  # type: ignore[misc]
        elif control.type in ("radio", "submit"):
            _choose(data, controls, control, chance)
        else:
            value = _value(control, chance, today, codes, careless)
            if value is not None:
                data[control.name] = value
    return data


def _choose(data: dict[str, object], controls: Sequence[Control], control: Control, chance: Random) -> None:
    if control.name in data:
        return
    values = [it.value for it in controls if it.name == control.name and it.type == control.type]
    if control.type == "submit":
        if chance.random() < 0.5:
            data[control.name] = chance.choice(values)
    elif set(values) == {"yes", "no"}:
        yes = YES_NO.get(control.name, 0.12)  # a question after a danger
        data[control.name] = "yes" if chance.random() < yes else "no"
    elif (usual := USUAL & set(values)) and chance.random() < 0.7:
        data[control.name] = min(usual)
    else:
        data[control.name] = chance.choice(values)


def _value(control: Control, chance: Random, today: date, codes: Sequence[str], careless: bool) -> object:
    match control.type:
        case "hidden":
            return control.value
        case "select":
            return _of_options(control, chance)
        case "file":
            return None if careless else (io.BytesIO(_JPEG), "photo.jpg")
        case "date":
            days = chance.choice((-400, -2, 0, 400)) if careless else chance.choice((0, 1, 1, 2, 3, 6, 90))
            return (today + timedelta(days=days)).isoformat()
        case _:
            return chance.choice(NONSENSE) if careless else _typed(control, chance, codes)


def _of_options(control: Control, chance: Random) -> str | None:
    """Mostly what is chosen already: who changes her town is asked for the village again."""
    if control.value and chance.random() < 0.85:
        return control.value
    return chance.choice([it for it in control.options if it] or [""]) if control.options else None


def _typed(control: Control, chance: Random, codes: Sequence[str]) -> str:
    if "code" in control.name and codes and not control.value:
        return codes[-1] if chance.random() < 0.5 else chance.choice(codes)
    if control.value and chance.random() < 0.8:
        return control.value
    if re.search(r"slip|reference|tracking|seal|licence", control.name):
        return f"NO{chance.randrange(10**9):09d}"
    if re.search(r"^serial_number", control.name) and chance.random() < 0.7:
        return f"SN{chance.randrange(10**9):09d}"
    for name, values in PLAUSIBLE:
        if re.search(name, control.name):
            return chance.choice(values)
    if control.type == "number" or control.value.isdigit():
        return str(chance.choice((1, 1, 2, 3, 12)))
    return chance.choice(WORDS)


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (20, 90, 60)).save(out, "JPEG")
    return out.getvalue()


_JPEG = _jpeg()
