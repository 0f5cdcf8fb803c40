"""The process that a command runs in: its environment, its signals, the secrets that it knows."""
