"""Build the working copy of the marts with dbt, or from a recorded plan, and audit it."""
