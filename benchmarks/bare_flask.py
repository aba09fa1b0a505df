"""What everything is compared with: Flask, one route, one sentence."""

from flask import Flask


def create_app() -> Flask:
    """An application that does nothing else."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>绿乡</title><p>你好")
    return app
