"""Who may read what is counted."""

import pytest
from aiohttp.test_utils import make_mocked_request

from server.config import Settings, SettingsError
from server.web.ops import MetricsDoor
from server.web.requests import Origins


def _may(
    remote: str,
    headers: dict[str, str] | None = None,
    *,
    networks: str = Settings().metrics_networks,
    token: str = "",
    proxies: int = 0,
) -> bool:
    request = make_mocked_request("GET", "/metrics", headers=headers or {}).clone(remote=remote)
    return MetricsDoor(networks, token, Origins("", proxies))(request)


def test_by_network() -> None:
    """Loopback as it is delivered; more where it is set; nobody whose place is not known."""
    assert _may("127.0.0.1")
    assert _may("::1")
    assert _may("::ffff:127.0.0.1")
    assert not _may("203.0.113.9")
    assert not _may("")
    assert _may("10.1.2.3", networks="10.0.0.0/8")
    assert not _may("127.0.0.1", networks="10.0.0.0/8")
    assert not _may("127.0.0.1", networks="")


def test_behind_a_proxy() -> None:
    """Where the caller is counts, not where the proxy is; of a proxy that is not told of, nothing is believed."""
    assert not _may("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"})
    assert not _may("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"})
    assert not _may("127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, proxies=1)
    assert _may("127.0.0.1", {"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}, proxies=1)


def test_by_token() -> None:
    """From anywhere with the right one; a wrong one is worse than none."""
    assert _may("203.0.113.9", {"Authorization": "Bearer rahasia"}, token="rahasia")
    assert not _may("203.0.113.9", {"Authorization": "Bearer rahasi"}, token="rahasia")
    assert not _may("127.0.0.1", {"Authorization": "Bearer salah"}, token="rahasia")
    assert not _may("203.0.113.9", {"Authorization": "Bearer "}, token="")
    assert not _may("203.0.113.9", {"Authorization": "Bearer"}, token="")
    assert _may("127.0.0.1", token="rahasia")


def test_a_wrong_network_is_told() -> None:
    with pytest.raises(SettingsError, match="AMANAH_METRICS_NETWORKS"):
        Settings.from_environment({"AMANAH_METRICS_NETWORKS": "everywhere"})
