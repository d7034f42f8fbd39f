"""What a browser fetches that has never been here: the page, and every sheet, script and letter it names."""

from __future__ import annotations

import gzip
import re

from flask.testing import FlaskClient


def first_load(client: FlaskClient) -> dict[str, int]:
    """Compressed bytes of each part of a first page, by address; the client is signed in."""
    page = client.get("/account").text
    named = re.findall(r'<(?:link|script)[^>]+?(?:href|src)="(/static/[^"]+)"', page)
    fetched = {path: client.get(path) for path in dict.fromkeys(named)}
    assert all(answer.status_code == 200 for answer in fetched.values())
    parts = {"/account": page.encode(), **{path: answer.data for path, answer in fetched.items()}}
    return {path: len(gzip.compress(content)) for path, content in parts.items()}
