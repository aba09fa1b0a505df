"""Pages as a person has them before her: links to follow, and forms to fill in as somebody might."""

import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from random import Random
from urllib.parse import urljoin, urlsplit

from PIL import Image

TEXTS = ("好", "旧冰箱，门关不严", "SN-2026-0001", "13912345678", "6", "12.5", "", "x" * 200, "<b>&'\"%s")


@dataclass(slots=True)
class Control:
    """One control of a form: an input's type, or ``select`` or ``textarea``; what may be chosen of it."""

    name: str
    type: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    is_chosen: bool = False


@dataclass(slots=True)
class Form:
    """A form of a page; a button that has a name is one of its controls."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)

    def filled(self, chance: Random, today: date) -> dict[str, object]:
        """What somebody may send: mostly sensible, now and then not."""
        data: dict[str, object] = {}
        for control in self.controls:
            value = _value(control, chance, today)
            if value is None:
                continue
            if control.type == "checkbox":
                data[control.name] = [*data.get(control.name, []), value]  # type: ignore[misc]
            elif control.type not in ("radio", "submit") or control.name not in data or chance.random() < 0.5:
                data[control.name] = value
        return data


@dataclass(slots=True)
class Seen:
    """What a page offers."""

    links: list[str]
    forms: list[Form]


def read(page: str, url: str) -> Seen:
    """The page's own links and forms; what leads to another host is left out."""
    reader = _Reader(url)
    reader.feed(page)
    return Seen(
        [link for link in reader.links if _is_ours(link)], [f for f in reader.forms if _is_ours(f.action)]
    )


def _is_ours(url: str) -> bool:
    return not urlsplit(url).netloc and url.startswith("/")


def _value(control: Control, chance: Random, today: date) -> object:
    match control.type:
        case "hidden":
            return control.value
        case "checkbox":
            return control.value if chance.random() < 0.5 else None
        case "radio" | "submit":
            return control.value
        case "select":
            return chance.choice(control.options) if control.options else None
        case "file":
            return (io.BytesIO(_JPEG), "photo.jpg") if chance.random() < 0.7 else None
        case "date":
            return (today + timedelta(days=chance.randint(-2, 9))).isoformat()
        case "number":
            return str(chance.choice((0, 1, 1, 2, 3, 5, 12, 500, 60000)))
        case _:
            return control.value if control.value and chance.random() < 0.6 else _typed(control, chance)


def _typed(control: Control, chance: Random) -> str:
    if control.value.isdigit() or "fen" in control.name or "grams" in control.name or "years" in control.name:
        return str(chance.choice((1, 2, 3, 12, 150, 60000)))
    return chance.choice(TEXTS)


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (20, 90, 60)).save(out, "JPEG")
    return out.getvalue()


_JPEG = _jpeg()


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._url, self._form, self._select = url, None, None
        self._form: Form | None
        self._select: Control | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "a" and known.get("href"):
            self.links.append(urljoin(self._url, known["href"].partition("#")[0]))
        elif tag == "form":
            self._form = Form(urljoin(self._url, known.get("action", "")), known.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "select", "textarea", "button"):
            self._control(tag, known)
        elif tag == "option" and self._select is not None:
            self._select.options.append(known.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _control(self, tag: str, known: dict[str, str]) -> None:
        if self._form is None or not known.get("name") or "disabled" in known:
            return
        kind = {"input": known.get("type", "text"), "button": "submit"}.get(tag, tag)
        given = "on" if kind == "checkbox" else ""
        control = Control(known["name"], kind, known.get("value", given), [], "checked" in known)
        self._form.controls.append(control)
        if tag == "select":
            self._select = control
