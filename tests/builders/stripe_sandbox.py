"""A real sandbox process, what is asked of it, and an endpoint that records the webhooks it sends."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import requests
import stripe

SECRET = "whsec_for_the_tests"
KEY = "sk_test_sandbox"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Endpoint:
    """Where webhooks arrive: each as (signature header, payload). `statuses` are answered first, then 200."""

    url: str = ""
    received: list[tuple[str, bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for _, payload in self.received]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]


def eventually(check: Callable[[], Any], seconds: float = 8) -> Any:
    """The first true answer of `check` within `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return answer


@dataclass
class Sandbox:
    """A running sandbox; `kill` is a kill -9, `start` brings it back over the same data."""

    data: Path
    port: int
    webhook_url: str
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stripe(self) -> stripe.StripeClient:
        return stripe.StripeClient(KEY, base_addresses={"api": self.url}, max_network_retries=0)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "market.sandbox", *self._options()],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MARKET_ENV": "test"},
        )
        assert json.loads(self.process.stdout.readline())["event"] == "ready"

    def _options(self) -> list[str]:
        where = ["--port", str(self.port), "--data", str(self.data)]
        return [*where, "--webhook-url", self.webhook_url, "--webhook-secret", SECRET]

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(10)

    def control(self, method: str = "GET", **wanted: Any) -> dict[str, Any]:
        body = json.dumps(wanted).encode() if method == "POST" else None
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{self.url}/_control", body, headers, method=method), timeout=10) as answer:
            return json.load(answer)

    def forget(self) -> None:
        """Empty its memory, as if it had just been made."""
        with closing(sqlite3.connect(self.data / "sandbox.db")) as connection, connection:
            for table in ("objects", "answers", "deliveries", "faults"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute("UPDATE clock SET ahead_seconds = 0")

    def fault(self, name: str, **members: Any) -> None:
        self.control("POST", faults={name: members})


def a_price(unit_amount: int, name: str) -> dict[str, Any]:
    return {"currency": "cny", "unit_amount": unit_amount, "product_data": {"name": name}}


def an_order(**changes: Any) -> dict[str, Any]:
    """The parameters of a Checkout Session for a heat pump and two rice cookers: 2,599.00 + 2 × 199.50."""
    return {
        "mode": "payment",
        "line_items": [
            {"price_data": a_price(259900, "空气源热泵"), "quantity": 1},
            {"price_data": a_price(19950, "电饭煲"), "quantity": 2},
        ],
        "allowed_payment_method_types": ["card", "alipay", "wechat_pay"],
        "payment_method_options": {"wechat_pay": {"client": "web"}},
        "client_reference_id": "LX-1",
        "metadata": {"order": "LX-1"},
        "success_url": "http://127.0.0.1:1/paid?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:1/cart",
        **changes,
    }


def pay(session_url: str, method: str = "alipay", **form: str) -> tuple[int, str, str]:
    """Send the hosted page's form as a browser does: (status, Location, page)."""
    answer = requests.post(
        session_url, data={"method": method, "outcome": "pay", **form}, allow_redirects=False, timeout=10
    )
    return answer.status_code, answer.headers.get("Location", ""), answer.text
