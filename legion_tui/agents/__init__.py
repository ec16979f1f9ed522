"""How an agent is started, read and answered: a protocol, and one folder per kind of agent."""
