"""Words that were spoken: an interface to a recognizer on a server, for browsers without one of their own.

None is configured unless `SPEECH_URL` names one. What is said is sent there, turned into words and forgotten;
words only ever become a search that the page asks to confirm.
"""

import json
from typing import Protocol

import urllib3

MOST_BYTES = 512 * 1024
"""What a browser records in some ten seconds is a tenth of it."""

KINDS = {
    "audio/webm": "said.webm", "audio/ogg": "said.ogg", "audio/mp4": "said.m4a", "audio/wav": "said.wav",
}  # fmt: skip
"""What browsers record, and the file name by which a recognizer knows it."""

_WAIT = urllib3.Timeout(connect=3, read=20)
_MOST_ANSWER_BYTES = 64 * 1024


class Unheard(Exception):
    """The recognizer did not answer, or not with words."""


class Recognizer(Protocol):
    """Something that hears."""

    def words(self, sound: bytes, kind: str) -> str:
        """What is said in `sound`, which is of `kind` (one of `KINDS`); "" for silence. Raises Unheard."""


class RemoteRecognizer:
    """A service that takes a form with a `file` and answers ``{"text": …}``.

    Open-source servers of Whisper and FunASR models take this form, which OpenAI's transcription interface
    made common.
    """

    def __init__(self, url: str) -> None:
        self._url, self._pool = url, urllib3.PoolManager(timeout=_WAIT, retries=False)

    def words(self, sound: bytes, kind: str) -> str:
        """As `Recognizer` says."""
        fields: list[tuple[str, str | tuple[str, bytes, str]]] = [
            ("file", (KINDS[kind], sound, kind)),
            ("language", "zh"),
            ("response_format", "json"),
        ]
        try:
            answer = self._pool.request("POST", self._url, fields=fields, preload_content=False)
            body = answer.read(_MOST_ANSWER_BYTES)
            answer.close()
            text = json.loads(body)["text"] if answer.status == 200 else None
        except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unheard from error
        if not isinstance(text, str):
            raise Unheard
        return text.strip()
