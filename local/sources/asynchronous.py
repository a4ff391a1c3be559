"""Events that nobody waits for: Lambda tries a failed one again, and hands it to the function's dead-letter queue."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from local.sources.outlets import send_to_queue
from local.template.blueprint import Function
from local.workers.errors import InvocationError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

PAUSE_SECONDS = 60.0  # before the second try; twice that before the third

_logger = logging.getLogger("local.sources")


class AsynchronousInvoker:
    def __init__(
        self,
        functions: dict[str, Function],
        invoke: Callable[[str, Any], Awaitable[Any]],
        sqs: "SQSClient",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._functions = functions
        self._invoke = invoke
        self._sqs = sqs
        self._sleep = sleep

    async def invoke(self, name: str, event: Any) -> None:  # noqa: ANN401 - any JSON
        """Returns when the event is done, or given up."""
        function = self._functions[name]
        for attempt in range(function.retries + 1):
            if attempt:
                await self._sleep(PAUSE_SECONDS * attempt)
            try:
                await self._invoke(name, event)
            except InvocationError:
                continue
            return
        _logger.error("%s: an event given up after %d attempts", name, function.retries + 1)
        if function.dead_letters:
            await asyncio.to_thread(send_to_queue, self._sqs, function.dead_letters, event)
