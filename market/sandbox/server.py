"""The process: the Flask app on threads, and one thread for what happens by itself."""

import logging
import threading
from pathlib import Path

from flask import Flask, Response, jsonify

from market.sandbox import api, checkout, control, hosted, refunds
from market.sandbox.idempotency import InFlight
from market.sandbox.store import Store
from market.sandbox.webhooks import Deliverer

TICK_SECONDS = 0.1
_log = logging.getLogger(__name__)


def create_app(store: Store, base_url: str, api_key: str) -> Flask:
    """The API, the hosted page and `/_control` over one `store`."""
    app = Flask("market.sandbox", static_folder=None)
    app.config.update(BASE_URL=base_url, API_KEY=api_key)
    app.extensions.update(store=store, in_flight=InFlight())
    for blueprint in (api.bp, hosted.bp, control.bp):
        app.register_blueprint(blueprint)
    app.register_error_handler(404, _unknown)
    return app


def _unknown(_error: Exception) -> tuple[Response, int]:
    error = {"type": "invalid_request_error", "message": "Unrecognized request URL."}
    return jsonify(error=error), 404


def open_store(data: Path) -> Store:
    data.mkdir(parents=True, exist_ok=True)
    return Store(data / "sandbox.db")


def tick(store: Store) -> None:
    """Everything whose time has come: sessions expire, wallets' refunds settle."""
    with store.transaction():
        for thing in store.due():
            {"checkout.session": checkout.end, "refund": refunds.settle}[thing["object"]](store, thing)


def start_clock(store: Store, deliverer: Deliverer | None) -> threading.Event:
    """Run `tick` and the deliveries in a thread of their own until the returned event is set."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(TICK_SECONDS):
            try:
                tick(store)
                if deliverer:
                    deliverer.deliver_due()
            except Exception:  # one bad moment must not end the thread that all later ones rely on
                _log.exception("the sandbox's clock stumbled")

    threading.Thread(target=run, name="clock", daemon=True).start()
    return stop
