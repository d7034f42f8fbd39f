"""The one worker of ``meridian serve`` gets the settings of the desk that started it."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.settings import Settings, environment_for, settings_from


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(data=Path("/srv/clinic"), clearinghouse="sandbox", secure_cookies=True, trusted_proxies=2),
        Settings(data=Path("demo"), database_url="postgresql://host/clinic", inbox=Path("in"), port=9000),
    ],
)
def test_a_child_process_finds_the_settings_it_is_meant_to_have(settings: Settings) -> None:
    around = {"PATH": "/bin", "MERIDIAN_DATA": "/elsewhere", "MERIDIAN_BROKER_URL": "redis://elsewhere"}

    environment = environment_for(settings, around)

    assert settings_from(environment) == settings
    assert environment["PATH"] == "/bin"


def test_a_secret_that_is_given_as_a_file_stays_in_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("not to be seen")
    around = {"MERIDIAN_SECRET_KEY_FILE": str(secret)}

    assert environment_for(settings_from(around), around) == around
