"""Usage metering, cost tracking and hard limits for AI-agent platforms."""
