"""All that the screen of the terminal dash depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alprd.alerts.requests import SessionCode, SessionMessage

if TYPE_CHECKING:
    from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
    from alprd.alerts.messages import AlertMessage, Outcome
    from alprd.alerts.requests import BatchMessage
    from alprd.cli.dash_input import LogInPrompt, ReportStep
    from alprd.records import UnitState, Verdict

NOBODY: Final = SessionMessage(code=SessionCode.NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    """An alert on the screen. ``picture`` is packed 4-bit grey, None while it is not whole.

    ``vehicle`` is None until it has come. ``name`` is what an added category is called.
    """

    message: AlertMessage
    picture: bytes | None
    vehicle: VehicleMessage | None
    is_answered: bool
    name: CategoryMessage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPerson:
    """The owner of a confirmed plate, and for how many seconds yet."""

    message: PersonMessage
    left_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DashModel:
    """All that the screen depends on. ``alerts`` stand in the order in which they are to be answered.

    ``person`` is the owner to show when no alert asks for an answer.
    """

    is_online: bool
    unit: UnitState | None = None
    session: SessionMessage = NOBODY
    alerts: tuple[ShownAlert, ...] = ()
    person: ShownPerson | None = None
    last_outcome: Outcome | None = None
    last_verdict: Verdict | None = None
    prompt: LogInPrompt | None = None
    """The log-in that is being typed."""
    report: ReportStep | None = None
    """What is asked of the hit that was confirmed last."""
    batch: BatchMessage | None = None
    """What passed without a prompt of its own, last."""
    trouble: str = ""
    """Why the unit is offline, when more is known than silence."""

    @property
    def badge(self) -> str:
        """The officer who is logged in, empty for nobody."""
        return self.session.badge

    @property
    def waits_for_officer(self) -> bool:
        """Whether an alert waits that is not shown to nobody."""
        return self.is_online and not self.badge and self.unit is not None and self.unit.urgency > 0
