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


SMTP = {"MERIDIAN_MAIL": "smtp", "MERIDIAN_MAIL_HOST": "mail.example.org", "MERIDIAN_MAIL_FROM": "desk@example.org"}
GATEWAY = {
    "MERIDIAN_TEXTS": "http",
    "MERIDIAN_TEXTS_URL": "https://texts.example.org/v1",
    "MERIDIAN_TEXTS_TOKEN": "hush",
    "MERIDIAN_TEXTS_FROM": "+15035550199",
}


def test_a_way_out_is_refused_until_it_is_whole() -> None:
    with pytest.raises(Refused) as refusal:
        settings_from({"MERIDIAN_MAIL": "smtp", "MERIDIAN_TEXTS": "http"})

    assert [name for name in (*SMTP, *GATEWAY) if f"{name}:" not in str(refusal.value)] == [
        "MERIDIAN_MAIL",
        "MERIDIAN_TEXTS",
    ]
    assert settings_from({**SMTP, **GATEWAY}).mail == "smtp"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"MERIDIAN_MAIL_SECURITY": "plain"}, "MERIDIAN_MAIL_SECURITY"),
        ({"MERIDIAN_MAIL_USER": "clinic"}, "MERIDIAN_MAIL_PASSWORD"),
        ({"MERIDIAN_MAIL_PASSWORD": "hush"}, "MERIDIAN_MAIL_PASSWORD"),
        ({"MERIDIAN_MAIL_FROM": "Juniper Lane"}, "MERIDIAN_MAIL_FROM"),
        ({"MERIDIAN_TEXTS_URL": "http://texts.example.org"}, "MERIDIAN_TEXTS_URL"),
        ({"MERIDIAN_TEXTS_URL": "https:///v1"}, "MERIDIAN_TEXTS_URL"),
        ({"MERIDIAN_TEXTS_URL": "https://texts.example.org/?a=b"}, "MERIDIAN_TEXTS_URL"),
        ({"MERIDIAN_TEXTS_TOKEN": "hush\nHost: x"}, "MERIDIAN_TEXTS_TOKEN"),
    ],
)
def test_an_unsafe_or_broken_way_out_is_refused_by_name(changes: dict[str, str], named: str) -> None:
    with pytest.raises(Refused) as refusal:
        settings_from({**SMTP, **GATEWAY, **changes})

    assert str(refusal.value).count("MERIDIAN_") == 1
    assert named in str(refusal.value)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_nothing_leaves_this_machine_on_the_way_to_itself(host: str) -> None:
    settings = settings_from({**SMTP, "MERIDIAN_MAIL_HOST": host, "MERIDIAN_MAIL_SECURITY": "plain"})

    assert settings.mail_security == "plain"


def test_secrets_of_the_ways_out_are_not_shown_with_the_settings() -> None:
    settings = settings_from({**SMTP, **GATEWAY, "MERIDIAN_MAIL_USER": "clinic", "MERIDIAN_MAIL_PASSWORD": "hush"})

    assert "hush" not in repr(settings)


SFTP = {
    "MERIDIAN_CLEARINGHOUSE": "sftp",
    "MERIDIAN_SFTP_HOST": "sftp.example.org",
    "MERIDIAN_SFTP_USER": "clinic",
    "MERIDIAN_SFTP_PASSWORD": "hush",
    "MERIDIAN_SFTP_KNOWN_HOSTS": "sftp.example.org ssh-ed25519 AAAA",
}


def test_an_sftp_server_is_described_whole(tmp_path: Path) -> None:
    key, known = tmp_path / "key", tmp_path / "known_hosts"
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nhush\n", encoding="utf-8")
    known.write_text("# theirs\nsftp.example.org ssh-ed25519 AAAA\n", encoding="utf-8")
    by_key = {name: value for name, value in SFTP.items() if "PASSWORD" not in name and "KNOWN" not in name}

    settings = settings_from(
        {**by_key, "MERIDIAN_SFTP_KEY_FILE": str(key), "MERIDIAN_SFTP_KNOWN_HOSTS_FILE": str(known)}
    )

    assert "hush" in settings.sftp_key
    assert "hush" not in repr(settings)
    assert (settings.sftp_port, settings.sftp_claims, settings.sftp_answers) == (22, "claims", "answers")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"MERIDIAN_SFTP_HOST": ""}, "MERIDIAN_SFTP_HOST: is needed"),
        ({"MERIDIAN_SFTP_HOST": "sftp://host"}, "MERIDIAN_SFTP_HOST"),
        ({"MERIDIAN_SFTP_USER": ""}, "MERIDIAN_SFTP_USER: is needed"),
        ({"MERIDIAN_SFTP_USER": "two words"}, "MERIDIAN_SFTP_USER"),
        ({"MERIDIAN_SFTP_PORT": "70000"}, "MERIDIAN_SFTP_PORT"),
        ({"MERIDIAN_SFTP_PASSWORD": ""}, "MERIDIAN_SFTP_PASSWORD"),
        ({"MERIDIAN_SFTP_KEY": "BEGIN PRIVATE KEY"}, "not both"),
        ({"MERIDIAN_SFTP_KEY": "hush"}, "MERIDIAN_SFTP_KEY"),
        ({"MERIDIAN_SFTP_KNOWN_HOSTS": ""}, "MERIDIAN_SFTP_KNOWN_HOSTS: is needed"),
        ({"MERIDIAN_SFTP_KNOWN_HOSTS": "# a comment of three words"}, "MERIDIAN_SFTP_KNOWN_HOSTS"),
        ({"MERIDIAN_SFTP_CLAIMS": "a\nb"}, "MERIDIAN_SFTP_CLAIMS"),
        ({"MERIDIAN_CLEARINGHOUSE": "ftp"}, "MERIDIAN_CLEARINGHOUSE"),
    ],
)
def test_an_sftp_server_that_is_not_described_whole_is_refused_by_name(changes: dict[str, str], wrong: str) -> None:
    with pytest.raises(Refused) as refusal:
        settings_from({**SFTP, **changes})

    assert wrong in str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_what_is_said_of_an_sftp_server_asks_for_nothing_while_none_is_used() -> None:
    assert settings_from({"MERIDIAN_SFTP_HOST": "sftp.example.org"}).clearinghouse == "folder"
