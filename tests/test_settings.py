"""Settings come from the environment alone, and say which of them is wrong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from billing.database import Database
from billing.errors import Refused
from billing.settings import Settings, kept_secret, settings_from


def test_nothing_set_gives_a_clinic_in_the_data_folder() -> None:
    settings = settings_from({})

    assert settings.data == Path("data")
    assert settings.database == f"sqlite:///{Path.cwd()}/data/meridian.sqlite3"
    assert settings.queues == Path("data/queues")


def test_nothing_but_a_folder_set_gives_a_database_that_opens(tmp_path: Path) -> None:
    settings = settings_from({"MERIDIAN_DATA": str(tmp_path / "new" / "folder")})

    with Database(settings.database).reading() as db:
        answer = db.connection().exec_driver_sql("SELECT 1").scalar_one()

    assert answer == 1


def test_variables_of_other_programs_are_passed_over() -> None:
    assert settings_from({"PATH": "/bin", "DATABASE_URL": "mysql://elsewhere"}) == settings_from({})


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert settings_from({"MERIDIAN_CLAIM_USAGE": ""}) == settings_from({})


def test_an_unknown_variable_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="MERIDIAN_DATABSE_URL"):
        settings_from({"MERIDIAN_DATABSE_URL": "postgresql:///clinic"})


def test_every_bad_value_is_named_and_none_is_repeated() -> None:
    with pytest.raises(Refused) as refusal:
        settings_from({"MERIDIAN_CLAIM_USAGE": "secret-1", "MERIDIAN_SECURE_COOKIES": "secret-2"})

    assert "MERIDIAN_CLAIM_USAGE" in str(refusal.value)
    assert "MERIDIAN_SECURE_COOKIES" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_secret_is_read_from_the_file_that_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "database_url"
    file.write_text("postgresql://meridian:hush@db/meridian\n", encoding="utf-8")

    settings = settings_from({"MERIDIAN_DATABASE_URL_FILE": str(file)})

    assert settings.database == "postgresql://meridian:hush@db/meridian"


def test_a_secret_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="MERIDIAN_SECRET_KEY_FILE"):
        settings_from({"MERIDIAN_SECRET_KEY_FILE": str(tmp_path / "missing")})


def test_settings_cannot_be_changed_afterwards() -> None:
    settings = settings_from({})

    with pytest.raises(ValidationError):
        settings.claim_usage = "T"


def test_each_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_kept_secret_stays_the_same_and_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    first, second = kept_secret(folder, "secret_key"), kept_secret(folder, "secret_key")

    assert first == second
    assert len(first) >= 48
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


def test_two_installations_do_not_share_a_secret(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "one", "secret_key") != kept_secret(tmp_path / "two", "secret_key")
