"""Templates are compiled once for each language, with its sentences and our fixed addresses already in them.

A page says some thirty sentences and as many addresses that are the same on every request. To look each of
them up while a page is drawn takes longer than all the rest of the drawing.
"""

from collections.abc import Hashable, MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask, request, url_for
from flask.templating import Environment
from flask_babel import gettext
from jinja2 import BaseLoader, PrefixLoader, Template, nodes
from jinja2.runtime import Macro
from jinja2.visitor import NodeTransformer

from market.web.language import LANGUAGES, spoken

_MOST_ADDRESSES = 16_384
_MOST_DRAWN = 8_192  # of about a kilobyte


class Compiled(Environment):
    """A template environment that keeps one compiled template for each language."""

    def __init__(self, app: Flask, **options: Any) -> None:
        loader: BaseLoader = app.create_global_jinja_loader()
        by_language = PrefixLoader(dict.fromkeys(LANGUAGES, loader), delimiter=":")
        super().__init__(app, loader=by_language, **options)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Template:
        """The template in the language of this request."""
        if isinstance(name, Template):
            return name
        return super().get_template(f"{spoken()}:{name}", parent, globals)

    def make_globals(
        self,
        d: MutableMapping[str, Any] | None,  # Jinja's own name
    ) -> MutableMapping[str, Any]:
        """The environment's as they stand: of a chain, each import would go through all names one by one."""
        return {**self.globals, **(d or {})}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        found: nodes.Template = _Fixed(addresses=not self.auto_reload).visit(parsed)
        return found


class _Fixed(NodeTransformer):
    """Puts in what is known already: sentences in the language of this request, and addresses."""

    def __init__(self, *, addresses: bool) -> None:
        self._addresses = addresses

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        match node:
            case nodes.Call(
                node=nodes.Name(name="_"), args=[nodes.Const(value=str(text))], dyn_args=None, dyn_kwargs=None
            ):
                return _sentence(text, node.kwargs).set_lineno(node.lineno)
            case nodes.Call(
                node=nodes.Name(name="url_for"),
                args=[nodes.Const(value=str(endpoint))],
                dyn_args=None,
                dyn_kwargs=None,
            ) if self._addresses and not endpoint.startswith("."):
                values = {it.key: it.value.value for it in node.kwargs if isinstance(it.value, nodes.Const)}
                if len(values) == len(node.kwargs):
                    return nodes.Const(url_for(endpoint, **values)).set_lineno(node.lineno)
        return node


def _sentence(text: str, values: list[nodes.Keyword]) -> nodes.Expr:
    """What `_(text, …)` gives: safe where the template escapes, and always a format, as Jinja has it."""
    said = str(gettext(text))
    if not values:
        return nodes.MarkSafeIfAutoescape(nodes.Const(said % {}))
    pairs = [nodes.Pair(nodes.Const(it.key), it.value) for it in values]
    return nodes.Mod(nodes.MarkSafeIfAutoescape(nodes.Const(said)), nodes.Dict(pairs))


def address(endpoint: str, **values: Any) -> str:
    """`url_for` for templates: an address of ours follows from its name and values alone."""
    if endpoint.startswith(".") or "_external" in values or request.script_root:
        return url_for(endpoint, **values)
    try:
        return _built(endpoint, tuple((name, value, type(value)) for name, value in values.items()))
    except TypeError:  # a list among the values
        return url_for(endpoint, **values)


@lru_cache(maxsize=_MOST_ADDRESSES)
def _built(endpoint: str, values: tuple[tuple[str, Any, type], ...]) -> str:
    return url_for(endpoint, **{name: value for name, value, _ in values})


def _draw(macro: Macro, *values: Hashable) -> str:
    """What `macro` draws of `values`, kept as ``drawn``: for a macro that looks at nothing else.

    It is to be imported without context. Each language has macros of its own, as it has templates of its own.
    """
    return macro(*values)


def register(app: Flask) -> None:
    """Compile the templates of `app` so; the first of all, since others add to its environment."""
    app.jinja_environment = Compiled  # type: ignore[assignment]
    app.jinja_env.globals["drawn"] = lru_cache(maxsize=_MOST_DRAWN)(_draw)  # it goes with the application
    if not app.debug:
        app.jinja_env.globals["url_for"] = address
