"""Parameters: Stripe's bracketed form encoding, and small checks that turn text into values.

A check is a function of a value and its name (``line_items[0][quantity]``) that returns the value to use or
raises the error Stripe documents for it.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from market.sandbox.errors import invalid

Check = Callable[[Any, str], Any]
_PATH = re.compile(r"[^\[\]]+|\[\]")


def decode(form: str) -> dict[str, Any]:
    """``a[b]=1&c[0]=2&d[]=3`` as ``{"a": {"b": "1"}, "c": ["2"], "d": ["3"]}``."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        *parents, last = _PATH.findall(name) or [name]
        node = tree
        for part in parents:
            child = node.setdefault(_place(node, part), {})
            if not isinstance(child, dict):
                raise invalid(f"Invalid hash: {name}", param=name)
            node = child
        node[_place(node, last)] = value
    return {name: _listed(value) for name, value in tree.items()}


def _place(node: dict[str, Any], part: str) -> str:
    return str(len(node)) if part == "[]" else part


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(child) for name, child in value.items()}
    if all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def text(longest: int = 5000) -> Check:
    """Non-empty text of at most `longest` characters."""

    def check(value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {name}", param=name)
        if not value:
            raise invalid(f"Empty string for '{name}'.", code="parameter_invalid_empty", param=name)
        if len(value) > longest:
            raise invalid(f"Invalid {name}: at most {longest} characters.", param=name)
        return value

    return check


def integer(least: int = 0, most: int = 2**53) -> Check:
    """A whole number from `least` to `most`."""

    def check(value: Any, name: str) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,16}", value):
            raise invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        if not least <= int(value) <= most:
            message = f"Invalid integer: {name} must be from {least} to {most}."
            raise invalid(message, code="parameter_invalid_integer", param=name)
        return int(value)

    return check


def choice(*names: str) -> Check:
    """One of `names`."""

    def check(value: Any, name: str) -> str:
        if value not in names:
            raise invalid(f"Invalid {name}: must be one of {', '.join(names)}", param=name)
        return str(value)

    return check


def boolean(value: Any, name: str) -> bool:
    return bool(choice("true", "false")(value, name) == "true")


def url(value: Any, name: str) -> str:
    """An absolute address of the web."""
    address = str(text()(value, name))
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise invalid("Not a valid URL", code="url_invalid", param=name)
    return address


def metadata(value: Any, name: str) -> dict[str, str]:
    """Up to 50 pairs, names of up to 40 characters and values of up to 500 (Stripe's limits)."""
    if value == "":
        return {}
    if not isinstance(value, dict) or len(value) > 50:
        raise invalid(f"Invalid hash: {name} takes up to 50 keys.", param=name)
    for key in value:
        text(40)(key, f"{name}[{key}]")
    return {key: text(500)(inner, f"{name}[{key}]") for key, inner in value.items()}


def many(check: Check, most: int = 100) -> Check:
    """A list of at most `most`."""

    def check_all(value: Any, name: str) -> list[Any]:
        if not isinstance(value, list) or len(value) > most:
            raise invalid(f"Invalid array: {name} takes up to {most}.", param=name)
        return [check(inner, f"{name}[{i}]") for i, inner in enumerate(value)]

    return check_all


def record(required: tuple[str, ...] = (), /, **fields: Check) -> Check:
    """Named members. What is not in `fields` is unknown, and Stripe refuses the unknown."""

    def check(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(f"Invalid hash: {name}", param=name)
        for member in required:
            if member not in value:
                full = _inside(name, member)
                raise invalid(f"Missing required param: {full}.", code="parameter_missing", param=full)
        return {
            member: _known(fields, name, member)(inner, _inside(name, member))
            for member, inner in value.items()
        }

    return check


def _inside(name: str, member: str) -> str:
    return f"{name}[{member}]" if name else member


def _known(fields: dict[str, Check], name: str, member: str) -> Check:
    if member not in fields:
        full = _inside(name, member)
        raise invalid(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
    return fields[member]
