"""The browser's side of a login: one cookie, and the way back to the page that was wanted."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, request

from billing.access.signing_in import IDLE

COOKIE = "meridian_login"
HOME = "/"
SIGN_IN = "/sign-in"


def token() -> str | None:
    """The token the browser sent."""
    return request.cookies.get(COOKIE)


def hand_over(response: Response, new_token: str) -> None:
    """Give the browser its token: not readable by scripts, not sent from other sites, gone with the browser."""
    response.set_cookie(
        COOKIE, new_token, path="/", httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )


def take_back(response: Response) -> None:
    """Have the browser forget its token."""
    response.delete_cookie(
        COOKIE, path="/", httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )


def way_back(wanted: str | None) -> str:
    """``wanted`` if it is a path on this site, else the first page; other sites must not be reachable through us."""
    if (
        not wanted
        or not wanted.startswith("/")
        or wanted.startswith("//")
        or "\\" in wanted
        or not wanted.isprintable()
    ):
        return HOME
    parts = urlsplit(wanted)
    return HOME if parts.scheme or parts.netloc or parts.path == SIGN_IN else wanted


def to_sign_in() -> str:
    """The address of the sign-in page that leads back here."""
    here = request.full_path.rstrip("?")
    back = way_back(here) if request.method == "GET" else HOME
    return SIGN_IN if back == HOME else f"{SIGN_IN}?{urlencode({'next': back})}"


@dataclass(frozen=True, slots=True)
class IdleOut:
    """When the browser is to leave a page by itself, so that nobody reads on from a screen that was left alone."""

    seconds: int
    to: str


def idle_out() -> IdleOut:
    """A moment after the login has idled out: the sign-in page that leads back here."""
    return IdleOut(int(IDLE.total_seconds()) + 5, to_sign_in())
