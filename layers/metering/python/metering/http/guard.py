"""The one place where an exception becomes an answer."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from metering.aws.telemetry import flush, logger
from metering.aws.transaction import Deadline
from metering.domain.errors import MeteringError
from metering.http.problems import problem_response, unexpected_response

MARGIN_SECONDS: Final = 5.5
"""What is left of an invocation for the attempt that began last, which may take as long as `aws.clients` lets it."""


def guarded(event: Mapping[str, Any], answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """`answer()`, or the problem document of what it raised."""
    try:
        return answer()
    except MeteringError as error:
        return problem_response(error)
    except Exception:  # noqa: BLE001  # the last line: logged, counted by an alarm, and still a problem document
        logger.exception("request_failed", extra={"route": event["routeKey"]})
        return unexpected_response()
    finally:
        flush()


def deadline_of(context: Any) -> Deadline:  # noqa: ANN401  # Lambda's own
    """When to stop trying, so that an answer still reaches the caller."""
    return Deadline.within(max(context.get_remaining_time_in_millis() / 1000 - MARGIN_SECONDS, 0))
