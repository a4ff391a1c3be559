"""LiteLLM: every completion is recorded, from a script or from the proxy.

In a script: `litellm.callbacks = [MeteringLogger(recorder)]`. For the proxy, name an instance in its config.yaml:
`litellm_settings: {callbacks: my_module.metering}`.
"""

from datetime import datetime
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from metering_client import UsageRecorder, from_openai

FIELDS = ("session_id", "user_id", "run_id", "step_type", "persona_id")
"""What is taken from a call's `metadata`."""


class MeteringLogger(CustomLogger):
    """Records usage by a recorder that waits for nobody, so that a completion takes no longer."""

    def __init__(self, recorder: UsageRecorder, service: str = "litellm") -> None:
        super().__init__()
        self._recorder = recorder
        self._service = service

    def log_success_event(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: datetime, end_time: datetime
    ) -> None:
        metadata = kwargs["litellm_params"].get("metadata") or {}
        self._recorder.record(
            idempotency_key=f"litellm/{response_obj.id}",
            service=self._service,
            provider=PROVIDERS.get(kwargs["custom_llm_provider"], kwargs["custom_llm_provider"]),
            model_id=kwargs["model"],
            usage=metrics_of(response_obj.usage),
            duration_ms=int((end_time - start_time).total_seconds() * 1000),
            **{name: metadata[name] for name in FIELDS if name in metadata},
        )

    async def async_log_success_event(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: datetime, end_time: datetime
    ) -> None:
        self.log_success_event(kwargs, response_obj, start_time, end_time)


PROVIDERS = {
    "gemini": "google",
    "vertex_ai": "google",
    "bedrock": "aws",
    "azure_ai": "azure",
    "together_ai": "together",
}
"""LiteLLM's names of providers that rate cards have under another."""


def metrics_of(usage: Any) -> dict[str, int]:
    """LiteLLM counts as OpenAI does, with what caches gave and took among the prompt's tokens."""
    details = usage.prompt_tokens_details
    return from_openai(
        {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "prompt_tokens_details": {
                "cached_tokens": getattr(details, "cached_tokens", None),
                "cache_write_tokens": getattr(usage, "cache_creation_input_tokens", None),
            },
        }
    )
