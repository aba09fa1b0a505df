"""The API under /v1: who asks, what they may say, and the answer with Stripe's headers."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from market.sandbox import checkout, errors, events, faults, listing, params, payments, refunds
from market.sandbox.idempotency import Answer, InFlight, execute, execute_once, fingerprint
from market.sandbox.store import Store, Thing, new_id, public

bp = Blueprint("api", __name__)

# kind: its address, and what its list can be narrowed by
LISTS = {
    "checkout.session": ("/v1/checkout/sessions", ("payment_intent", "status")),
    "payment_intent": ("/v1/payment_intents", ()),
    "charge": ("/v1/charges", ("payment_intent",)),
    "refund": ("/v1/refunds", ("charge", "payment_intent")),
    "event": ("/v1/events", ("type",)),
}
# address: the parameters it takes, and the use case `(store, wanted[, id_])`
POSTS: dict[str, tuple[params.Check, Callable[..., Thing]]] = {
    "/v1/checkout/sessions/<id_>/expire": (checkout.EXPIRE, checkout.expire),
    "/v1/payment_intents": (payments.CREATE, payments.create),
    "/v1/payment_intents/<id_>/confirm": (payments.CONFIRM, payments.confirm),
    "/v1/payment_intents/<id_>/cancel": (payments.CANCEL, payments.cancel),
    "/v1/refunds": (refunds.CREATE, refunds.create),
}
_EXPAND_ONLY = params.record(expand=listing.EXPAND)


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _line() -> str:
    return f"{request.method} {request.path}"


def _authenticate() -> None:
    """The key comes as a bearer token, or as the user name of basic authentication."""
    sent = request.authorization
    key = (sent.token if sent.type == "bearer" else sent.username) if sent else None
    if key != current_app.config["API_KEY"]:
        raise errors.unauthorized(key or "")


@bp.before_request
def _begin() -> None:
    g.request_id = new_id("req")
    events.cause.set({"id": g.request_id, "idempotency_key": request.headers.get("Idempotency-Key")})
    _authenticate()
    with _store().transaction() as store:
        limited = faults.take(store, "rate_limit", _line()) is not None
    if limited:
        raise errors.rate_limited()


@bp.errorhandler(errors.StripeError)
def _refuse(error: errors.StripeError) -> Response:
    return _respond(Answer(error.status, json.dumps(error.body), g.request_id))


def _respond(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, mimetype="application/json")
    response.headers["Request-Id"] = g.request_id
    response.headers["Stripe-Version"] = events.API_VERSION
    key = request.headers.get("Idempotency-Key")
    if key and request.method == "POST":
        response.headers["Idempotency-Key"] = key
        response.headers["Original-Request"] = answer.request_id
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _post(check: params.Check, use_case: Callable[..., Thing], **ids: str) -> Response:
    wanted = params.decode(request.get_data(as_text=True))
    key = request.headers.get("Idempotency-Key")
    if key and len(key) > 255:
        raise errors.invalid("An idempotency key has at most 255 characters.")

    def endpoint(store: Store) -> Thing:
        valid = check(wanted, "")
        if faults.take(store, "error_500", _line()) is not None:
            raise errors.internal()
        return listing.expand(store, use_case(store, valid, **ids), valid.get("expand", []))

    with _in_flight().hold(key) if key else nullcontext():
        _wait_if_slow()
        with _store().transaction() as store:
            answer = (
                execute_once(store, key, fingerprint(request.path, wanted), g.request_id, endpoint)
                if key
                else execute(store, g.request_id, endpoint)
            )
    return _lost_in_time() or _respond(answer)


def _get(check: params.Check, read: Callable[..., Thing], **ids: str) -> Response:
    wanted = check(params.decode(request.query_string.decode()), "")

    def endpoint(store: Store) -> Thing:
        if faults.take(store, "error_500", _line()) is not None:
            raise errors.internal()
        return listing.expand(store, read(store, wanted, **ids), wanted.get("expand", []))

    _wait_if_slow()
    with _store().transaction() as store:
        answer = execute(store, g.request_id, endpoint)
    return _lost_in_time() or _respond(answer)


def _in_flight() -> InFlight:
    in_flight: InFlight = current_app.extensions["in_flight"]
    return in_flight


def _wait_if_slow() -> None:
    with _store().transaction() as store:
        seconds = faults.take(store, "slow", _line())
    time.sleep(seconds or 0)


def _lost_in_time() -> Response | None:
    """The `timeout` fault: what was done stays done, and the connection ends without an answer."""
    with _store().transaction() as store:
        seconds = faults.take(store, "timeout", _line())
    if seconds is None:
        return None
    time.sleep(seconds)
    return Response(_closed_connection(request.environ["werkzeug.socket"]))


def _closed_connection(connection: socket.socket) -> Iterator[bytes]:
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError
    yield b""


def _read_one(kind: str, store: Store, _wanted: Thing, id_: str) -> Thing:
    return public(listing.retrieve(store, kind, id_))


def _read_page(kind: str, url: str, store: Store, wanted: Thing) -> Thing:
    return listing.page(store, kind, url, wanted)


def _read_line_items(store: Store, _wanted: Thing, id_: str) -> Thing:
    return listing.line_items(listing.retrieve(store, "checkout.session", id_))


def _add(path: str, method: str, view: Callable[..., Any]) -> None:
    bp.add_url_rule(path, f"{method} {path}".replace(".", "_"), view, methods=[method])


def _route() -> None:
    for kind, (url, filters) in LISTS.items():
        _add(url, "GET", partial(_get, listing.page_check(filters), partial(_read_page, kind, url)))
        _add(f"{url}/<id_>", "GET", partial(_get, _EXPAND_ONLY, partial(_read_one, kind)))
    _add(
        "/v1/checkout/sessions/<id_>/line_items",
        "GET",
        partial(_get, listing.page_check(()), _read_line_items),
    )
    for path, (check, use_case) in POSTS.items():
        _add(path, "POST", partial(_post, check, use_case))
    _add("/v1/checkout/sessions", "POST", _create_session)


def _create_session() -> Response:
    base_url = current_app.config["BASE_URL"]
    return _post(checkout.CREATE, partial(checkout.create, base_url=base_url))


_route()
