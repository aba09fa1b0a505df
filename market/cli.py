"""The `market` command; each is also a command of ``flask --app market`` (see pyproject's entry points)."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import FlaskGroup, with_appcontext
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from market import create_app, migrate
from market.embedded import EmbeddedError
from market.kernel import clock
from market.kernel.db import db
from market.settings import Settings, SettingsError, read
from market.supervisor.folder import FolderError
from market.supervisor.run import UpError
from market.supervisor.run import up as run_everything
from market.supervisor.services import PortInUse

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="The data folder.")
@click.option("--port", type=click.IntRange(1, 65_535), help="The port of the web server.")
@click.option("--demo", is_flag=True, help="Fill an empty database with the demo county.")
def up(data: Path | None, port: int | None, demo: bool) -> None:
    """Run the whole market on this machine until Ctrl-C."""
    settings = read(os.environ)
    settings = replace(settings, data_dir=(data or settings.data_dir).resolve(), port=port or settings.port)
    try:
        run_everything(settings, os.environ, demo)
    except (UpError, FolderError, PortInUse, EmbeddedError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or settings.data_dir}: {error.strerror}.") from None


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="The port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
def web(port: int | None, host: str) -> None:
    """Run the web server."""
    settings = read()
    _become(
        "granian", "market.web.process:create", "--factory", "--interface", "wsgi", "--host", host,
        "--port", str(port or settings.port), "--workers", str(settings.web_concurrency),
        "--blocking-threads", "4", "--respawn-failed-workers", "--no-access-log", "--log-level", "warning",
    )  # fmt: skip


@click.command()
def worker() -> None:
    """Run a Celery worker."""
    _become("celery", "-A", "worker.app", "worker", *_celery_log(), "--without-gossip", "--without-mingle")


@click.command()
def beat() -> None:
    """Run Celery's beat, once per market."""
    _become("celery", "-A", "worker.app", "beat", *_celery_log(), "--pidfile=")


@click.command("migrate")
@click.argument("revision", default="head")
def migrate_(revision: str) -> None:
    """Bring the database to the newest schema, or down to REVISION."""
    settings = read()
    if revision == "head":
        migrate.upgrade(settings.database_url)
        _find_again(settings.database_url)
    else:
        migrate.downgrade(settings.database_url, revision)


def _find_again(database_url: str | None) -> None:
    """Let a market that was there before finding is find what it has."""
    from market.search.rebuild import is_due, rebuild  # heavy: rjieba's dictionary

    with Session(create_engine(database_url or "")) as session, session.begin():
        if is_due(session):
            rebuild(session, _progress())


@click.command()
@click.argument("kind", type=click.Choice(["demo", "test"]))
@click.option("--scale", type=click.IntRange(1, 1_000), default=1, show_default=True)
@click.option("--seed", "number", type=int, default=1, show_default=True)
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a county already.")
@as_json
@with_appcontext
def seed(kind: str, scale: int, number: int, if_empty: bool, as_json: bool) -> None:
    """Fill the database with a county (demo) or two (test)."""
    from market.places import queries as places  # heavy: only this command needs the rooms
    from market.seed.run import seed as fill

    if if_empty and places.counties(db.session()):
        return
    made = fill(lambda: Session(db.engine), kind, scale, number, clock.now(), _progress())
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False))
    else:
        click.echo(", ".join(f"{len(rows)} {name}" for name, rows in made.items() if isinstance(rows, list)))


@click.command()
@as_json
@with_appcontext
def audit(as_json: bool) -> None:
    """Recompute every book from its rows; exit 1 where one does not add up."""
    from market.audit import run  # heavy: all rooms

    secrets = current_app.extensions["settings"].secret_keys
    breaks = [asdict(found) for found in run(db.session(), clock.now(), secrets)]
    _report(breaks, as_json, "Every book is in balance.")


@click.command()
@as_json
@with_appcontext
def reconcile(as_json: bool) -> None:
    """Compare the payment provider's own list with the book; exit 1 where they differ."""
    import stripe  # heavy: only this command asks the provider

    from market.payments.provider import stripe_provider
    from market.payments.reconcile import breaks

    settings: Settings = current_app.extensions["settings"]
    try:
        found = [{"book": "payments", "detail": it} for it in breaks(db.session(), stripe_provider(settings))]
    except stripe.StripeError as error:
        raise click.ClickException(
            f"the payment provider does not answer: {error.user_message or type(error).__name__}."
        ) from None
    _report(found, as_json, "The provider and the book agree.")


@click.command()
@as_json
@with_appcontext
def routes(as_json: bool) -> None:
    """List every route with its methods, audience and guard."""
    from market.web.routes import routes as every  # the command has this name

    rows = [asdict(route) for route in every(current_app)]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        line = (row["path"], ",".join(row["methods"]), row["audience"], row["guard"] or "-")
        click.echo("{:<48} {:<10} {:<12} {}".format(*line))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--cpu-seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True)
@click.option("--processes", type=click.IntRange(1, 256), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write the solution to FILE.sol.")
@as_json
def plan(file: Path, cpu_seconds: float, processes: int, seed: int, out: Path | None, as_json: bool) -> None:
    """Solve a VRPLIB instance with the planner of a county's day."""
    from market.delivery.planner import vrplib  # heavy: PyVRP

    tell = _progress()
    try:
        solved = vrplib.plan_file(
            file, cpu_seconds=cpu_seconds, processes=processes, seed=seed,
            on_progress=lambda share, _: tell("planning", round(share * 100), 100),
        )  # fmt: skip
        if out:
            vrplib.write_solution(solved, out)
    except (vrplib.PlanFileError, OSError) as error:
        raise click.ClickException(str(error)) from None
    figures = {
        "cost": solved.cost,
        "routes": sum(1 for route in solved.routes if route),
        "round_func": solved.round_func,
        "cpu_seconds": round(solved.cpu_seconds, 2),
        "compile_seconds": round(solved.compile_seconds, 2),
        "wall_seconds": round(solved.wall_seconds, 2),
        "peak_mb": round(solved.peak_bytes / 1e6, 1),
    }
    click.echo(json.dumps(figures) if as_json else "\n".join(f"{k} {v}" for k, v in figures.items()))


@click.group()
def places() -> None:
    """What is known of the places of a county."""


@places.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--county", "code", required=True, help="The county's code in the national statistics.")
@as_json
@with_appcontext
def roads(file: Path, code: str, as_json: bool) -> None:
    """Load a county's roads from an OpenStreetMap extract, FILE.osm.pbf."""
    from market.places.models import County  # heavy: scipy and the reader of extracts
    from market.places.roads.extract import RoadsFileError
    from market.places.roads.load import load_roads
    from market.places.roads.report import figures, sentences

    session = db.session()
    county = session.get(County, code)
    if county is None:
        raise click.ClickException(f"{code!r} is no county that runs the market.")
    try:
        loaded = load_roads(session, county, file, clock.now())
    except RoadsFileError as error:
        raise click.ClickException(f"{error} Nothing was changed.") from None
    session.commit()
    click.echo(json.dumps(figures(loaded), ensure_ascii=False) if as_json else "\n".join(sentences(loaded)))


@click.group()
def search() -> None:
    """What finding rests on."""


@search.command("rebuild")
@with_appcontext
def rebuild_search() -> None:
    """Make the terms, entries and words that listings are found by anew."""
    from market.search.rebuild import rebuild  # heavy: rjieba's dictionary

    session = db.session()
    count = rebuild(session, _progress())
    session.commit()
    click.echo(f"{count} listings can be found anew.")


COMMANDS = (up, web, worker, beat, migrate_, seed, audit, reconcile, routes, plan, places, search)


def main() -> None:
    """Run the command line: a mistake of the person's, or a missing server, is one sentence."""
    group = FlaskGroup(name="market", help=__doc__, create_app=create_app, load_dotenv=False)
    for command in COMMANDS:
        group.add_command(command)
    try:
        group()
    except SettingsError as error:
        sys.exit(f"Error: {error}")
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        sys.exit(f"Error: the database cannot be reached ({reason}): run `market up`, or set DATABASE_URL.")


def _become(tool: str, *arguments: str) -> None:
    """Replace this process, so that its pid and signals are the tool's own."""
    os.execv(sys.executable, [sys.executable, "-m", tool, *arguments])  # noqa: S606


def _celery_log() -> tuple[str, str]:
    """Celery's INFO is a line for each tick of the relay, every second: what is wrong is enough."""
    level = read().log_level
    return "--loglevel", "WARNING" if level == "INFO" else level


def _report(breaks: list[dict[str, Any]], as_json: bool, good: str) -> None:
    if as_json:
        click.echo(json.dumps({"ok": not breaks, "breaks": breaks}, ensure_ascii=False))
    else:
        click.echo("\n".join(f"{row['book']}: {row['detail']}" for row in breaks) or good)
    if breaks:
        sys.exit(1)


def _progress() -> Callable[[str, int, int], None]:
    """Tells the step and how far it is, on a terminal in place, elsewhere once a step."""
    told: set[str] = set()

    def tell(step: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{step} {done}/{total} ", err=True, nl=done >= total)
        elif step not in told:
            told.add(step)
            click.echo(step, err=True)

    return tell


if __name__ == "__main__":
    main()
