"""Starts the local cloud, serves until it is told to stop, and stops it: nothing answered is lost."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from local.emulator.process import EmulatorProcess
from local.errors import CloudError
from local.gateway.app import Gateway
from local.rates import load_rates
from local.server import Server
from local.sources.asynchronous import AsynchronousInvoker
from local.sources.queues import QueueSource
from local.sources.schedules import Scheduler
from local.sources.streams import StreamSource
from local.state import State
from local.template.blueprint import Blueprint
from local.workers.pool import Workers
from local.workers.zygote_process import Zygote

# What is other here than where it is deployed, of the parameters that the template declares.
PARAMETERS = {
    "AuthorizerCacheSeconds": "1",
    "RateCacheSeconds": "0.2",
    "BudgetCacheSeconds": "0.2",
    "RollupSeconds": "3",
    "WebhooksAllowLoopback": "true",
    "WebhookConcurrency": "16",
    "BackgroundConcurrency": "4",
}
ADMIN_KEY, RATES = "AdminKey", "UsageCostRates"  # the template's names of them

DRAIN_SECONDS = 3.0
WATCH_SECONDS = 0.5
RETRY_SECONDS = 1.0
THREADS = 64  # each queue and stream waits in one

_logger = logging.getLogger("local.cloud")


@dataclass(frozen=True, slots=True)
class Settings:
    template: Path
    admin_key: str
    ephemeral: bool
    verbose: bool
    parameters: dict[str, str] = field(default_factory=dict)  # of the template, besides PARAMETERS


class LocalCloud:
    """Everything beneath the gateway: the emulator with what the template describes, and the zygote."""

    def __init__(self, state: State, settings: Settings, say: Callable[[str], None]) -> None:
        """Starts it; `say` is told what is being done. CloudError if that fails."""
        self._state = state
        self._settings = settings
        self._zygote = Zygote(None if settings.verbose else state.logs / "zygote.log")
        self._saved_at = state.saved_at()
        say("Starting the emulator")
        self._emulator = EmulatorProcess(state, ephemeral=settings.ephemeral)
        from local.template.stack import Stack  # noqa: PLC0415 - it takes a second to import, while the emulator starts

        try:
            stack = Stack(settings.template, PARAMETERS | settings.parameters)
            self._emulator.wait_until_ready()
            say(f"Bringing it to what {settings.template.name} says")
            self._blueprint = stack.deploy(self._emulator.endpoint)
            say("Loading rates")
            self._fill()
        except BaseException:
            self.stop()
            raise
        if not settings.ephemeral:
            self._emulator.keep()

    def _fill(self) -> None:
        """Put in what every installation has: the admin key and the default rate cards."""
        resources, endpoint = self._blueprint.resources, self._emulator.endpoint
        if ADMIN_KEY in resources:
            secrets = endpoint.client("secretsmanager")
            secrets.put_secret_value(SecretId=resources[ADMIN_KEY], SecretString=self._settings.admin_key)
        if RATES in resources:
            load_rates(endpoint.client("dynamodb"), resources[RATES])

    async def serve(self, listener: socket.socket, on_ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT. CloudError if the emulator ends before."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS))
        logs = None if self._settings.verbose else self._state.logs
        workers = Workers(self._blueprint.functions, self._emulator.endpoint, self._zygote, logs)
        server = Server(Gateway(self._blueprint, workers), on_ready)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        watching = asyncio.create_task(self._watch(server))
        sources = Sources(self._blueprint, self._emulator, workers, self._saved_at)
        try:
            await server.serve([listener])
            await sources.drain()
        except OSError as error:
            raise CloudError(f"The port cannot be listened on: {error.strerror}.") from error
        finally:
            watching.cancel()
            workers.stop()
        if self._emulator.exit_code is not None:
            raise CloudError(self._emulator.ending)

    async def _watch(self, server: Server) -> None:
        """Stop when the emulator has ended."""
        while self._emulator.exit_code is None:  # noqa: ASYNC110 - a process has no event
            await asyncio.sleep(WATCH_SECONDS)
        server.stop()

    def stop(self) -> None:
        """Save and end everything."""
        self._zygote.stop()
        self._emulator.stop()


class Sources:
    """All streams, queues and schedules, running from construction until `drain`."""

    def __init__(
        self, blueprint: Blueprint, emulator: EmulatorProcess, workers: Workers, saved_at: datetime | None
    ) -> None:
        """`saved_at` is when the last run came to its end, so that what was due since then is made up for."""
        self._emulator = emulator
        sqs = emulator.endpoint.client("sqs")
        self._feeding: list[StreamSource | QueueSource] = [
            *_streams(blueprint, emulator, workers, sqs),
            *(QueueSource(source, workers, sqs) for source in blueprint.sources if source.service == "sqs"),
        ]
        invoker = AsynchronousInvoker(blueprint.functions, workers.invoke, sqs)
        self._feeders = [asyncio.create_task(_run(source)) for source in self._feeding]
        scheduler = Scheduler(blueprint.schedules, invoker.invoke, since=saved_at)
        self._schedules = asyncio.create_task(scheduler.run())

    async def drain(self) -> None:
        """Let the functions have what streams hold and what was received from queues, then stop.

        What they have not done within DRAIN_SECONDS comes to them at the next start.
        """
        self._schedules.cancel()
        for source in self._feeding:
            source.stop()
        await asyncio.to_thread(self._emulator.hurry)
        if self._feeders:
            await asyncio.wait(self._feeders, timeout=DRAIN_SECONDS)
        for task in [*self._feeders, self._schedules]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _streams(blueprint: Blueprint, emulator: EmulatorProcess, workers: Workers, sqs: Any) -> list[StreamSource]:  # noqa: ANN401 - boto3
    sources = [source for source in blueprint.sources if source.service == "dynamodb"]
    readers: dict[str, list[str]] = {}
    for source in sources:
        readers.setdefault(source.arn, []).append(source.name)
    come_to = emulator.register_readers(readers)
    return [StreamSource(source, come_to[source.arn][source.name], emulator, workers, sqs) for source in sources]


async def _run(source: StreamSource | QueueSource) -> None:
    """Run a source until it is stopped; again when the emulator could not be asked."""
    while True:
        try:
            return await source.run()
        except Exception:
            _logger.exception("A source begins again")
        await asyncio.sleep(RETRY_SECONDS)


def run(cloud: LocalCloud, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until told to stop, then save and end everything."""
    try:
        asyncio.run(cloud.serve(listener, on_ready))
    finally:
        cloud.stop()
