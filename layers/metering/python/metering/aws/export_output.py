"""Objects of exports, written row by row."""

import hashlib
import io
from typing import TYPE_CHECKING, Final, Self

from metering.aws.objects import Objects, Upload

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_ROWS_BYTES: Final = 64 * 1024


class Output(io.RawIOBase):
    """An object written row by row, its checksum and its rows counted on the way; left by an exception, it is not."""

    def __init__(self, objects: Objects, key: str) -> None:
        self.key = key
        self.bytes = self.rows = 0
        self._upload = Upload(objects, key)
        self._sha256 = hashlib.sha256()
        self._rows = bytearray()
        """Those that are not written yet: a few at once cost less than one by one."""

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.bytes

    def write(self, data: "ReadableBuffer", /) -> int:
        self._write_rows()
        return self._put(data)

    def _put(self, data: "ReadableBuffer") -> int:
        view = memoryview(data)
        self._upload.write(view)
        self._sha256.update(view)
        self.bytes += view.nbytes
        return view.nbytes

    def row(self, data: bytes) -> None:
        self._rows += data
        self.rows += 1
        if len(self._rows) >= _ROWS_BYTES:
            self._write_rows()

    def _write_rows(self) -> None:
        if self._rows:
            rows, self._rows = self._rows, bytearray()
            self._put(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with self._upload:
            if kind is None:
                self._write_rows()
                self._upload.finish()
