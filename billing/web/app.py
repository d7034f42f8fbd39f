"""The Flask app: every page, behind one set of headers, errors and form tokens."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from billing.web import asked, assets, endpoint, errors, formatting, headers, links, proxies
from billing.web.pages import (
    account,
    accounts,
    audit_trail,
    benefits,
    by_itself,
    calendar,
    checkout,
    claims,
    code_sets,
    credential,
    design,
    documents,
    education,
    eligibility,
    errands,
    estimates,
    fees,
    follow_ups,
    happened,
    health,
    importing,
    licences,
    patient_coverage,
    patient_record,
    patients,
    payers,
    people,
    places,
    policies,
    private_links,
    reminders,
    remittances,
    rooms,
    rule_packs,
    search,
    session,
    session_billing,
    settings,
    signing_in,
    supervision,
    today,
    users,
)
from billing.wiring import Program, program_of_this_process

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LARGEST_REQUEST = 1024 * 1024
"""Bytes of a form; an upload's route says how much more it takes."""

SCREENS = (
    today, calendar, session, session_billing, checkout, patients, policies, benefits, patient_record, follow_ups,
    eligibility, documents, search, claims, remittances, accounts, reminders, happened, licences, settings, people,
    payers, fees, rooms, by_itself, users, audit_trail, importing, errands, account, signing_in, health, design,
    patient_coverage, rule_packs, code_sets, private_links, credential, education, supervision, places,
    estimates,
)  # fmt: skip


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
    proxies.trust(app, program.settings.trusted_proxies)
    asked.register(app)
    endpoint.register(app)
    # Whoever has a private link may use it, from any mail program: the link is the proof.
    CSRFProtect(app).exempt(private_links.pages)
    for part in (errors, formatting, headers, links, assets):
        part.register(app)
    for screen in SCREENS:
        app.register_blueprint(screen.pages)
    return app
