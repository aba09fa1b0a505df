"""``python -m market.sandbox --port N --data DIR --webhook-url URL --webhook-secret S``."""

import argparse
import json
import logging
import os
import signal
import sys
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from market.sandbox.server import create_app, open_store, start_clock
from market.sandbox.webhooks import Deliverer


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # clients keep their connections

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet: what is asked can be seen in /v1/events and /_control."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="market.sandbox", description="A server that speaks Stripe's API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the folder that keeps sandbox.db")
    parser.add_argument("--webhook-url", default="", help="where events are sent; none by default")
    parser.add_argument("--webhook-secret", default="whsec_sandbox")
    parser.add_argument("--api-key", default="sk_test_sandbox")
    return parser.parse_args()


def main() -> None:
    # Read here and not in market.settings: the sandbox is a process of its own and shares nothing.
    if os.environ.get("MARKET_ENV") == "production":
        sys.exit("The payment sandbox moves no real money and does not run with MARKET_ENV=production.")
    logging.basicConfig(level=logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    args = _arguments()
    base_url = f"http://{args.host}:{args.port}"
    store = open_store(args.data)
    app = create_app(store, base_url, args.api_key)
    server = make_server(args.host, args.port, app, threaded=True, request_handler=_Handler)
    webhook = Deliverer(store, args.webhook_url, args.webhook_secret) if args.webhook_url else None
    stop = start_clock(store, webhook)
    print(json.dumps({"event": "ready", "url": base_url, "data": str(args.data)}), flush=True)
    try:
        server.serve_forever()
    finally:
        stop.set()


if __name__ == "__main__":
    main()
