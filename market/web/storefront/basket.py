"""Whose cart this request is about, and how a visitor's cart follows her when she signs in."""

import secrets

from flask import after_this_request, current_app, request
from flask_login import current_user
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.orders import cart as carts
from market.orders.cart import Owner
from market.people.rules import token_hash
from market.web.storefront import bp

COOKIE = "cart"
_MONTH_SECONDS = 30 * 24 * 3600


def owner() -> Owner | None:
    """The account, else the visitor's cookie; None for a visitor who has put nothing in a cart yet."""
    if current_user.is_authenticated:
        return Owner(account_id=current_user.id)
    token = request.cookies.get(COOKIE)
    return Owner(token_hash=token_hash(token)) if token else None


def owner_to_fill() -> Owner:
    """As `owner`, with a new cookie for the visitor who has none."""
    found = owner()
    if found is not None:
        return found
    token = secrets.token_urlsafe(24)

    @after_this_request
    def keep(response: Response) -> Response:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(COOKIE, token, _MONTH_SECONDS, httponly=True, samesite="Lax", secure=secure)
        return response

    return Owner(token_hash=token_hash(token))


@bp.before_request
def adopt_cart() -> None:
    """Move what she put in as a visitor to the cart of the account she has now signed in to."""
    token = request.cookies.get(COOKIE)
    if not token or not current_user.is_authenticated:
        return
    carts.adopt(db.session(), current_user.id, token_hash(token), clock.now())
    db.session.commit()

    @after_this_request
    def drop(response: Response) -> Response:
        response.delete_cookie(COOKIE)
        return response
