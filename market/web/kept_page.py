"""A page that is kept whole, compressed, with holes for what is each visitor's own: her token and fresh keys.

gzip (RFC 1952) is a header, a stream of DEFLATE blocks (RFC 1951), and the CRC-32 and length of what comes
out. Each piece of text between two holes is compressed once, with the text before it as its dictionary and,
in place of the holes, a byte that UTF-8 does not have, so that nothing refers into a hole; it is flushed to a
byte's edge. A hole is then a stored block: five bytes and its text as it is. Joined in order they are one
ordinary gzip stream.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LAST = b"\x01\x00\x00\xff\xff"  # a stored block of nothing, the last one
_WINDOW = 32 * 1024
_NO_TEXT = b"\xff"


@dataclass(frozen=True, slots=True)
class KeptPage:
    """`plain` pieces of HTML in UTF-8 and the same `packed`; between two stands a hole.

    `holes` says what fills each: the token, or key number 0, 1, … of the page. `widths` are their bytes.
    """

    plain: tuple[bytes, ...]
    packed: tuple[bytes, ...]
    holes: tuple[int | None, ...]
    widths: tuple[int, ...]
    digest: str

    @property
    def size_bytes(self) -> int:
        """What it takes to keep."""
        return sum(map(len, self.plain)) + sum(map(len, self.packed))

    @property
    def keys(self) -> int:
        """How many fresh keys it asks for."""
        return len({hole for hole in self.holes if hole is not None})

    def filled(self, token: str, keys: Sequence[str]) -> bytes:
        """The page as plain HTML."""
        return b"".join(self._joined(self.plain, self._values(token, keys)))

    def gzipped(self, token: str, keys: Sequence[str]) -> bytes:
        """The page as gzip. Raises ValueError where a value is not as wide as its hole."""
        values = self._values(token, keys)
        if tuple(map(len, values)) != self.widths:
            raise ValueError("a value does not fit its hole")
        crc, length = 0, 0
        for part in self._joined(self.plain, values):
            crc, length = zlib.crc32(part, crc), length + len(part)
        stored = [struct.pack("<BHH", 0, len(it), len(it) ^ 0xFFFF) + it for it in values]
        end = struct.pack("<II", crc, length & 0xFFFFFFFF)
        return b"".join((_HEADER, *self._joined(self.packed, stored), _LAST, end))

    def _values(self, token: str, keys: Sequence[str]) -> list[bytes]:
        return [(token if hole is None else keys[hole]).encode() for hole in self.holes]

    @staticmethod
    def _joined(pieces: Sequence[bytes], between: Sequence[bytes]) -> Iterator[bytes]:
        yield pieces[0]
        for value, piece in zip(between, pieces[1:], strict=True):
            yield value
            yield piece


def keep(html: bytes, token: str, keys: Sequence[str]) -> KeptPage:
    """`html` with a hole wherever `token` or one of `keys` stands in it."""
    values = [value.encode() for value in (token, *keys)]
    plain, found = _cut(html, values)
    places = tuple(None if it == 0 else it - 1 for it in found)
    widths = tuple(len(values[it]) for it in found)
    digest = hashlib.sha256(repr((places, tuple(map(len, plain)))).encode())
    for piece in plain:
        digest.update(piece)
    return KeptPage(plain, tuple(_packed(plain, widths)), places, widths, digest.hexdigest()[:16])


def _cut(html: bytes, values: Sequence[bytes]) -> tuple[tuple[bytes, ...], list[int]]:
    """The pieces between the values, and which value stood at each cut."""
    cuts = sorted(
        (place, number) for number, value in enumerate(values) if value for place in _places(html, value)
    )
    ends = [0, *(place + len(values[number]) for place, number in cuts)]
    starts = [*(place for place, _ in cuts), len(html)]
    pieces = tuple(html[end:start] for end, start in zip(ends, starts, strict=True))
    return pieces, [number for _, number in cuts]


def _places(html: bytes, value: bytes) -> Iterator[int]:
    place = html.find(value)
    while place >= 0:
        yield place
        place = html.find(value, place + len(value))


def _packed(plain: Sequence[bytes], widths: Sequence[int]) -> Iterator[bytes]:
    before = b""
    for piece, width in zip(plain, (*widths, 0), strict=True):
        engine = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, before)
        yield engine.compress(piece) + engine.flush(zlib.Z_SYNC_FLUSH)
        before = (before + piece + _NO_TEXT * width)[-_WINDOW:]
