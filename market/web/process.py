"""One process of the web server."""

import gc

from flask import Flask
from sqlalchemy.orm import configure_mappers

from market import create_app


def create() -> Flask:
    """The application of the environment, with all that its start has made left out of garbage collection.

    That is half a million objects which stay as long as the process: to go over them stops every request of
    the process for 0.4 s.
    """
    app = create_app()
    configure_mappers()
    gc.collect()
    gc.freeze()
    return app
