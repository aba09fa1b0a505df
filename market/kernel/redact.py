"""Take out of a finished line what says who somebody is, whoever wrote it."""

import logging
import re

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
# PostgreSQL quotes the whole row that it refused, which no setting of the driver's leaves out.
_ROW = re.compile(r"(DETAIL: ).*")


def redact(text: str) -> str:
    """`text` with the middle of each mobile number masked, and without the rows that PostgreSQL quotes."""
    return _ROW.sub(r"\1…", _PHONE.sub(r"\1****\2", text))


class Redacted(logging.Formatter):
    """Redacts the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
