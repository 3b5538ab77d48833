"""The settings in force, with what else the rules are told: who is paired, what is connected, the process's limits."""

from __future__ import annotations

from typing import Any

from server.access.people import Access
from server.hall.policy import Policy
from server.live.presence import Presence
from server.record.file import Record
from server.settings.process import Config
from server.settings.shape import Settings, policy_of


class InForce:
    """Of one hall. `settings` are replaced as a whole when new ones come."""

    def __init__(self, settings: Settings, config: Config, access: Access, presence: Presence, record: Record) -> None:
        self.settings = settings
        self._config = config
        self._access = access
        self._presence = presence
        self._record = record

    @property
    def notice(self) -> Any:
        """The hall's own sentence for kiosks and displays, by language; empty where it has none."""
        return self.settings.texts.get("notice", {})

    def policy(self) -> Policy:
        """What the rules need, as it is now."""
        limits = self._config.limits
        return policy_of(
            self.settings,
            secret=self._record.secret(),
            kiosks=self._kiosks(),
            displays=self._presence.displays(),
            always_open=self._config.hours.always_open,
            tickets_per_minute=limits.tickets_per_minute,
            burst=limits.burst or 1,
        )

    def _kiosks(self) -> tuple[str, ...]:
        """Where a desk's reprint may come out: the kiosks that are connected; all, while none is."""
        paired = [device.name for device in self._access.devices.values() if device.role == "kiosk"]
        present = [name for name in paired if self._presence.is_connected(name)]
        return tuple(present or paired)
