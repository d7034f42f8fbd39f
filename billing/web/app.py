"""The Flask app: every page, behind one set of headers, errors and form tokens."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from billing.web import errors, formatting, headers
from billing.web.pages import account, health, home, signing_in
from billing.wiring import Program, program_of_this_process

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LARGEST_REQUEST = 16 * 1024 * 1024


def create_app(program: Program | None = None) -> Flask:
    """The desk for that program; without one, for the settings of this process, as gunicorn starts it."""
    program = program or program_of_this_process()
    app = Flask("billing.web", template_folder=str(TEMPLATES), static_folder="static")
    app.config.update(
        SECRET_KEY=program.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SESSION_COOKIE_NAME="meridian_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=program.settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["meridian"] = program
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    CSRFProtect(app)
    for part in (errors, formatting, headers):
        part.register(app)
    for screen in (home, account, signing_in, health):
        app.register_blueprint(screen.pages)
    return app
