"""Sending files with a form, as a browser does."""

from __future__ import annotations

import io
import re

from werkzeug.test import TestResponse

from tests.web.desk import Browser


def send(browser: Browser, path: str, *files: tuple[str, bytes], **fields: str) -> TestResponse:
    """Send a form with these files in its field ``files``."""
    sent = [(io.BytesIO(content), name) for name, content in files]
    data = {"csrf_token": browser.form_token(), **fields, "files": sent}
    return browser.client.post(path, data=data, content_type="multipart/form-data")


def key_in(text: str) -> str:
    """The key that makes the first form of a page harmless when it is sent twice."""
    found = re.search(r'name="form_key" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def words(text: str) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
