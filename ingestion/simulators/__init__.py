"""The source systems, runnable on this machine: real HTTP, real databases."""
