"""The metrics that need no declaration, each in the category it belongs to.

A rate card may name any other metric together with its category, so a new metric is data and not code.
"""

from typing import Final, Literal, get_args

Category = Literal["compute", "modelTokens", "storage", "orchestration"]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

CATEGORY_OF: Final[dict[str, Category]] = {
    "sandboxSeconds": "compute",
    "vcpuSeconds": "compute",
    "memoryGibSeconds": "compute",
    "computeSeconds": "compute",
    "actionComputeGbHours": "compute",
    "inputTokens": "modelTokens",
    "cachedInputTokens": "modelTokens",
    "cacheWriteTokens": "modelTokens",
    "cacheWrite1hTokens": "modelTokens",
    "outputTokens": "modelTokens",
    "inputAudioTokens": "modelTokens",
    "cachedInputAudioTokens": "modelTokens",
    "outputAudioTokens": "modelTokens",
    "inputImageTokens": "modelTokens",
    "cachedInputImageTokens": "modelTokens",
    "outputImageTokens": "modelTokens",
    "inputVideoTokens": "modelTokens",
    "cachedInputVideoTokens": "modelTokens",
    "outputVideoTokens": "modelTokens",
    "outputReasoningTokens": "modelTokens",
    "outputCitationTokens": "modelTokens",
    "audioSeconds": "modelTokens",
    "inputAudioSeconds": "modelTokens",
    "inputCharacters": "modelTokens",
    "inputTextMessages": "modelTokens",
    "inputDocumentPages": "modelTokens",
    "inputAnnotatedDocumentPages": "modelTokens",
    "webSearches": "modelTokens",
    "storageSearches": "modelTokens",
    "modelRequests": "modelTokens",
    "storageGbHours": "storage",
    "databaseStorageGbHours": "storage",
    "fileStorageGbHours": "storage",
    "searchStorageGbHours": "storage",
    "databaseIoGb": "storage",
    "bandwidthGb": "storage",
    "searchQueryGb": "storage",
    "runs": "orchestration",
    "workflowRuns": "orchestration",
    "fleetItems": "orchestration",
    "approvalEvents": "orchestration",
    "scheduledRuns": "orchestration",
    "functionCalls": "orchestration",
}

# What a tier's threshold is counted over: all input of the event, whether or not a cache was involved.
INPUT_METRICS: Final[frozenset[str]] = frozenset(
    {
        "inputTokens",
        "cachedInputTokens",
        "cacheWriteTokens",
        "cacheWrite1hTokens",
        "inputAudioTokens",
        "cachedInputAudioTokens",
        "inputImageTokens",
        "cachedInputImageTokens",
        "inputVideoTokens",
        "cachedInputVideoTokens",
    }
)
