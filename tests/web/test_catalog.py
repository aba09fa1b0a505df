"""The English catalog is complete: every sentence of the code and the pages, with the same placeholders."""

import re
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "market/translations"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def said() -> frozenset[str]:
    """Every sentence in the code and in the templates."""
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    return frozenset(message for _file, _line, message, _comments, _context in found)


@cache
def english() -> Catalog:
    with (TRANSLATIONS / "en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_the_catalog_holds_every_sentence_and_no_other() -> None:
    held = {message.id for message in english() if message.id}
    assert said() - held == set()
    assert held - said() == set()


def test_every_sentence_has_its_english() -> None:
    assert [message.id for message in english() if message.id and not message.string] == []
    assert [message.id for message in english() if message.id and message.fuzzy] == []
    assert [message.id for message in english() if message.id and CHINESE.search(message.string)] == []


def test_english_names_the_same_values() -> None:
    for message in english():
        if message.id:
            assert sorted(PLACEHOLDER.findall(message.string)) == sorted(PLACEHOLDER.findall(message.id)), (
                message.id
            )


SPOKEN = re.compile(r"""\{#.*?#\}|\b_\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.DOTALL)
FULL_WIDTH = re.compile(r"[\u3001\u3002\u4e00-\u9fff\uff08\uff09\uff0c\uff1a]")


def test_no_page_speaks_chinese_past_the_catalog() -> None:
    escaped = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        rest = SPOKEN.sub("", path.read_text(encoding="utf-8")).replace(">中文</button>", "")
        if found := FULL_WIDTH.findall(rest):
            escaped[path.name] = found
    assert escaped == {}
