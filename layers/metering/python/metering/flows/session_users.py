"""Whose a session is, which never changes and so is remembered for as long as the function lives."""

from typing import Final

from metering.flows.decisions import Meters, read_meter, session_meter

_MOST_REMEMBERED: Final = 10_000


class SessionUsers:
    """Finds the user of a session, by a read the first time."""

    def __init__(self) -> None:
        self._users: dict[tuple[str, str], str] = {}

    def user_of(self, meters: Meters, session_id: str) -> str:
        """The session's user.

        Raises:
            NotFoundError: there is no such session.
        """
        key = (meters.project, session_id)
        if key not in self._users:
            item, _ = read_meter(meters, session_meter(session_id))
            if len(self._users) >= _MOST_REMEMBERED:
                self._users.clear()
            self._users[key] = item["userId"]["S"]
        return self._users[key]
