"""One sandbox process, emptied after each test, and the real Stripe SDK pointed at it."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.builders.stripe_sandbox import Endpoint, Sandbox, eventually, free_port


@pytest.fixture(scope="session")
def listening() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.received.append((self.headers["Stripe-Signature"], payload))
            self.send_response(endpoint.statuses.pop(0) if endpoint.statuses else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/stripe/webhook"
    yield endpoint
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, listening: Endpoint) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), free_port(), listening.url)
    sandbox.start()
    yield sandbox
    sandbox.kill()


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    """An empty sandbox that sends nothing late into the next test."""
    yield running
    running.control("DELETE")
    eventually(lambda: "pending" not in running.control()["webhooks"])
    running.forget()


@pytest.fixture
def endpoint(listening: Endpoint, sandbox: Sandbox) -> Endpoint:
    listening.received.clear()
    listening.statuses.clear()
    return listening


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return sandbox.stripe
