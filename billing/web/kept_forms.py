"""What somebody typed into a page whose login or token had run out, or while the database was away: it is not lost.

It is shown only to the browser that sent it, from one of our own pages: a form that another site sends is thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request

from billing.web.login import SIGN_IN

_TOKEN, _KEY = "csrf_token", "form_key"
_SECRET = "password"
_MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that was not carried out: where it goes, and its fields in order."""

    path: str
    fields: list[tuple[str, str]]
    has_files: bool
    """Whether files were sent with it; a browser has to choose them again."""


def of_request(*, with_key: bool = False) -> KeptForm | None:
    """The present request's form; ``None`` when there is nothing to keep, or another site may have sent it.

    ``with_key``: it may have been carried out, and is known again by its key.
    """
    if request.method != "POST" or request.path == SIGN_IN or not _is_from_here():
        return None
    never = (_TOKEN,) if with_key else (_TOKEN, _KEY)
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in never and _SECRET not in name.lower()
    ]
    if (
        any(_SECRET in name.lower() for name in request.form)
        or sum(len(value) for _, value in fields) > _MOST_CHARACTERS
    ):
        return None
    return KeptForm(request.full_path.rstrip("?"), fields, bool(request.files))


def _is_from_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host
