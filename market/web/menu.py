"""The menu of a desk with many pages: groups, and the pages of the group that one is in."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import LazyString

Pages = tuple[tuple[str, LazyString], ...]
Groups = tuple[tuple[LazyString, Pages], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a page. `current` is what aria-current says: page, true (something below it) or empty."""

    label: LazyString
    url: str
    current: str


@dataclass(frozen=True, slots=True)
class Menu:
    """The groups, each leading to its first page, and the pages of the group one is in."""

    groups: list[Link]
    pages: list[Link]


def menu(groups: Groups, path: str) -> Menu:
    """What leads on from `path`."""
    here = max((url for url in _urls(groups) if _is_below(path, url)), key=len, default="")
    shown = next((pages for _label, pages in groups if here in map(_url, pages)), groups[0][1])
    return Menu(
        [Link(label, _url(pages[0]), "true" if pages is shown else "") for label, pages in groups],
        [Link(page[1], _url(page), _current(path, here, _url(page))) for page in shown],
    )


def _urls(groups: Groups) -> Iterator[str]:
    for _label, pages in groups:
        yield from map(_url, pages)


def _url(page: tuple[str, LazyString]) -> str:
    return url_for(page[0])


def _is_below(path: str, url: str) -> bool:
    return path == url or path.startswith(url.rstrip("/") + "/")


def _current(path: str, here: str, url: str) -> str:
    if url != here:
        return ""
    return "page" if path == url else "true"
