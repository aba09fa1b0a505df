"""Files that somebody would send to do harm, each made here: ``{what it is: (its name, its bytes)}``."""

import io
import struct
import zipfile
import zlib
from functools import cache

from openpyxl import Workbook
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SCRIPT = b"<script>alert(1)</script>"
_BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)
SHEET = "xl/worksheets/sheet1.xml"


@cache
def hostile_files() -> dict[str, tuple[str, bytes]]:
    """Every one of them."""
    return {
        "svg with a script": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"),
        "svg that says it is a png": ("a.png", b"<svg onload='alert(1)'/>"),
        "html that says it is a jpeg": ("a.jpg", b"<html>" + SCRIPT),
        "gif that is javascript": ("a.gif", b"GIF89a/*" + b"\0" * 9 + b"*/=1;alert(1)//"),
        "jpeg with html behind it": ("a.jpg", _picture("JPEG") + SCRIPT),
        "jpeg with an archive behind it": ("a.jpg", _picture("JPEG") + _archive({"x.class": SCRIPT})),
        "png with a script in its text": ("a.png", _png_saying(SCRIPT.decode())),
        "png whose text unpacks to 100 MB": ("a.png", _png_with_text_bomb()),
        "pixel bomb": ("a.png", _png_of(30_000, 30_000)),
        "png of a line": ("a.png", _png_of(2_000_000, 400)),
        "jpeg that claims 65,000 pixels square": ("a.jpg", _jpeg_claiming(65_000, 65_000)),
        "progressive jpeg of 26 megapixels": ("a.jpg", _picture("JPEG", (6_500, 4_000), progressive=True)),
        "png of 25 megapixels": ("a.png", _png_of(5_000, 5_000)),
        "webp of 16 megapixels": ("a.webp", _picture("WEBP", (4_000, 4_000), quality=1, method=0)),
        "truncated jpeg": ("a.jpg", _picture("JPEG")[:200]),
        "truncated png": ("a.png", _picture("PNG", noise=True)[:300]),
        "wrong magic": ("a.jpg", b"\x00\x01\x02" * 1_000),
        "tiff that says it is a jpeg": ("a.jpg", _picture("TIFF")),
        "postscript": ("a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"),
        "name that climbs": ("../../../../etc/cron.d/x.jpg", _picture("JPEG")),
        "name with a NUL": ("a.php\0.jpg", _picture("JPEG")),
        "name of 5,000 characters": ("a" * 5_000 + ".jpg", _picture("JPEG")),
        "photo that says where it was taken": ("a.jpg", _picture("JPEG", exif=_gps())),
        "empty file": ("a.jpg", b""),
        "workbook that unpacks to 300 MB": ("a.xlsx", _workbook({SHEET: b"<row>" + b" " * 300_000_000})),
        "workbook with ten thousand parts": ("a.xlsx", _archive({f"xl/{n}": b"" for n in range(10_000)})),
        "workbook with an entity bomb": ("a.xlsx", _workbook({SHEET: (_BOMB + "]><x>&j;</x>").encode()})),
        "workbook that reads a file of ours": ("a.xlsx", _workbook({SHEET: _outside()})),
        "workbook with names that climb": ("a.xlsx", _workbook({"../../../tmp/x": SCRIPT})),
        "workbook of a million columns": ("a.xlsx", _workbook({SHEET: _wide()})),
        "broken archive": ("a.xlsx", _workbook({})[:-400]),
        "text with NUL in it": ("a.csv", "品牌,型号\na\0b,c\n".encode()),
        "text of one endless cell": ("a.csv", "品牌,型号\n".encode() + b'"' + b"x" * 3_900_000),
        "text of four million commas": ("a.csv", "品牌,型号\n".encode() + b"," * 3_900_000),
    }


def _picture(
    kind: str, size: tuple[int, int] = (640, 480), *, noise: bool = False, **options: object
) -> bytes:
    out = io.BytesIO()
    image = Image.effect_noise(size, 60).convert("RGB") if noise else Image.new("RGB", size, "#8a6")
    image.save(out, kind, **options)
    return out.getvalue()


def _gps() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (32.0, 41.0, 2.5), 3: "E", 4: (109.0, 1.0, 44.0)})
    return exif


def _png_saying(text: str) -> bytes:
    info = PngInfo()
    info.add_text("Comment", text)
    return _picture("PNG", pnginfo=info)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _packed(size: int, block: bytes = b"\0" * 1_000_000) -> bytes:
    packer = zlib.compressobj(9)
    parts = [packer.compress(block[: min(len(block), size - at)]) for at in range(0, size, len(block))]
    return b"".join((*parts, packer.flush()))


def _png_of(width: int, height: int) -> bytes:
    """All of one color: a few kB however large. What comes after 20 MB of rows is left out."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = _packed(min((1 + 3 * width) * height, 20_000_000))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _png_with_text_bomb() -> bytes:
    whole = _picture("PNG")
    bomb = _chunk(b"zTXt", b"Comment\0\0" + _packed(100_000_000))
    return whole[:33] + bomb + whole[33:]


def _jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(_picture("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _workbook(parts: dict[str, bytes]) -> bytes:
    """A workbook in which these parts stand instead of, or beside, its own."""
    book, out = Workbook(), io.BytesIO()
    book.active.append(["品牌", "型号"])
    book.active.append(["禾润", "HR-1"])
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        own = {name: archive.read(name) for name in archive.namelist()}
    return _archive(own | parts)


def _outside() -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&f;</t></is></c></row></sheetData></worksheet>'
    )


def _wide() -> bytes:
    cells = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 3_000))
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData></worksheet>'
    ).encode()
