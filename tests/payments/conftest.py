"""A sandbox of these tests' own; nobody listens to its webhooks, the tests deliver them."""

from collections.abc import Iterator

import pytest

from market.payments.provider import StripeProvider
from market.settings import Settings
from tests.builders.stripe_sandbox import KEY, SECRET, Sandbox, free_port


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("payments"), free_port(), "http://127.0.0.1:9/nobody")
    sandbox.start()
    yield sandbox
    sandbox.kill()


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    yield shared_sandbox
    shared_sandbox.control("DELETE")
    shared_sandbox.forget()


@pytest.fixture
def provider(sandbox: Sandbox) -> StripeProvider:
    return StripeProvider(
        Settings(stripe_api_key=KEY, stripe_api_base=sandbox.url, stripe_webhook_secret=SECRET)
    )
