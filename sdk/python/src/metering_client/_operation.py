"""What one operation of the API is described by."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from metering_client._wire import read

T = TypeVar("T")


@dataclass(frozen=True)
class Operation(Generic[T]):
    """One method of one path, and what it answers; `answer` of None: nothing."""

    name: str
    method: str
    path: str
    answer: type[T]
    public: bool = False
    """Whether it needs no key."""
    keyed: bool = False
    """Whether an `Idempotency-Key` makes a repetition the same request; the client then always sends one."""
    repeatable: bool = True
    """Whether a repetition does no more than the first request did, whatever became of that one."""

    def read(self, answer: Any) -> T:  # noqa: ANN401  # JSON
        """The answer's JSON as what it describes.

        Raises:
            UnexpectedAnswerError: it does not fit.
        """
        return read(self.answer, answer)
