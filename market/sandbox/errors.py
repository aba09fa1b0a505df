"""Stripe's errors: a status and the JSON a client reads (`type`, `code`, `param`, `message`)."""

from typing import Any


class StripeError(Exception):
    """An answer other than success. `details` are further members of the error object."""

    def __init__(self, status: int, kind: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **details}}


class NotExecuted(StripeError):
    """Turned away before the endpoint began; Stripe saves no result for the idempotency key then."""


def invalid(message: str, **details: Any) -> NotExecuted:
    """The parameters themselves are wrong."""
    return NotExecuted(400, "invalid_request_error", message, **details)


def refused(message: str, **details: Any) -> StripeError:
    """The parameters are well formed, but the endpoint will not do it."""
    return StripeError(400, "invalid_request_error", message, **details)


def missing(kind: str, id_: str, param: str = "id") -> StripeError:
    message = f"No such {kind}: '{id_}'"
    return StripeError(404, "invalid_request_error", message, code="resource_missing", param=param)


def unauthorized(key: str) -> NotExecuted:
    if not key:
        return NotExecuted(401, "invalid_request_error", "You did not provide an API key.")
    shown = f"{key[:7]}{'*' * 8}{key[-4:]}" if len(key) > 11 else "*" * len(key)
    return NotExecuted(401, "invalid_request_error", f"Invalid API Key provided: {shown}")


def rate_limited() -> NotExecuted:
    message = "Request rate limit exceeded: too many requests hit the API too quickly."
    return NotExecuted(429, "invalid_request_error", message, code="rate_limit")


def key_in_use(key: str) -> NotExecuted:
    message = f"Another request with the idempotency key '{key}' is still being worked on; try again."
    return NotExecuted(409, "idempotency_error", message, code="idempotency_key_in_use")


def key_reused(key: str) -> NotExecuted:
    message = (
        "Keys for idempotent requests can only be used with the same endpoint and parameters they were "
        f"first used with. Use a key other than '{key}' for a different request."
    )
    return NotExecuted(400, "idempotency_error", message)


def internal() -> StripeError:
    return StripeError(500, "api_error", "An unknown error occurred.")
