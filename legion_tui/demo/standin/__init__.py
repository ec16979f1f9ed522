"""A program that is the agent as seen from outside: its screen, files and keys. Standard library only."""
