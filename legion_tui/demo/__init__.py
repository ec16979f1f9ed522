"""The demo: a stand-in agent, a temporary project, a private tmux server, and a guard that leaves nothing behind."""
