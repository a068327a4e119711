"""The word of embedding sites, as an attacker would give it: forged, borrowed, repeated, outdated, for another."""

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tests.harness.http import Answer
from tests.harness.people import Person, World
from tests.harness.slugs import another

Token = dict[str, Any]


class Shop:
    """A site with a secret of its own, which signs what it is told to."""

    def __init__(self, admin: Person, site: Mapping[str, Any], kid: str, secret: str) -> None:
        self.admin = admin
        self.id = str(site["id"])
        self.audience = str(site["audience"])
        self.kid = kid
        self.secret = secret

    def claims(self, **changes: object) -> Token:
        """What a token says that is in order."""
        now = int(datetime.now(UTC).timestamp())
        given = {"iss": self.id, "aud": self.audience, "sub": "pelanggan-7", "iat": now, "exp": now + 300}
        return {name: value for name, value in {**given, "jti": token_hex(8), **changes}.items() if value is not None}

    def token(self, *, header: Mapping[str, object] | None = None, **changes: object) -> str:
        """A token signed with the secret."""
        said: dict[str, Any] = {"alg": "HS256", "kid": self.kid, **(header or {})}
        return jwt.encode(said, self.claims(**changes), OctKey.import_key(self.secret))


@pytest.fixture(autouse=True)
async def few_sites(world: World) -> None:
    """What other tests of this server have left is taken away: an installation has no more than some sites."""
    await world.database["embedding_sites"].delete_many({})


async def _shop(world: World) -> Shop:
    admin = await world.person("admin", "Pengurus")
    made = await admin.post("/sites", {"label": f"{another('toko')}.example"})
    assert made.status == 201, made.envelope
    site = made.data["site"]
    key = await admin.post(f"/sites/{site['id']}/keys", {})
    assert key.status == 201, key.envelope
    return Shop(admin, site, key.data["kid"], key.data["secret"])


async def _tell(world: World, token: str) -> Answer:
    return await world.http.post("/api/v1/identifications", {"token": token})


async def _refused(world: World, token: str) -> None:
    answer = await _tell(world, token)
    assert (answer.status, answer.error["code"]) == (401, "not_authenticated")


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_person_is_the_same_account_each_time_and_another_person_another(world: World) -> None:
    shop = await _shop(world)
    first = await _tell(world, shop.token(name="Toko Sumber Rezeki"))
    assert first.status == 201, first.envelope
    account = first.data["account"]
    assert (account["role"], account["display_name"], account["email"]) == ("customer", "Toko Sumber Rezeki", None)
    again = await _tell(world, shop.token())
    assert again.data["account"]["id"] == account["id"]
    assert again.data["token"] != first.data["token"]
    other = await _tell(world, shop.token(sub="pelanggan-8"))
    assert other.data["account"]["id"] != account["id"]
    me = await world.http.get("/api/v1/me", token=again.data["token"])
    assert me.data["account"]["id"] == account["id"]


async def test_the_same_subject_of_two_sites_is_two_people(world: World) -> None:
    one, two = await _shop(world), await _shop(world)
    ids = [(await _tell(world, shop.token())).data["account"]["id"] for shop in (one, two)]
    assert ids[0] != ids[1]


async def test_an_address_in_the_token_leads_into_nobodys_account(world: World) -> None:
    shop = await _shop(world)
    victim = f"korban-{token_hex(6)}@contoh.example"
    fields = {"email": victim, "password": "sepeda kuning di teras", "display_name": "Korban"}
    made = await world.http.post("/api/v1/accounts", fields)
    assert made.status == 201, made.envelope
    answer = await _tell(world, shop.token(email=victim, email_verified=True, sub=victim))
    assert answer.status == 201
    assert answer.data["account"]["id"] != made.data["account"]["id"]
    assert answer.data["account"]["email"] is None


async def test_a_name_that_holds_an_identifier_is_not_taken(world: World) -> None:
    shop = await _shop(world)
    answer = await _tell(world, shop.token(name="Hubungi 0812-5550-1234", locale="en"))
    assert answer.data["account"]["display_name"].startswith("Customer ")


async def test_unsigned_tokens_are_refused(world: World) -> None:
    shop = await _shop(world)
    for name in ("none", "None", "NONE", "nOnE", ""):
        unsigned = f"{_part({'alg': name, 'kid': shop.kid})}.{_part(shop.claims())}"
        await _refused(world, f"{unsigned}.")
        await _refused(world, f"{unsigned}.{shop.token().rpartition('.')[2]}")


async def test_a_signature_of_something_else_does_not_fit(world: World) -> None:
    shop = await _shop(world)
    header, claims, signature = shop.token().split(".")
    await _refused(world, f"{header}.{_part(shop.claims(sub='orang-lain'))}.{signature}")
    await _refused(world, f"{header}.{claims}.{signature[:-4]}AAAA")


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://lain.example"},
        {"aud": None},
        {"aud": []},
        {"iss": "000000000000000000000000"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
        {"jti": None},
        {"exp": None},
        {"iat": None},
        {"exp": "besok"},
        {"exp": True},
        {"exp": 1e300},
    ],
    ids=str,
)
async def test_what_a_token_must_say(world: World, change: dict[str, Any]) -> None:
    shop = await _shop(world)
    await _refused(world, shop.token(**change))


async def test_two_audiences_are_one_too_many(world: World) -> None:
    shop = await _shop(world)
    await _refused(world, shop.token(aud=[shop.audience, "https://lain.example"]))
    assert (await _tell(world, shop.token(aud=[shop.audience]))).status == 201


async def test_tokens_are_of_now_and_short(world: World) -> None:
    shop = await _shop(world)
    now = int(datetime.now(UTC).timestamp())
    await _refused(world, shop.token(iat=now - 900, exp=now - 600))
    await _refused(world, shop.token(iat=now, exp=now + 601))
    await _refused(world, shop.token(iat=now + 3600, exp=now + 3900))
    await _refused(world, shop.token(nbf=now + 3600))
    await _refused(world, shop.token(iat=now + 10, exp=now))


async def test_a_token_opens_one_session(world: World) -> None:
    shop = await _shop(world)
    token = shop.token()
    assert (await _tell(world, token)).status == 201
    await _refused(world, token)
    # Nor does another token with the same number.
    number = token_hex(8)
    assert (await _tell(world, shop.token(jti=number))).status == 201
    await _refused(world, shop.token(jti=number, sub="orang-lain"))


async def test_another_sites_key_is_good_for_that_site_only(world: World) -> None:
    shop, thief = await _shop(world), await _shop(world)
    signed = jwt.encode({"alg": "HS256", "kid": shop.kid}, shop.claims(), OctKey.import_key(thief.secret))
    await _refused(world, signed)
    named = jwt.encode({"alg": "HS256", "kid": thief.kid}, shop.claims(), OctKey.import_key(thief.secret))
    await _refused(world, named)


async def test_a_revoked_key_is_good_for_nothing_and_the_new_one_is(world: World) -> None:
    shop = await _shop(world)
    fresh = (await shop.admin.post(f"/sites/{shop.id}/keys", {})).data
    assert (await _tell(world, shop.token())).status == 201
    revoked = await shop.admin.call("DELETE", f"/sites/{shop.id}/keys/{shop.kid}")
    assert [key["kid"] for key in revoked.data["site"]["keys"]] == [fresh["kid"]]
    await _refused(world, shop.token())
    shop.kid, shop.secret = fresh["kid"], fresh["secret"]
    assert (await _tell(world, shop.token())).status == 201


async def test_a_site_that_was_switched_off_or_deleted_says_nothing(world: World) -> None:
    shop = await _shop(world)
    assert (await shop.admin.call("PATCH", f"/sites/{shop.id}", {"enabled": False})).status == 200
    await _refused(world, shop.token())
    assert (await shop.admin.call("PATCH", f"/sites/{shop.id}", {"enabled": True})).status == 200
    assert (await _tell(world, shop.token())).status == 201
    assert (await shop.admin.call("DELETE", f"/sites/{shop.id}")).status == 200
    await _refused(world, shop.token())


async def test_headers_cannot_bring_a_key_or_ask_for_more(world: World) -> None:
    shop = await _shop(world)
    own = OctKey.import_key("kunci buatan sendiri yang cukup panjang")
    brought = jwt.encode({"alg": "HS256", "kid": shop.kid, "jwk": own.as_dict()}, shop.claims(), own)
    await _refused(world, brought)
    claims = shop.claims()
    signed = jwt.encode({"alg": "HS256", "kid": shop.kid}, claims, OctKey.import_key(shop.secret))
    header = _part({"alg": "HS256", "kid": shop.kid, "crit": ["b64"], "b64": True})
    await _refused(world, f"{header}.{signed.partition('.')[2]}")
    await _refused(world, shop.token(header={"kid": "../../etc/passwd"}))
    for rubbish in ("", "a", "a.b", "a.b.c", "....", "e30.e30.e30", "é.é.é"):
        await _refused(world, rubbish)


async def test_claims_that_one_parser_reads_and_another_not_are_no_fault(world: World) -> None:
    """A site's token nests arrays as deep as it likes: it is read, or refused."""
    shop = await _shop(world)
    header = _part({"alg": "HS256", "kid": shop.kid})
    for deep in (100, 950, 1_000, 1_020, 1_030):
        claims = json.dumps(shop.claims())[:-1] + ', "more": ' + "[" * deep + "]" * deep + "}"
        signed = f"{header}.{base64.urlsafe_b64encode(claims.encode()).rstrip(b'=').decode()}"
        signature = hmac.digest(shop.secret.encode(), signed.encode(), "sha256")
        answer = await _tell(world, f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")
        assert answer.status in {201, 401}, deep


def _pair(kind: str) -> tuple[PrivateKeyTypes, str]:
    private: PrivateKeyTypes = {
        "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }[kind]()
    return private, private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(("kind", "algorithm"), [("rsa", "RS256"), ("ec", "ES256"), ("ed25519", "Ed25519")])
async def test_a_public_key_checks_and_is_no_secret(world: World, kind: str, algorithm: str) -> None:
    shop = await _shop(world)
    private, public = _pair(kind)
    added = await shop.admin.post(f"/sites/{shop.id}/keys", {"public_key": public})
    assert added.status == 201, added.envelope
    assert added.data["secret"] is None
    kid = added.data["kid"]
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = {"rsa": RSAKey, "ec": ECKey, "ed25519": OKPKey}[kind].import_key(pem)
    signed = jwt.encode({"alg": algorithm, "kid": kid}, shop.claims(), key, algorithms=[algorithm])
    assert (await _tell(world, signed)).status == 201
    # The classic confusion: everybody knows the public key, so it must not pass for a shared secret (RFC 8725, 2.1).
    confused = jwt.encode({"alg": "HS256", "kid": kid}, shop.claims(), OctKey.import_key(public.encode().hex()))
    await _refused(world, confused)


async def test_weak_and_strange_keys_are_not_taken(world: World) -> None:
    shop = await _shop(world)
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    other = ec.generate_private_key(ec.SECP521R1()).public_key()
    private, _ = _pair("ec")
    whole = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    pems = [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() for key in (weak, other)]
    for pem in [*pems, whole, "bukan kunci"]:
        answer = await shop.admin.post(f"/sites/{shop.id}/keys", {"public_key": pem})
        assert (answer.status, answer.error["fields"]["public_key"]["reason"]) == (400, "not_a_key")


async def test_a_secret_is_shown_once(world: World) -> None:
    shop = await _shop(world)
    listed = await shop.admin.get("/sites")
    assert shop.secret not in json.dumps(listed.envelope)
    mine = next(site for site in listed.data["items"] if site["id"] == shop.id)
    assert set(mine["keys"][0]) == {"kid", "kind", "made_at"}


async def test_a_site_has_few_keys(world: World) -> None:
    shop = await _shop(world)
    for _ in range(4):
        assert (await shop.admin.post(f"/sites/{shop.id}/keys", {})).status == 201
    assert (await shop.admin.post(f"/sites/{shop.id}/keys", {})).status == 409


async def test_of_two_administrators_neither_brings_back_what_the_other_revoked(world: World) -> None:
    """Keys are added and revoked at the same moment: what was revoked is gone, what was added is there."""
    shop = await _shop(world)
    first, second = shop.admin, await world.person("admin", "Dua")
    path, old = f"/sites/{shop.id}/keys", shop.kid
    for _ in range(3):
        added, revoked = await asyncio.gather(second.post(path, {}), first.call("DELETE", f"{path}/{old}"))
        assert (added.status, revoked.status) == (201, 200)
        (site,) = [one for one in (await first.get("/sites")).data["items"] if one["id"] == shop.id]
        assert {key["kid"] for key in site["keys"]} == {added.data["kid"]}
        old = added.data["kid"]
