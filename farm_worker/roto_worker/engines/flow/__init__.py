"""The built-in engine: no model, no GPU. See `engine` and `tracker`."""

MODEL = "flow-1"
"""Grows when results change, so that no checkpoint of the older one is continued."""
