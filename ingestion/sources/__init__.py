"""The source systems, a package each."""
