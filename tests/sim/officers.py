"""Records of officers as an office's two approvers sign them, made in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.keys.officers import OfficerRecord, SignedOfficers, make_officer
from tests.vectors.hotlist.made import ROOT, SECOND, SIGNER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alprd.keys.officers import Officer

PIN = "1357"
DAY = "2027-03-31"


def officer(badge: str = "4711", *, secret: str = PIN, day: str = DAY) -> Officer:
    return make_officer(badge=badge, secret=secret, trained_until=day, undertaking=b"signed")


def record_of(officers: Iterable[Officer], version: int = 1, issued: int = 0) -> OfficerRecord:
    return OfficerRecord(
        service=ROOT.service,
        version=version,
        root_version=ROOT.version,
        issued=issued,
        officers=tuple(sorted(officers, key=lambda one: one.badge)),
    )


def signed(officers: Iterable[Officer], version: int = 1, issued: int = 0) -> SignedOfficers:
    """Return a record that a unit with the root record `made.ROOT` believes."""
    bare = SignedOfficers(record=record_of(officers, version, issued), approvals=())
    return bare.approved_by(SIGNER).approved_by(SECOND)
