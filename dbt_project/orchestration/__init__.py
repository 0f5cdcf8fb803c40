"""Dagster, as an optional extra: schedules, a page that shows what ran, and retries."""
