"""The page on which one pays. A plain form: it works on any phone, without JavaScript."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request

from market.sandbox import checkout
from market.sandbox.cards import GENERIC, TEST_CARD, WALLET, Decline, decline_of
from market.sandbox.store import Store, Thing
from market.sandbox.texts import TEXT

bp = Blueprint(
    "hosted", __name__, static_folder="static", static_url_path="/c/static", template_folder="templates"
)


@bp.get("/c/pay/<id_>")
def show(id_: str) -> Any:
    with _store().transaction() as store:
        session = _session(store, id_)
    return _page(session)


@bp.post("/c/pay/<id_>")
def pay(id_: str) -> Any:
    method = request.form.get("method", "")
    with _store().transaction() as store:
        session = _session(store, id_)
        if session["status"] != "open" or method not in session["payment_method_types"]:
            return _page(session)
        decline = _decline(method)
        checkout.pay(store, session, method, decline, request.form.get("number") or TEST_CARD)
    return _page(session, decline)


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _session(store: Store, id_: str) -> Thing:
    session = store.get("checkout.session", id_)
    if session is None:
        abort(404)
    if session["status"] == "open" and session["expires_at"] <= store.now():
        checkout.end(store, session)
    return session


def _decline(method: str) -> Decline | None:
    if request.form.get("outcome") == "decline":
        return GENERIC if method == "card" else WALLET
    return decline_of(request.form.get("number", "")) if method == "card" else None


def _page(session: Thing, decline: Decline | None = None) -> Any:
    if session["status"] == "complete":
        return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), 303)
    language = _language(session)
    text = TEXT[language]
    page = render_template(
        "pay.html",
        session=session,
        language=language,
        text=text,
        sentence=decline and _sentence(text, decline),
        chosen=request.form.get("method") or session["payment_method_types"][0],
        number=request.form.get("number", "4242 4242 4242 4242"),
    )
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'self'", "Cache-Control": "no-store"}
    return Response(page, 402 if decline else 200, headers=headers)


def _sentence(text: dict[str, str], decline: Decline) -> str:
    return text.get(decline.decline_code or decline.code, text["generic_decline"])


def _language(session: Thing) -> str:
    asked = request.args.get("lang") or session["locale"] or "auto"
    if asked == "auto":
        return request.accept_languages.best_match(list(TEXT)) or "zh"
    return "en" if asked.startswith("en") else "zh"
