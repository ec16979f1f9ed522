"""The control room of one engineer who runs many coding agents at once."""

__version__ = "0.1.0"
