"""The commands of ``alpr-office`` that work on the vault, together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.cli import (
    office_acks,
    office_agreements,
    office_canaries,
    office_entries,
    office_evidence,
    office_feeds,
    office_release,
    office_reports,
    office_vault,
)

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands


def add_custody(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``vault``, ``person``, ``agreement``, ``feed``, ``entry``, ``canary``, ``report`` and the rest."""
    for noun in (
        office_vault,
        office_agreements,
        office_feeds,
        office_entries,
        office_canaries,
        office_reports,
        office_release,
        office_acks,
        office_evidence,
    ):
        noun.add_commands(nouns)
