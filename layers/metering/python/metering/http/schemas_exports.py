"""Bodies, queries and answers of exports."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from metering.domain.exports import PLATFORM, Format, GroupBy, Status
from metering.domain.usage import Strict, Text
from metering.http.schemas import BasisPoints, Date, Decimals, Instant, Money, PeriodAnswer

CustomerId = Annotated[str, StringConstraints(pattern=r"^cus_[A-Za-z0-9_]{1,100}$")]


class ExportPeriod(Strict):
    """Dates, both inclusive."""

    start: Date
    end: Date


class ExportOptions(Strict):
    as_: Annotated[Literal["invoice_items", "meter_events"], Field(alias="as")] = "invoice_items"
    """`stripe`: amounts for `POST /v1/invoiceitems`, or quantities for `POST /v1/billing/meter_events`."""
    lines: Annotated[bool, Field(strict=True)] = False
    """`json`: one record a line instead of one document."""
    customers: Annotated[dict[Text, CustomerId], Field(max_length=1000)] | None = None
    """`stripe`: user to customer, before what `PUT /v1/stripe-customers/{userId}` says."""
    markup_basis_points: BasisPoints | None = None
    """`stripe`: what goes on top of what is billed; without it the project's markup does."""
    platform: Text = PLATFORM
    """`focus`: who provides the services and issues the invoice."""

    @model_validator(mode="after")
    def _no_markup_on_quantities(self) -> Self:
        if self.as_ == "meter_events" and self.markup_basis_points:
            raise ValueError("meter events are quantities, which have no markup")
        return self


_FORMAT_OF_OPTION: Final[dict[str, Format]] = {
    "as_": "stripe",
    "lines": "json",
    "customers": "stripe",
    "markup_basis_points": "stripe",
    "platform": "focus",
}


class ExportBody(Strict):
    format: Format
    period: ExportPeriod
    group_by: GroupBy | None = None
    """`csv` and `json` only: the others have their own rows."""
    options: ExportOptions | None = None

    @model_validator(mode="after")
    def _groups_only_what_has_none(self) -> Self:
        if self.group_by is not None and self.format not in {"csv", "json"}:
            raise ValueError("groupBy is for csv and json")
        return self

    @model_validator(mode="after")
    def _no_option_without_effect(self) -> Self:
        if self.options is not None:
            for name, field in ExportOptions.model_fields.items():
                wanted = getattr(self.options, name) != field.default
                if wanted and _FORMAT_OF_OPTION[name] != self.format:
                    raise ValueError(f"options.{field.alias} is for {_FORMAT_OF_OPTION[name]}")
        return self


class ExportStarted(Strict):
    export_id: str
    status: Status


class ExportProgress(Strict):
    """In days."""

    done: int
    total: int


class ExportFile(Strict):
    name: str
    kind: Literal["data", "manifest"]
    url: str
    """A presigned link."""
    bytes: int
    sha256: str
    rows: int


class SkippedUser(Strict):
    """Usage that is billable and not billed: the user has no Stripe customer, or the events named no user; or it is
    older than Stripe takes meter events.
    """

    user_id: str | None
    reason: Literal["no_customer", "older_than_35_days"]
    billed: Money
    billed_usd: Decimals


class ExportAnswer(ExportStarted):
    format: Format
    period: PeriodAnswer
    group_by: GroupBy | None
    progress: ExportProgress
    files: list[ExportFile]
    total: Money
    cost_usd: Decimals
    billed: Money
    billed_usd: Decimals
    markup_basis_points: int
    """What the invoice items have on top of what is billed; 0 where there are none."""
    skipped: list[SkippedUser]
    error: str | None
    created_at: Instant
    expires_at: Instant


class ExportsAnswer(Strict):
    items: list[ExportAnswer]
    next_cursor: str | None


class CustomerBody(Strict):
    customer_id: CustomerId


class CustomerAnswer(Strict):
    user_id: str
    customer_id: CustomerId
