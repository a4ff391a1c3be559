"""What a function is told by its environment, read when a handler is called."""

import os
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Config:
    """One invocation's view of the environment; a name that is missing is an error only where it is used."""

    environment: dict[str, str] | os._Environ[str]

    @cached_property
    def rates_table(self) -> str:
        return self.environment["RATES_TABLE"]

    @cached_property
    def records_table(self) -> str:
        return self.environment["RECORDS_TABLE"]

    @cached_property
    def meters_table(self) -> str:
        return self.environment["METERS_TABLE"]

    @cached_property
    def statistics_table(self) -> str:
        return self.environment["STATISTICS_TABLE"]

    @cached_property
    def accounts_table(self) -> str:
        return self.environment["ACCOUNTS_TABLE"]

    @cached_property
    def admin_key_secret(self) -> str:
        return self.environment["ADMIN_KEY_SECRET"]

    @cached_property
    def exports_queue(self) -> str:
        return self.environment["EXPORTS_QUEUE"]

    @cached_property
    def exports_dead_arn(self) -> str:
        return self.environment["EXPORTS_DEAD_ARN"]

    @cached_property
    def export_bucket(self) -> str:
        return self.environment["EXPORT_BUCKET"]

    @cached_property
    def export_link_seconds(self) -> int:
        return int(self.environment["EXPORT_LINK_SECONDS"])

    @cached_property
    def export_expiry_days(self) -> int:
        return int(self.environment["EXPORT_EXPIRY_DAYS"])

    @cached_property
    def rollups_queue(self) -> str:
        return self.environment["ROLLUPS_QUEUE"]

    @cached_property
    def rollup_seconds(self) -> int:
        return int(self.environment["ROLLUP_SECONDS"])

    @cached_property
    def project_budget_shares(self) -> int:
        return int(self.environment["PROJECT_BUDGET_SHARES"])

    @cached_property
    def budget_cache_seconds(self) -> float:
        return float(self.environment["BUDGET_CACHE_SECONDS"])

    @cached_property
    def rate_cache_seconds(self) -> float:
        return float(self.environment["RATE_CACHE_SECONDS"])

    @cached_property
    def archive_bucket(self) -> str:
        return self.environment["ARCHIVE_BUCKET"]

    @cached_property
    def archives_queue(self) -> str:
        return self.environment["ARCHIVES_QUEUE"]

    @cached_property
    def archive_records(self) -> bool:
        return self.environment["ARCHIVE_RECORDS"] == "true"

    @cached_property
    def record_retention_days(self) -> int:
        return int(self.environment["RECORD_RETENTION_DAYS"])

    @cached_property
    def deliveries_queue(self) -> str:
        return self.environment["DELIVERIES_QUEUE"]

    @cached_property
    def rerates_queue(self) -> str:
        return self.environment["RERATES_QUEUE"]

    @cached_property
    def oidc_issuer(self) -> str:
        return self.environment["OIDC_ISSUER"]

    @cached_property
    def oidc_audience(self) -> str:
        return self.environment["OIDC_AUDIENCE"]

    @cached_property
    def oidc_token_origin(self) -> str:
        return self.environment["OIDC_TOKEN_ORIGIN"]

    @cached_property
    def oidc_user_claim(self) -> str:
        return self.environment["OIDC_USER_CLAIM"]

    @cached_property
    def sign_in_seconds(self) -> int:
        return int(self.environment["SIGN_IN_SECONDS"])

    @cached_property
    def webhook_key(self) -> str:
        return self.environment["WEBHOOK_KEY"]

    @cached_property
    def webhooks_allow_loopback(self) -> bool:
        return self.environment["WEBHOOKS_ALLOW_LOOPBACK"] == "true"


def read_config() -> Config:
    return Config(os.environ)
