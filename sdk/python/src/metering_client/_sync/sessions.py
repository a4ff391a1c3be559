"""A session as code works with it: its limits, holds and agents."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self, Unpack
from uuid import uuid4

from metering_client import inputs, models, operations
from metering_client._sync import resources
from metering_client._sync.agents import Agent
from metering_client._sync.transport import Transport
from metering_client._wire import given
from metering_client.errors import ApiError, HoldClosedError, MeteringError, NotFoundError

_LOG: Final = logging.getLogger("metering_client")
_RELEASE_RETRIES: Final = 1
"""A hold that cannot be released runs out by itself, so leaving its block does not wait long for it."""


class Hold:
    """Room that is reserved for usage which is about to happen, from entering to leaving.

    The usage recorded with it settles it, whatever that cost. Leaving without having recorded any gives the room back,
    after an exception too; where even that fails, the hold runs out by itself. So does one whose record had no answer:
    it may have been settled, and a retry of the record may still settle it.
    """

    def __init__(self, transport: Transport, session_id: str, request: Mapping[str, Any]) -> None:
        self._transport = transport
        self._session_id = session_id
        self._request = request
        self._is_open = False
        self._is_unknown = False
        self._settled_by: str | None = None
        self.hold_id = str(request["hold_id"])

    def open(self) -> models.HoldAnswer:
        """Takes the room.

        Raises:
            LimitReachedError: there is not as much; nothing is held.
            SessionPausedError: the session or the project is paused.
            UnratedError: no card prices the estimate.
        """
        path = {"sessionId": self._session_id}
        found = self._transport.request(operations.OPEN_HOLD, path=path, body=self._request)
        self._is_open = True
        return found

    def record(self, **event: Unpack[inputs.UsageEvent]) -> models.RecordedAnswer:
        """Records what was used; the first recording settles the hold, further ones count in its session."""
        key = event["idempotency_key"]
        settles = self._is_open or self._is_unknown or key == self._settled_by  # a retry is the same payload
        body = {**event, "session_id": self._session_id, **({"hold_id": self.hold_id} if settles else {})}
        try:
            recorded = self._transport.request(operations.RECORD_USAGE, body=body)
        except MeteringError as failure:
            if settles and not isinstance(failure, ApiError):
                self._is_open, self._is_unknown = False, True
            raise
        if settles:
            self._is_open, self._is_unknown, self._settled_by = False, False, key
        return recorded

    def extend(self, ttl_seconds: int) -> models.HoldExtendedAnswer:
        """Moves the hold's end to so many seconds from now."""
        return resources.Holds(self._transport).extend(self._session_id, self.hold_id, ttl_seconds=ttl_seconds)

    def release(self) -> None:
        """Gives the room back; nothing, if that is done."""
        path = {"sessionId": self._session_id, "holdId": self.hold_id}
        self._is_open = False
        try:
            self._transport.request(operations.RELEASE_HOLD, path=path, max_retries=_RELEASE_RETRIES)
        except (HoldClosedError, NotFoundError):
            return

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._is_open:
            return
        try:
            self.release()
        except MeteringError as failure:
            _LOG.warning("the hold %s could not be released and runs out by itself: %s", self.hold_id, failure)


class Session:
    """One session, by its id; nothing is kept of it here, every method asks the service."""

    def __init__(self, transport: Transport, session_id: str) -> None:
        self._transport = transport
        self._sessions = resources.Sessions(transport)
        self.session_id = session_id

    def get(self) -> models.SessionAnswer:
        """The session as it is now."""
        return self._sessions.get(self.session_id)

    def usage(self) -> models.SessionUsageAnswer:
        """What it has used, up to date with the last answered callback."""
        return self._sessions.usage(self.session_id)

    def limits(self) -> models.StandingAnswer:
        """Its limits, and what is used, held and left of each."""
        return self._sessions.limits(self.session_id)

    def update_limits(self, **changes: Unpack[inputs.LimitsRequest]) -> models.StandingAnswer:
        """Changes the limits that are named, and removes those that are None."""
        return self._sessions.update_limits(self.session_id, **changes)

    def pause(self, *, reason: str | None = None) -> models.SessionAnswer:
        """Pauses its agents."""
        return self._sessions.pause(self.session_id, reason=reason)

    def resume(self) -> models.SessionAnswer:
        """Lets its agents go on.

        Raises:
            StillOverLimitError: a limit is still passed: raise it, or wait for its period to end.
        """
        return self._sessions.resume(self.session_id)

    def record(self, **event: Unpack[inputs.UsageEvent]) -> models.RecordedAnswer:
        """Records usage in this session."""
        body = {**event, "session_id": self.session_id}
        return self._transport.request(operations.RECORD_USAGE, body=body)

    def hold(
        self,
        *,
        cost_usd: inputs.Amount | None = None,
        service: str | None = None,
        provider: str | None = None,
        model_id: str | None = None,
        usage: Mapping[str, inputs.Quantity] | None = None,
        ttl_seconds: int | None = None,
        run_id: str | None = None,
        hold_id: str | None = None,
    ) -> Hold:
        """Room for `cost_usd`, or for usage that is priced as a callback's would be; a context manager.

        It runs out after `ttl_seconds` (1 to 86,400; 600 if none are given).
        """
        estimate = given(cost_usd=cost_usd, service=service, provider=provider, model_id=model_id, usage=usage)
        named = hold_id or f"hold_{uuid4().hex}"
        request = given(hold_id=named, estimate=estimate, ttl_seconds=ttl_seconds, run_id=run_id)
        return Hold(self._transport, self.session_id, request)

    def check_hold(self, **estimate: Unpack[inputs.EstimateRequest]) -> models.HoldAnswer:
        """What a hold would be answered; nothing is held.

        Raises:
            LimitReachedError: there is not as much room.
        """
        return resources.Holds(self._transport).open(self.session_id, estimate=estimate, dry_run=True)

    def agent(
        self,
        agent_id: str,
        *,
        lease_seconds: int = 300,
        run_id: str | None = None,
        beat_seconds: float | None = None,
    ) -> Agent:
        """A slot for an agent while the block runs; a context manager.

        A heartbeat every `beat_seconds` (a third of the lease, and at most 15) renews the lease.
        """
        return Agent(self._transport, self.session_id, agent_id, lease_seconds, run_id, beat_seconds)

    def agents(self, *, limit: int | None = None, cursor: str | None = None) -> models.AgentsAnswer:
        """Its agents whose leases run."""
        return resources.Agents(self._transport).list(self.session_id, limit=limit, cursor=cursor)

    def holds(self, *, limit: int | None = None, cursor: str | None = None) -> models.HoldsAnswer:
        """Its open holds."""
        return resources.Holds(self._transport).list(self.session_id, limit=limit, cursor=cursor)


class Sessions(resources.Sessions):
    """The project's sessions."""

    def for_user(self, user_id: str, *, limits: inputs.LimitsRequest | None = None) -> Session:
        """The user's active session, whose limits stay as they are, or else a new one with these.

        A paused session is not active, so the next one begins with fresh limits. What a user may spend in all sessions
        together is a budget: `client.budgets.set("user:…", limits=…)`.
        """
        return self.create(user_id, limits=limits, reuse=True)

    def create(
        self,
        user_id: str,
        *,
        session_id: str | None = None,
        limits: inputs.LimitsRequest | None = None,
        reuse: bool = False,
        idempotency_key: str | None = None,
    ) -> Session:
        """A new session of a user, or with `reuse` the active one.

        Raises:
            AlreadyExistsError: the id belongs to a session of another user, or with other limits at its beginning.
        """
        found = self._create(
            user_id=user_id, session_id=session_id, limits=limits, reuse=reuse, idempotency_key=idempotency_key
        )
        return self.with_id(found.session_id)

    def with_id(self, session_id: str) -> Session:
        """A session whose id is known; nothing is asked."""
        return Session(self._transport, session_id)
