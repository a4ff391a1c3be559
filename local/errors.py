"""What ends the local cloud."""


class CloudError(Exception):
    """The local cloud cannot start, or cannot go on; the message is for its user."""
