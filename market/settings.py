"""Settings: the one reader of the environment. Everything else is handed a frozen `Settings`."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

WEAK_SECRET_CHARS = 32
SANDBOX_KEY = "sk_test_sandbox"


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message is the one sentence to print."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the processes of the market need to know from outside.

    A refund above `proof_above_fen` takes an owner's second factor.
    `speech_url` names a speech recognizer (`market.search.speech`); none where it is empty.
    `database_url` and `redis_url` are empty where `market up` is to start its own from wheels.
    """

    env: str = "development"
    data_dir: Path = Path("var")
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = field(default="", repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    port: int = 8000
    web_concurrency: int = 2
    stripe_api_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_api_base: str = ""
    metrics_token: str = field(default="", repr=False)
    trusted_proxies: int = 0
    proof_above_fen: int = 1_000_00
    speech_url: str = ""
    log_level: str = "INFO"

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that seals and signs, and the earlier ones that still open; none where no key is set."""
        return (self.secret_key, *self.secret_key_fallbacks) if self.secret_key else ()

    @property
    def uses_sandbox(self) -> bool:
        """Whether payments go to the local test server instead of Stripe."""
        return not self.stripe_api_key or self.stripe_api_key == SANDBOX_KEY


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip() or str(default)
    if not text.isdigit():
        raise SettingsError(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _web_address(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "").strip()
    if text and not text.startswith(("http://", "https://")):
        raise SettingsError(f"{name} must be an address that begins with http:// or https://, not {text!r}.")
    return text


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that `environ` (the process's own by default) spells. Raises SettingsError."""
    env = _surroundings() if environ is None else environ
    mode = env.get("MARKET_ENV", "development")
    if mode not in ("development", "test", "production"):
        raise SettingsError(f"MARKET_ENV must be development, test or production, not {mode!r}.")
    settings = Settings(
        env=mode,
        data_dir=Path(env.get("MARKET_DATA") or "var").resolve(),
        database_url=_psycopg_url(env.get("DATABASE_URL", "")),
        redis_url=env.get("REDIS_URL", ""),
        secret_key=env.get("SECRET_KEY", ""),
        secret_key_fallbacks=tuple(key for key in env.get("SECRET_KEY_FALLBACKS", "").split(",") if key),
        port=_number(env, "PORT", 8000),
        web_concurrency=_number(env, "WEB_CONCURRENCY", 2),
        stripe_api_key=env.get("STRIPE_API_KEY", ""),
        stripe_webhook_secret=env.get("STRIPE_WEBHOOK_SECRET", ""),
        stripe_api_base=env.get("STRIPE_API_BASE", ""),
        metrics_token=env.get("METRICS_TOKEN", ""),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
        proof_above_fen=_number(env, "PROOF_ABOVE_YUAN", 1_000) * 100,
        speech_url=_web_address(env, "SPEECH_URL"),
        log_level=env.get("LOG_LEVEL", "INFO").upper(),
    )
    if mode == "production":
        _refuse_weak_production(settings)
    return settings


def _surroundings() -> Mapping[str, str]:
    """The process's environment, and where that is silent what a running `market up` left word of."""
    word = Path(os.environ.get("MARKET_DATA") or "var") / "run" / "environment.json"
    try:
        return {**json.loads(word.read_text()), **os.environ}
    except (OSError, ValueError):
        return os.environ


def _psycopg_url(url: str) -> str:
    """SQLAlchemy wants the driver named; people and hosting services write plain ``postgresql://``."""
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _refuse_weak_production(settings: Settings) -> None:
    if len(settings.secret_key) < WEAK_SECRET_CHARS or len(set(settings.secret_key)) < 8:
        raise SettingsError(
            f"MARKET_ENV=production needs a SECRET_KEY of at least {WEAK_SECRET_CHARS} varied characters; "
            f"for example: SECRET_KEY={secrets.token_urlsafe(32)}"
        )
    if (
        settings.uses_sandbox
        or "127.0.0.1" in settings.stripe_api_base
        or "localhost" in settings.stripe_api_base
    ):
        raise SettingsError(
            "MARKET_ENV=production refuses the payment sandbox: set STRIPE_API_KEY and STRIPE_WEBHOOK_SECRET "
            "to Stripe's own, and leave STRIPE_API_BASE unset."
        )
    if not settings.stripe_webhook_secret:
        raise SettingsError("MARKET_ENV=production needs STRIPE_WEBHOOK_SECRET.")
