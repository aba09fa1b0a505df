"""Pages as a person has them before her: links to follow, and forms to fill in as somebody might."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from html.parser import HTMLParser
from random import Random
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

from tests.builders.answers import Control, fill

# A parser in Python is slow: it is shown the forms only.
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')
# What the codes look like that a door asks for.
_CODES = {
    "/custody": re.compile("Q-"),
    "/keeper": re.compile("P-"),
    "/county/cash": re.compile(r"\d{6,}$"),
    "/courier": re.compile(r"\d{6}$"),
    "/station": re.compile(r"\d{6}$|[HRT]-"),
}
_ANY = re.compile("")
_KNOWS = 0.9


@dataclass(slots=True)
class Form:
    """A form of a page; a button that has a name is one of its controls."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)

    def filled(
        self,
        chance: Random,
        today: date,
        codes: Sequence[str] = (),
        known: Mapping[str, object] = MappingProxyType({}),
    ) -> dict[str, object]:
        """What somebody may send: mostly sensible, now and then not. `codes` are those she has seen, the last
        one last, and `known` is what she reads on the paper before her, by the field that it belongs into."""
        looks = next((looks for door, looks in _CODES.items() if self.action.startswith(door)), _ANY)
        data = fill(self.controls, chance, today, [code for code in codes if looks.match(code)])
        if chance.random() < _KNOWS:
            data |= {it.name: known[it.name] for it in self.controls if it.name in known}
        return data


@dataclass(slots=True)
class Seen:
    """What a page offers."""

    links: list[str]
    forms: list[Form]


def read(page: str, url: str) -> Seen:
    """The page's own links and forms; what leads to another host is left out."""
    reader = _Reader(url)
    for form in _FORM.findall(page):
        if "<button" in form or "</select>" in form:  # else there is nothing to press
            reader.feed(form)
    found = (urljoin(url, unescape(link).partition("#")[0]) for link in _LINK.findall(page))
    links = list(dict.fromkeys(link for link in found if _is_ours(link)))
    return Seen(links, [form for form in reader.forms if _is_ours(form.action)])


def _is_ours(url: str) -> bool:
    return not urlsplit(url).netloc and url.startswith("/")


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._url, self._form, self._select = url, None, None
        self._form: Form | None
        self._select: Control | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(urljoin(self._url, known.get("action", "")), known.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "select", "textarea", "button"):
            self._control(tag, known)
        elif tag == "option" and self._select is not None:
            self._select.options.append(known.get("value", ""))
            if "selected" in known:
                self._select.value = known.get("value", "")

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
