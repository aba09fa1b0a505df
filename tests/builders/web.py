"""A browser for tests: knows its CSRF token, and can be somebody."""

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from market.kernel import clock
from market.kernel.db import db
from market.kernel.ids import new_id
from market.people.models import Account
from market.people.sign_in import start_session

_FORM = re.compile(r"<form.*?</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input(?=[^>]*type="hidden")(?=[^>]*name="([^"]*)")(?=[^>]*value="([^"]*)")[^>]*>')


def hidden(page: str, name: str) -> dict[str, str]:
    """Every hidden field of the page's form that has one of this `name`; empty where there is none."""
    forms = ({key: unescape(value) for key, value in _HIDDEN.findall(form)} for form in _FORM.findall(page))
    return next((fields for fields in forms if name in fields), {})


class Browser(FlaskClient):
    """A client whose `submit` posts a form as a page of ours would: with the token and a fresh key."""

    def submit(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        hidden = {"csrf_token": self.csrf_token(), "Idempotency-Key": str(new_id())}
        return self.post(path, data={**hidden, **(data or {})}, **options)

    def csrf_token(self) -> str:
        """The token of this browser's session."""
        with self.session_transaction() as cookie, self.application.test_request_context() as context:
            context.session.update(cookie)
            token = generate_csrf()
            cookie["csrf_token"] = context.session["csrf_token"]
        return token

    def become(self, account: Account) -> None:
        """Sign in as `account` without the sign-in page."""
        with self.application.app_context():
            start = start_session(db.session(), db.session.get_one(Account, account.id), "", clock.now())
            db.session.commit()
        with self.session_transaction() as cookie:
            cookie["_user_id"] = start.token
