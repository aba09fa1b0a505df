"""Signed webhooks: each delivery is repeated, ever more slowly, until the endpoint answers 2xx."""

import hashlib
import hmac
import http.client
import json
import logging
import time
from typing import Any
from urllib.parse import urlsplit

from market.sandbox import faults
from market.sandbox.store import Store

TIMEOUT_SECONDS = 10
LONGEST_WAIT_SECONDS = 60
# Stripe gives up after three days; with waits of a minute that is this many attempts.
MOST_ATTEMPTS = 3 * 24 * 60

_log = logging.getLogger(__name__)


def signature(payload: bytes, secret: str, moment: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over the moment and the payload."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256)
    return f"t={moment},v1={digest.hexdigest()}"


class Deliverer:
    """Sends what is due to one endpoint, in the order it happened unless a fault says otherwise."""

    def __init__(self, store: Store, url: str, secret: str) -> None:
        self._store = store
        self._url = urlsplit(url)
        self._secret = secret

    def deliver_due(self) -> None:
        with self._store.transaction() as store:
            rows = store.run(
                "SELECT deliveries.seq, attempts, body FROM deliveries JOIN objects ON objects.id = event "
                "WHERE state = 'pending' AND deliveries.due_at <= ? "
                "ORDER BY deliveries.due_at, deliveries.seq LIMIT 50",
                time.time(),
            )
            if len(rows) > 1 and faults.take(store, "reorder", "") is not None:
                rows.reverse()
        for row in rows:
            self._deliver(row["seq"], row["attempts"] + 1, json.loads(row["body"]))

    def _deliver(self, seq: int, attempt: int, event: dict[str, Any]) -> None:
        with self._store.transaction() as store:
            spoiled = faults.take(store, "bad_signature", event["type"]) is not None
        received = self._post(event, f"{self._secret}-spoiled" if spoiled else self._secret)
        with self._store.transaction() as store:
            if received:
                self._settle(store, seq, event)
            else:
                _postpone(store, seq, attempt)

    def _settle(self, store: Store, seq: int, event: dict[str, Any]) -> None:
        store.run("UPDATE deliveries SET state = 'delivered', attempts = attempts + 1 WHERE seq = ?", seq)
        store.put(event | {"pending_webhooks": 0})

    def _post(self, event: dict[str, Any], secret: str) -> bool:
        payload = json.dumps(event, ensure_ascii=False, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (sandbox)",
            "Stripe-Signature": signature(payload, secret, int(time.time())),
        }
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(str(self._url.hostname), self._url.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", self._url.path or "/", payload, headers)
            return connection.getresponse().status // 100 == 2
        except (OSError, http.client.HTTPException) as error:
            _log.warning("%s was not received: %s", event["id"], error)
            return False
        finally:
            connection.close()


def _postpone(store: Store, seq: int, attempt: int) -> None:
    wait_seconds = min(2 ** min(attempt - 1, 6), LONGEST_WAIT_SECONDS)
    store.run(
        "UPDATE deliveries SET attempts = ?, due_at = ?, state = ? WHERE seq = ?",
        attempt,
        time.time() + wait_seconds,
        "pending" if attempt < MOST_ATTEMPTS else "failed",
        seq,
    )
