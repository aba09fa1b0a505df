"""What is signed here, any itsdangerous of the same keys reads, and the other way round."""

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from market.web.signing import Sessions, Signatures, tokens

KEY, OLD = "a-key-of-this-year-0123456789abcdef", "a-key-of-last-year-0123456789abcdef"
SHORT, LONG = {"csrf_token": "0" * 40}, {"csrf_token": "0" * 40, "county": "610924" * 40}


def flasks_own(*keys: str) -> URLSafeTimedSerializer:
    app = Flask("other")
    app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = keys[-1], list(keys[:-1])
    found = SecureCookieSessionInterface().get_signing_serializer(app)
    assert found
    return found


@pytest.mark.parametrize("held", [SHORT, LONG])
def test_a_session_is_read_by_flask_and_a_session_of_flask_is_read(held: dict[str, str]) -> None:
    ours, theirs = Sessions([KEY]).signatures, flasks_own(KEY)
    assert (theirs.loads(ours.dumps(held)), ours.loads(theirs.dumps(held))) == (held, held)


def test_a_token_is_the_one_that_flask_wtf_would_make() -> None:
    theirs = URLSafeTimedSerializer(KEY, salt="wtf-csrf-token")
    assert theirs.loads(tokens(KEY).dumps("0" * 40), max_age=60) == "0" * 40
    assert tokens(KEY).loads(theirs.dumps("0" * 40), max_age=60) == "0" * 40


def test_an_old_key_opens_and_the_new_one_signs() -> None:
    both = Sessions([OLD, KEY]).signatures
    assert both.loads(flasks_own(OLD).dumps(SHORT)) == SHORT
    assert flasks_own(KEY).loads(both.dumps(SHORT)) == SHORT
    with pytest.raises(BadSignature):
        Sessions([KEY]).signatures.loads(flasks_own(OLD).dumps(SHORT))


def test_another_salt_is_another_signature() -> None:
    signed = Signatures([KEY], "one").dumps("it")
    with pytest.raises(BadSignature):
        Signatures([KEY], "two").loads(signed)
    assert Signatures([KEY], "two").loads(signed, salt="one") == "it"


def test_a_letter_changed_is_refused_and_so_is_what_is_too_old() -> None:
    ours = Sessions([KEY]).signatures
    signed = ours.dumps(SHORT)
    with pytest.raises(BadSignature):
        ours.loads(signed[:-1] + ("A" if signed[-1] != "A" else "B"))
    with pytest.raises(SignatureExpired):
        ours.loads(signed, max_age=-1)
