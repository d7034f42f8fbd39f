from __future__ import annotations

import pytest
from flask import Flask

from billing.settings import settings_from
from billing.web.app import create_app
from billing.wiring import Program
from tests.access.cast import make_cast
from tests.web.desk import Desk


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One app for all tests of pages: to make it takes longer than most of them."""
    return create_app(Program(settings_from({"MERIDIAN_DATA": str(tmp_path_factory.mktemp("served"))})))


@pytest.fixture
def desk(served: Flask, program: Program) -> Desk:
    """The desk over this test's clinic. No test here may give the app a page of its own."""
    served.extensions["meridian"] = program
    return Desk(served, program.database, make_cast(program.database))
