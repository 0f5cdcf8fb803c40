"""The rows of the simulated portal: generated from a seed, or read from a file."""
