"""What runs: each service's name, how it is started, and how it is asked to stop."""

import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from market.embedded import OWNER, Postgres, Valkey, free_port
from market.settings import SANDBOX_KEY, Settings
from market.supervisor.folder import MARK, Folder

Process = subprocess.Popen[bytes]


class PortInUse(Exception):
    """Somebody else listens there; the message is the one sentence to print."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process to keep. `start` returns when the process has begun, servers' when they answer."""

    name: str
    start: Callable[[], Process]
    stop_signal: int = signal.SIGTERM


@dataclass(slots=True)
class Services:
    """Everything `market up` runs for `settings` in `folder`, in the order it is started."""

    folder: Folder
    settings: Settings
    inherited: Mapping[str, str]
    added: dict[str, str] = field(default_factory=dict)
    owner_url: str = ""

    def servers(self) -> list[Service]:
        """The database and the broker, where no URL names others. They come before all else."""
        found = []
        if not self.settings.database_url:
            postgres = Postgres(self.folder.path / "postgres", self.folder.log("postgres"))
            self.owner_url, self.added["DATABASE_URL"] = postgres.url(OWNER), postgres.url()
            found.append(Service("postgres", postgres.start, signal.SIGINT))
        if not self.settings.redis_url:
            valkey = Valkey(self.folder.path / "valkey", self.folder.log("valkey"))
            self.added["REDIS_URL"] = valkey.url
            found.append(Service("valkey", valkey.start))
        return found

    def market(self) -> list[Service]:
        """The sandbox, where Stripe is not set up, and the market's own processes."""
        if not self.settings.secret_key:
            self.added["SECRET_KEY"] = self.folder.secret_key()
        found = []
        if not self.settings.stripe_api_key:
            found.append(self._sandbox())
        return found + [self._own(name) for name in ("web", "worker", "beat")]

    def environment(self) -> dict[str, str]:
        """What every child is given."""
        own = {"MARKET_DATA": str(self.folder.path), "PORT": str(self.settings.port)}
        return {**self.inherited, **own, **self.added, MARK: str(self.folder.path)}

    def run(self, *arguments: str, **overrides: str) -> Process:
        """Start ``market ARGUMENTS`` with its output in a log of the first argument's name."""
        return self._python(arguments[0], ["-m", "market.cli", *arguments], overrides)

    def seed(self) -> Process:
        """Fill an empty database; its progress goes where ours does."""
        return self._python("seed", ["-m", "market.cli", "seed", "demo", "--if-empty"], {}, shown=True)

    def _own(self, name: str) -> Service:
        return Service(name, lambda: self.run(name))

    def _sandbox(self) -> Service:
        port, secret = _near(self.settings.port + 1), "whsec_" + secrets.token_hex(24)
        self.added |= {
            "STRIPE_API_KEY": SANDBOX_KEY,
            "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
            "STRIPE_WEBHOOK_SECRET": secret,
        }
        data = self.folder.path / "sandbox"
        data.mkdir(exist_ok=True)
        webhook = f"http://127.0.0.1:{self.settings.port}/stripe/webhook"
        arguments = ["--port", str(port), "--data", str(data), "--api-key", SANDBOX_KEY]
        arguments += ["--webhook-url", webhook, "--webhook-secret", secret]
        return Service("sandbox", lambda: self._python("sandbox", ["-m", "market.sandbox", *arguments], {}))

    def _python(
        self, name: str, arguments: Sequence[str], overrides: Mapping[str, str], *, shown: bool = False
    ) -> Process:
        with self.folder.log(name).open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, *arguments],
                cwd=Path(__file__).parents[2], env={**self.environment(), **overrides},
                stdin=subprocess.DEVNULL, stdout=log, stderr=None if shown else log, start_new_session=True,
            )  # fmt: skip


def demand_port(port: int) -> None:
    """Raises PortInUse where somebody listens on `port` already."""
    if not _is_free(port):
        raise PortInUse(f"Port {port} is in use: stop what listens there, or choose another with --port.")


def _near(port: int) -> int:
    """`port` where it can be had, so that a payment page keeps its address; else any."""
    return port if port < 65_536 and _is_free(port) else free_port()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
