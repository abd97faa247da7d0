"""What the witness says: one JSON object for machines, one page for people. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from alprd.witness.process import Process
    from alprd.witness.search import Searched

FORMAT: Final = "alprd witness report 1"
_MIB: Final = 1024 * 1024
_ENDED: Final = "The process has ended: its memory is the kernel's again, and was not searched."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One search. ``at`` is Unix seconds, ``process`` None for one that has ended."""

    at: int
    process: Process | None
    looked_for: tuple[str, ...]
    places: tuple[Searched, ...]

    @property
    def found(self) -> int:
        """How many finds there are in all."""
        return sum(sum(place.found.values()) for place in self.places)

    @property
    def blind(self) -> tuple[Searched, ...]:
        """The places whose control was not seen: what they do not show proves nothing."""
        return tuple(place for place in self.places if not place.control)

    def as_fields(self) -> dict[str, object]:
        """Return the report as plain values for JSON; see `alprd/docs/formats/witness.md`."""
        return {
            "format": FORMAT,
            "at": self.at,
            "process": None if self.process is None else self.process.as_fields(),
            "looked_for": list(self.looked_for),
            "places": [asdict(place) for place in self.places],
            "found": self.found,
        }

    def as_page(self) -> str:
        """Return the report as Markdown."""
        lines = [f"# Witness report: {self._verdict()}", ""]
        lines += [f"{len(self.looked_for)} sentinels were looked for.", ""]
        lines += ["| place | read | not readable | control | found |", "|---|---|---|---|---|"]
        for place in self.places:
            finds = ", ".join(f"{name}: {count}" for name, count in sorted(place.found.items())) or "nothing"
            control = "seen" if place.control else "NOT SEEN"
            read = f"{place.bytes_read / _MIB:.1f} MiB | {place.unread_bytes} bytes"
            lines.append(f"| {place.kind}: {place.name} | {read} | {control} | {finds} |")
        process = self.process
        if process is None:
            return "\n".join([*lines, "", _ENDED, ""])
        memory = f"{process.locked_kib} KiB locked, {process.swapped_kib} KiB swapped"
        traced = "traced" if process.is_traced else "not traced"
        lines += ["", f"Process {process.pid}: {memory}, core limit {process.core_limit}, {traced}.", ""]
        return "\n".join([*lines, *(f"- socket: {socket}" for socket in process.sockets), ""])

    def _verdict(self) -> str:
        if self.blind:
            return "a control was not seen: this search proves nothing"
        return f"{self.found} FOUND" if self.found else "nothing found, every control seen"
