"""A kept page comes out as it went in, with this visitor's own token and keys in its holes."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.web.kept_page import keep

TOKEN = "Q" * 91
texts = st.lists(
    st.sampled_from(["<p>", "冰箱", "value=", "\x00", "tt", "k0", " ", "洗衣机" * 90]), max_size=60
)


@given(texts, texts, texts, st.text("abc.-_", min_size=91, max_size=91))
def test_what_is_kept_is_what_was_rendered_with_other_values_in_its_holes(a, b, c, token):
    first, last, key = map("".join, (a, b, c))
    html = f"{first}{TOKEN}{last}KEY-0001{key}{TOKEN}KEY-0002"
    kept = keep(html.encode(), TOKEN, ["KEY-0001", "KEY-0002"])
    wanted = f"{first}{token}{last}KEY-9991{key}{token}KEY-9992".encode()
    assert kept.filled(token, ["KEY-9991", "KEY-9992"]) == wanted
    assert gzip.decompress(kept.gzipped(token, ["KEY-9991", "KEY-9992"])) == wanted
    assert (kept.keys, kept.holes) == (2, (None, 0, None, 1))


def test_a_page_without_holes_is_gzip_as_well():
    kept = keep("绿乡".encode() * 30_000, "", [])
    assert gzip.decompress(kept.gzipped("", [])).decode() == "绿乡" * 30_000
    assert kept.size_bytes < 181_000


def test_a_value_that_does_not_fit_its_hole_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        keep(f"a{TOKEN}b".encode(), TOKEN, []).gzipped("short", [])


def test_pages_that_differ_in_their_holes_alone_are_one_page_to_a_browser():
    assert keep(f"a{TOKEN}b".encode(), TOKEN, []).digest == keep(b"aOTHERb", "OTHER", []).digest
    assert keep(f"a{TOKEN}b".encode(), TOKEN, []).digest != keep(f"a{TOKEN}c".encode(), TOKEN, []).digest
