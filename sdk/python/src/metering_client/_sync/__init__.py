"""The client for time. `_sync` is made of it by generate.py; only the agents' heartbeats differ."""
