"""A text gateway on this machine as ``docs/text-gateway.md`` describes one, with faults that can be switched on."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

TOKEN = "quiet-river"


@dataclass
class TextGateway:
    """It takes each key once, and remembers what it was asked."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """What it will bring to people, by key."""
    asked: list[str] = field(default_factory=list)
    """The key of each message offered."""
    refused: dict[str, int] = field(default_factory=dict)
    """Numbers it does not take, and with which status."""
    instead: Response | None = None
    """Answered to a message without taking it."""
    after_taking: Response | None = None
    """Answered to a message that it has taken."""
    listed: list[dict[str, object]] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)
    hangs: bool = False
    """It takes a message and never answers."""
    released: threading.Event = field(default_factory=threading.Event)

    def messages(self, request: Request) -> Response:
        """POST /messages"""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response(status=401)
        key = request.headers["Idempotency-Key"]
        self.asked.append(key)
        text = json.loads(request.get_data())
        if self.instead is not None:
            return self.instead
        if text["to"] in self.refused:
            return Response(json.dumps({"error": f"{text['to']} is not for us"}), self.refused[text["to"]])
        if key in self.texts:
            return Response(json.dumps({"id": f"gw-{key}"}), 409, mimetype="application/json")
        self.texts[key] = text
        if self.hangs:
            self.released.wait(30)
        return self.after_taking or Response(json.dumps({"id": f"gw-{key}"}), 202, mimetype="application/json")

    def replies(self, request: Request) -> Response:
        """GET /replies"""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response(status=401)
        self.since.append(datetime.fromisoformat(request.args["since"]))
        return Response(json.dumps({"replies": self.listed}), mimetype="application/json")

    def serve_at(self, server: HTTPServer) -> str:
        """Answer there; gives the address."""
        server.expect_request("/v1/messages", method="POST").respond_with_handler(self.messages)
        server.expect_request("/v1/replies", method="GET").respond_with_handler(self.replies)
        return server.url_for("/v1")
