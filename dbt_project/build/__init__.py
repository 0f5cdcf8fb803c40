"""Build the working copy of the marts with dbt, or by a recorded plan, and audit it."""
