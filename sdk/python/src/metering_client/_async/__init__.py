"""The client for asyncio. `_sync` is made of it by generate.py; only the agents' heartbeats differ."""
