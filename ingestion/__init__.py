"""Sources: what the warehouse reads, and simulators that stand in for it."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
