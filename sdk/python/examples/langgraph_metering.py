"""LangGraph: every model call of a graph is recorded, with the run and the node that made it."""

from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, LLMResult

from metering_client import UsageRecorder


class MeteringCallback(BaseCallbackHandler):
    """Give it to a graph with `config={"callbacks": [...]}`; calls in subgraphs and tools are recorded, too.

    `attribution` is what all calls have in common, such as `session_id` and `user_id`.
    """

    raise_error = True  # what cannot be recorded is to be seen, not logged and forgotten

    def __init__(self, recorder: UsageRecorder, service: str, **attribution: Any) -> None:
        self._recorder = recorder
        self._common = {"service": service, **attribution}
        self._metadata: dict[UUID, dict[str, Any]] = {}

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **rest: Any,
    ) -> None:
        self._metadata[run_id] = metadata or {}

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **rest: Any) -> None:
        self._metadata.pop(run_id, None)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **rest: Any) -> None:
        known = self._metadata.pop(run_id, {})
        for number, [generation, *_] in enumerate(response.generations):
            if isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
                self._record(f"{run_id}/{number}", generation.message, known)

    def _record(self, key: str, message: AIMessage, known: dict[str, Any]) -> None:
        if message.usage_metadata is None:
            raise ValueError("the model reports no usage; most need stream_usage=True to do so while they stream")
        self._recorder.record(
            idempotency_key=key,
            model_id=message.response_metadata.get("model_name") or known.get("ls_model_name"),
            provider=PROVIDERS.get(known.get("ls_provider"), known.get("ls_provider")),
            usage=metrics_of(message.usage_metadata),
            run_id=known.get("thread_id"),
            step_type=known.get("langgraph_node"),
            step_index=known.get("langgraph_step"),
            **self._common,
        )


PROVIDERS = {"google_genai": "google", "google_vertexai": "google", "amazon_bedrock": "aws", "mistralai": "mistral"}
"""LangChain's names of providers that rate cards have under another."""


def metrics_of(usage: UsageMetadata) -> dict[str, int]:
    """LangChain's input tokens include what a cache was read from and written to; metrics are disjoint."""
    details = usage.get("input_token_details", {})
    cached, written = details.get("cache_read", 0), details.get("cache_creation", 0)
    return {
        "inputTokens": usage["input_tokens"] - cached - written,
        "cachedInputTokens": cached,
        "cacheWriteTokens": written,
        "outputTokens": usage["output_tokens"],
    }
