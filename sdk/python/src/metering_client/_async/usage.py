"""Usage: recording it, looking at it, and exporting it to files that are checked."""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import httpx

from metering_client import inputs, models
from metering_client._async import resources
from metering_client._batches import batches, joined
from metering_client._exports import Download, Exported, exported
from metering_client._requests import Retries, unreachable
from metering_client.errors import ExportFailedError

_FIRST_LOOK: Final = 0.25
_LONGEST_LOOK: Final = 5.0
_DOWNLOAD_RETRIES: Final = 3
_PATIENCE_SECONDS: Final = 3600.0


class AsyncUsage(resources.AsyncUsage):
    """Recording usage, and the views of it."""

    async def record_batch(self, events: Iterable[inputs.UsageEvent]) -> models.BatchAnswer:
        """Records any number of events, each judged by itself, in as many requests as they take.

        Where one of the requests fails, all may be sent again: what was recorded is a duplicate then.
        """
        return joined([await self._record_batch(events=batch) for batch in batches(events)])

    async def export(
        self,
        *,
        format: Literal["csv", "json", "stripe", "focus", "parquet"],  # the API's own name
        start: inputs.Date,
        end: inputs.Date,
        group_by: Literal["session", "user", "provider", "day", "service", "model"] | None = None,
        options: inputs.ExportOptions | None = None,
        directory: Path | str = ".",
        within: float = _PATIENCE_SECONDS,
        idempotency_key: str | None = None,
    ) -> Exported:
        """Exports the days from `start` to `end`, both inclusive, waits, and fetches the files into `directory`.

        Their names begin with the export's id, so that no export's files replace another's.

        Every file is checked against its checksum, the manifest against the export, and the rows are added up.

        Raises:
            ExportFailedError: the service could not write it, or not `within` so many seconds.
            ExportDamagedError: a file is not what the service wrote.
        """
        exports = resources.AsyncExports(self._transport)
        started = await exports.create(
            format=format,
            period={"start": start, "end": end},
            group_by=group_by,
            options=options,
            idempotency_key=idempotency_key,
        )
        export = await self._finished(exports, started.export_id, time.monotonic() + within)
        paths = {file.kind: await self._fetch(export.export_id, file, Path(directory)) for file in export.files}
        return await asyncio.to_thread(exported, export, paths)

    async def _finished(self, exports: resources.AsyncExports, export_id: str, until: float) -> models.ExportAnswer:
        pause = _FIRST_LOOK
        while True:
            export = await exports.get(export_id)
            if export.status == "ready":
                return export
            if export.status == "failed" or time.monotonic() > until:
                raise ExportFailedError(f"the export {export_id} is {export.status}: {export.error or 'too slow'}")
            await self._transport.sleep(pause)
            pause = min(pause * 2, _LONGEST_LOOK)

    async def _fetch(self, export_id: str, file: models.ExportFile, directory: Path) -> Path:
        retries = Retries(_DOWNLOAD_RETRIES, repeatable=True)
        while True:
            try:
                return await self._fetch_once(export_id, file, directory)
            except (httpx.RequestError, httpx.HTTPStatusError) as error:
                failure = error.response if isinstance(error, httpx.HTTPStatusError) else error
                pause = retries.pause_after(failure)
                if pause is None:
                    raise unreachable(file.name, error, retries.made + 1) from error
            await self._transport.sleep(pause)

    async def _fetch_once(self, export_id: str, file: models.ExportFile, directory: Path) -> Path:
        # The link is its own authorization: with the API key beside it, S3 would refuse it.
        async with self._transport.http.stream("GET", file.url) as response:
            response.raise_for_status()
            with Download(export_id, file, directory) as download:
                async for chunk in response.aiter_bytes():
                    download.write(chunk)
            return download.path
