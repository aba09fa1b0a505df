"""`market up`, from nothing to ready to gone."""

import json
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from market.settings import Settings
from market.supervisor.folder import Folder
from market.supervisor.keep import Keeper
from market.supervisor.services import Process, Services, demand_port

READY_SECONDS = 120.0
LOOK_SECONDS = 0.2


class UpError(Exception):
    """The market does not come up; the message is the one sentence to print."""


def up(settings: Settings, inherited: Mapping[str, str], demo: bool) -> None:
    """Run everything until SIGTERM or Ctrl-C. With `demo`, an empty database is seeded first.

    `inherited` is the environment children are given on top of what is set up here.
    Raises UpError, FolderError, PortInUse or EmbeddedError where it cannot begin.
    """
    folder = Folder(settings.data_dir)
    keeper = Keeper(folder)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with folder.owned():
        try:
            demand_port(settings.port)
            services = Services(folder, settings, inherited)
            _bring_up(services, keeper, demo)
            while True:
                time.sleep(LOOK_SECONDS)
                keeper.tend()
        except KeyboardInterrupt:
            print("Stopping", file=sys.stderr, flush=True)
        finally:
            for ignored in (signal.SIGTERM, signal.SIGINT):
                signal.signal(ignored, signal.SIG_IGN)
            keeper.stop()


def _bring_up(services: Services, keeper: Keeper, demo: bool) -> None:
    for service in services.servers():
        with _step(f"Starting {service.name}"):
            keeper.start(service)
    own = services.market()
    services.folder.write_environment(services.added | {"MARKET_DATA": str(services.folder.path)})
    owner = {"DATABASE_URL": services.owner_url} if services.owner_url else {}
    with _step("Migrating the database"):
        _finish(services, "migrate", services.run("migrate", **owner))
    if demo:
        with _step("Filling an empty database with the demo county"):
            _finish(services, "seed", services.seed())
    for service in own:
        with _step(f"Starting {service.name}"):
            keeper.start(service)
    url = f"http://127.0.0.1:{services.settings.port}"
    with _step("Waiting until everything answers"):
        _wait_ready(f"{url}/readyz", keeper)
    ready = {"event": "ready", "url": url, "data": str(services.folder.path), "pids": keeper.pids()}
    print(json.dumps(ready), flush=True)


def _finish(services: Services, name: str, process: Process) -> None:
    """Wait for the command `name` to end. Raises UpError with the last thing it said, where it failed."""
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if code:
        log = services.folder.log(name)
        last = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise UpError(f"`market {name}` failed: {last} (more in {log})")


def _wait_ready(url: str, keeper: Keeper) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(url):
        if time.monotonic() > deadline:
            raise UpError(f"{url} does not answer 200 within {READY_SECONDS:.0f} seconds (see the logs).")
        keeper.tend()
        time.sleep(LOOK_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Say on standard error what is being done, and how long it took."""
    began = time.monotonic()
    print(f"{title} …", end=" ", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr, flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
