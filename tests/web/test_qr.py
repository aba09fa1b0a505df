"""QR codes in pages: cameras read them, on dark pages and in every size."""

import re

from market.web.qr import qr


def test_a_short_code_too_is_no_micro_qr_and_lies_on_white() -> None:
    drawn = qr("H-38NJ-S8TE", scale=6)
    assert 'stroke="#000"' in drawn
    assert 'fill="#fff"' in drawn
    assert 'width="150" height="150"' in drawn  # 21 modules and a border of 2; a Micro QR has 17 at most


def test_a_label_sheet_can_make_it_smaller_without_cutting_it() -> None:
    drawn = qr("LX261128-934JJ5QC-1", scale=7)
    sized = re.search(r'width="(\d+)" height="(\d+)"', drawn)
    assert sized is not None
    assert f'viewBox="0 0 {sized[1]} {sized[2]}"' in drawn
