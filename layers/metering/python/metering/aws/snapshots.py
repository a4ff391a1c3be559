"""Processes that Lambda's SnapStart restores from one snapshot."""

import os
import random


def draw_anew() -> None:
    """Makes what this process leaves to chance differ from what others of its snapshot do.

    They would all pause as long as each other when they compete, and take the same shares of a budget.
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        random.seed()
