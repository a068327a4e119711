"""Links and look-alike addresses by tables. Nothing here is fetched; the evil ones are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domains import BRANDS, host_of, is_short, links, looks_like, protected_with, registered

_IMITATIONS = [
    "https://bca.co.id.verifikasi-akun.top/masuk",
    "https://klikbca.com.secure-login.xyz",
    "http://klikbca-login.com",
    "https://tokopedia-promo.xyz/klaim",
    "tokopediapromo.shop",
    "https://tokopedla.com/hadiah",
    "https://t0kopedia.com",
    "https://tokopediа.com",
    "https://xn--tokopedi-8fg.com",
    "https://shoppee.co.id",
    "https://shopee.hadiah-gratis.online",
    "https://gojekk.com",
    "https://www.bri-update.site",
    "https://login.brimo.top/aktivasi",
    "https://dana-hadiah.club",
    "https://ovo.bonus-poin.vip",
    "https://mandiri.verifikasi.click",
    "https://whatsapp-undian.info",
    "https://whatsaap.com",
    "https://paypaI.com",
    "https://раураl.com",
    "https://bca.co.id@evil.example/x",
    "https://faceb00k.com/login",
    "https://instagram.com-verify.cyou",
    "http://goog1e.com",
    "https://toko-kita-login.top",
    "https://tokokita.example.masuk.xyz",
]

_HONEST = [
    "https://bca.co.id",
    "https://www.klikbca.com/masuk",
    "https://www.tokopedia.com/toko-kita/barang-1",
    "https://seller.shopee.co.id/portal",
    "https://gopay.co.id/bantuan",
    "https://dana.id",
    "https://dana-pensiun-karyawan.co.id",
    "https://danamon.co.id",
    "https://mandiri-jaya.co.id",
    "https://grabag.desa.id",
    "https://pajak.go.id/id",
    "https://forum.tokokita.example/forum/t/12/masuk",
    "https://tokokita.example",
    "https://docs.python.org/3/library/re.html",
    "https://id.wikipedia.org/wiki/Tokopedia",
    "https://www.instagram.com/p/abc",
    "https://web.whatsapp.com",
    "https://apple-tree-nursery.example",
    "https://mandarin-oranges.example",
    "https://github.com/tokopedia",
    "https://ovovegetarian.example",
    "https://münchen.example",
    "https://кофе.example",
    "https://bengkel-maju.my.id/daftar",
    "https://blog.example.com/login",
]


_OURS = protected_with(("tokokita.example",))


@pytest.mark.parametrize("link", _IMITATIONS)
def test_imitations_are_seen(link: str) -> None:
    """Subdomains, hyphens, other scripts, punycode, digits, one letter off, hidden behind an at sign."""
    assert looks_like(link, _OURS if "toko" in link else BRANDS) is not None


@pytest.mark.parametrize("link", _HONEST)
def test_honest_addresses_are_left_alone(link: str) -> None:
    """The owners' own, and words that only contain a name."""
    assert looks_like(link, _OURS) is None


def test_tables_are_long_enough() -> None:
    """Twenty of each at least."""
    assert min(len(_IMITATIONS), len(_HONEST)) >= 20


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lihat https://a.example/x?y=1.", ["https://a.example/x?y=1"]),
        ("(www.contoh.co.id)", ["www.contoh.co.id"]),
        ("buka contoh.xyz/promo ya", ["contoh.xyz/promo"]),
        ("[klik](https://b.example/a_b)", ["https://b.example/a_b"]),
        ("file laporan.pdf dan versi 1.2.3 tidak.Tapi ya", []),
        ("surat ke ⟦EMAIL:1⟧", []),
        ("dua: a.id b.id", ["a.id", "b.id"]),
    ],
)
def test_links_of_a_text(text: str, found: list[str]) -> None:
    """Written out and bare; file names, versions and missing spaces are none."""
    assert links(text) == found


def test_hosts() -> None:
    """Credentials, ports and punycode are off."""
    assert host_of("https://u:p@WWW.Contoh.co.id:8080/x") == "www.contoh.co.id"
    assert host_of("http://xn--mnchen-3ya.example") == "münchen.example"
    assert host_of("https://xn--\ud800.example") == "xn--\ud800.example"
    assert registered("a.b.contoh.co.id") == "contoh.co.id"
    assert registered("a.contoh.com") == "contoh.com"
    assert is_short("https://bit.ly/abc")
    assert not is_short("https://bitly-blog.example")


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    """Neither finding links nor judging them fails."""
    for link in [*links(text), text]:
        assert looks_like(link) is None or isinstance(looks_like(link), str)
