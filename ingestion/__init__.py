"""Sources: what the warehouse reads, and simulators that stand in for it."""
