"""For the machine that watches: does this process reach its database, and does the schema fit the program?"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response
from sqlalchemy.exc import SQLAlchemyError

from billing.operations.schema import is_current
from billing.web.endpoint import ANYONE, Call, endpoint

pages = Blueprint("health", __name__)


@endpoint(pages, "/healthz", may=ANYONE, audit=None)
def healthz(call: Call) -> Response:
    """200 when requests can be served, else 503."""
    try:
        database, schema = "reachable", "current" if is_current(call.program.database) else "outdated"
    except SQLAlchemyError:
        database, schema = "unreachable", "unknown"
    return make_response(jsonify(database=database, schema=schema), 200 if schema == "current" else 503)
