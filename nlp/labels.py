"""The kinds of identifier that are hidden. Pure names: what each means in a text is the recognizers' affair."""

from enum import StrEnum


class Label(StrEnum):
    """One kind of identifier; the value is what a placeholder shows."""

    PERSON = "PERSON"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    ADDRESS = "ADDRESS"
    NIK = "NIK"
    KK = "KK"
    NPWP = "NPWP"
    BPJS = "BPJS"
    PASSPORT = "PASSPORT"
    MEDICAL_RECORD = "MEDICAL_RECORD"
    BANK_ACCOUNT = "BANK_ACCOUNT"
    CARD = "CARD"
    PLATE = "PLATE"
    IP = "IP"
    GEO = "GEO"
    DOB = "DOB"
    USERNAME = "USERNAME"
    SECRET = "SECRET"  # noqa: S105  (a label, not a password)


LABELS: tuple[Label, ...] = tuple(Label)
"""All labels, in the order of the outer contract."""
