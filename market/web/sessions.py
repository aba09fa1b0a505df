"""Who is signed in. The cookie holds a random token; the session it opens is a row that can be revoked."""

import uuid

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from market.kernel import clock
from market.kernel.db import db
from market.kernel.together import Together
from market.people import queries
from market.people.models import Account
from market.people.rules import token_hash
from market.people.sign_in import SignIn, sign_out, touch
from market.shops.queries import SHOP_ID_OF_TOKEN
from market.web.county_choice import remember_counties

login = LoginManager()
_ARRIVAL = Together(*queries.ARRIVAL, SHOP_ID_OF_TOKEN)


class SignedIn(UserMixin):
    """The signed-in person, as `current_user`."""

    def __init__(self, account: Account, token: str, session_id: uuid.UUID | None = None) -> None:
        self.account = account
        self.id = account.id
        self.name = account.name
        self.session_id = session_id
        self._token = token

    def get_id(self) -> str:
        """What the cookie keeps: the session's token, never the account's id."""
        return self._token


def register(app: Flask) -> None:
    """Load the person behind the cookie on each request."""
    login.init_app(app)
    login.login_view = "account.sign_in"
    # The row decides. A fingerprint of address and browser would sign out every phone that changes its cell.
    login.session_protection = None
    login.user_loader(_load)


def _load(token: str) -> SignedIn | None:
    now = clock.now()
    *rows, shop_ids = _ARRIVAL.read(db.session(), token_hash=token_hash(token), now=now)
    found = queries.arrival_of(*rows)
    if found is None:
        return None
    if request.method == "GET" and touch(db.session(), found.account_session, now):
        db.session.commit()
    g.home, g.own_shop_id = found.home, next(iter(shop_ids), None)
    remember_counties(found.counties)
    return SignedIn(found.account, token, found.account_session.id)


def remember(new: SignIn) -> None:
    """Sign `new` in on this browser. What an earlier visitor's cookie held is forgotten with it."""
    session.clear()
    session.permanent = True
    login_user(SignedIn(new.account, new.token))


def forget() -> None:
    """Sign this browser out: the row is revoked, so a copy of the cookie is worthless too."""
    if current_user.is_authenticated:
        sign_out(db.session(), current_user.id, current_user.session_id, clock.now())
    drop_cookie()


def drop_cookie() -> None:
    """This browser knows nobody any more. For where the row has gone already."""
    logout_user()
    session.clear()
