"""An explanation's line on a page: its records linked, its dates and amounts as people write them, nothing trusted."""

from __future__ import annotations

import pytest

from billing.reports.record_names import RecordNames
from billing.web.explained import linked
from tests.web.desk import Desk

NAMES = RecordNames({"V011": 4, "17": 9}, {"MER0000010": 3})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("left to pay of charge 24", 'left to pay of <a href="/charges/24">charge 24</a>'),
        ("Session V011 on 2026-02-06, signed.", '<a href="/sessions/4">Session V011</a> on Fri 6 Feb 2026, signed.'),
        ("session 17", '<a href="/sessions/9">session 17</a>'),
        ("session 4", "session 4"),
        ("claim MER0000010: claim 47 of payment 9", '<a href="/claims/3">claim MER0000010</a>: claim 47 of payment 9'),
        ("payment 7 by card", '<a href="/payments/7">payment 7</a> by card'),
        ("1 x 104.00 = 1040.00.", "1 x $104.00 = $1,040.00."),
        ("Diagnoses: M54.41, M54.50.", "Diagnoses: M54.41, M54.50."),
        ("in the file 2026-02-06.835 of 2026-02-30", "in the file 2026-02-06.835 of 2026-02-30"),
        ("refund: <script>alert(1)</script>", "refund: &lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)  # fmt: skip
def test_a_line_is_written_for_a_page(desk: Desk, text: str, shown: str) -> None:
    with desk.app.test_request_context():
        assert linked(NAMES, "USD")(text) == shown
