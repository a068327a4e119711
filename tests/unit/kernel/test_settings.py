"""Settings from the environment: every mistake is one clear line, and secrets stay hidden."""

from dataclasses import fields
from pathlib import Path

import pytest

from server.config import Settings, SettingsError


def test_defaults_need_no_environment() -> None:
    """`amanah serve` runs as it is."""
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.limits
    assert settings.host == "127.0.0.1"
    assert settings.key_file == Path("data/master.key")
    assert settings.worker_count >= 1


def test_values_are_read_as_their_kind() -> None:
    """Texts, numbers, switches and paths; the command line goes before the environment."""
    environ = {
        "AMANAH_PORT": "9",
        "AMANAH_LIMITS": "OFF",
        "AMANAH_DATA_DIR": "/srv/a",
        "AMANAH_MASTER_KEY_FILE": "/etc/key",
        "AMANAH_DEFAULT_LOCALE": "en",
        "PATH": "/bin",
    }
    settings = Settings.from_environment(environ, port=10, host=None)
    assert (settings.port, settings.limits, settings.data_dir) == (10, False, Path("/srv/a"))
    assert settings.key_file == Path("/etc/key")
    assert settings.default_locale == "en"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AMANAH_PORT", "http"),
        ("AMANAH_PORT", ""),
        ("AMANAH_LIMITS", "yes"),
        ("AMANAH_SESSION_DAYS", "1.5"),
        ("AMANAH_LOG_LEVEL", "LOUD"),
        ("AMANAH_DEFAULT_LOCALE", "fr"),
        ("AMANAH_REDIS_URL", "http://127.0.0.1"),
        ("AMANAH_PROT", "8080"),
        ("AMANAH_PORT", "99999"),
        ("AMANAH_PORT", "-1"),
        ("AMANAH_HOST", ""),
        ("AMANAH_TRUSTED_PROXIES", "-1"),
        ("AMANAH_REDACTOR_DEADLINE_MS", "0"),
        ("AMANAH_SESSION_DAYS", "0"),
        ("AMANAH_AUDIT_DAYS", "-1"),
        ("AMANAH_TRAINING_PERCENT", "500"),
        ("AMANAH_LINK_MINUTES", "99999999999"),
        ("AMANAH_REPORT_EPSILON", "9000"),
        ("AMANAH_MONGO_URL", "http://127.0.0.1"),
        ("AMANAH_MONGO_DATABASE", "a/b"),
        ("AMANAH_PUBLIC_URL", "bantuan.example"),
        ("AMANAH_PUBLIC_URL", "https://toko.example/bantuan"),
        ("AMANAH_PUBLIC_URL", "https://u:p@bantuan.example"),
        ("AMANAH_PUBLIC_URL", "https://bantuan.example:99999"),
        ("AMANAH_EMBED_ORIGINS", "www.toko.example"),
        ("AMANAH_EMBED_ORIGINS", "https://toko.example; script-src *"),
        ("AMANAH_EMBED_ORIGINS", "https://toko.example/"),
        ("AMANAH_PUSH_ORIGINS", "http://push.example"),
        ("AMANAH_WEBHOOK_NETWORKS", "x"),
        ("AMANAH_FEEDBACK_TERMS", "[]"),
        ("AMANAH_CLAMAV_URL", "tcp://h:99999"),
        ("AMANAH_COMPANY_NAME", " "),
    ],
)
def test_a_mistake_names_its_variable(name: str, value: str) -> None:
    """Also a misspelt one, which would silently do nothing."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})


def test_a_misspelt_setting_is_told_what_is_meant() -> None:
    """Where nothing is like it, where to look; `amanah config` would end with the same error."""
    with pytest.raises(SettingsError, match="is AMANAH_SMTP_URL meant"):
        Settings.from_environment({"AMANAH_SMTP": "x"})
    with pytest.raises(SettingsError, match=r"docs/operations\.md"):
        Settings.from_environment({"AMANAH_ZZZ": "x"})


@pytest.mark.parametrize("name", ["AMANAH_PUBLIC_URL", "AMANAH_EMBED_ORIGINS"])
@pytest.mark.parametrize("origin", ["https://bantuan.example", "http://localhost:8080", "http://[::1]:8080"])
def test_an_origin_is_taken_as_it_is_written(name: str, origin: str) -> None:
    Settings.from_environment({name: origin})


def test_the_manual_lists_the_settings(source_root: Path) -> None:
    """Each with its default and meaning, in the order of `amanah config`."""
    manual = (source_root / "docs/operations.md").read_text("utf-8")
    rows = [row.strip("| ").split(" | ", 2) for row in manual.splitlines() if row.startswith("| `AMANAH_")]
    described = Settings().described()
    shown = {name: (f"`{default}`" if default else "(empty)", about) for name, _, default, about in described}
    assert {name.strip("`"): (default, about) for name, default, about in rows} == shown


def test_tests_have_their_own_variables() -> None:
    """`AMANAH_TEST_*` are no settings."""
    assert Settings.from_environment({"AMANAH_TEST_MONGO_URL": "x"}) == Settings()


def test_secrets_are_masked() -> None:
    """In `repr` and in what `amanah config` shows."""
    settings = Settings.from_environment({"AMANAH_MONGO_URL": "mongodb://u:geheim@h/"})
    assert "geheim" not in repr(settings)
    shown = {name: value for name, value, _, _ in settings.described()}
    assert shown["AMANAH_MONGO_URL"] == "********"
    assert "geheim" not in str(settings.described())


def test_every_setting_is_described() -> None:
    """With its variable, default and meaning."""
    rows = Settings().described()
    assert [name for name, *_ in rows] == [f"AMANAH_{item.name.upper()}" for item in fields(Settings)]
    assert all(about.endswith((".", "`.")) for *_, about in rows)
