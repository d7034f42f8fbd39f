"""Proxies of ours before the desk: who really asked, so that the audit trail names the browser and not the proxy."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def trust(app: Flask, count: int) -> None:
    """Believe the last ``count`` hops of what ``X-Forwarded-For``, ``-Proto`` and ``-Host`` say; none when it is zero.

    More than there are would let a browser say of itself what it likes.
    """
    if count:
        # Flask calls the attribute; type checkers take it for a method, which cannot be assigned.
        vars(app)["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
