"""Backups of raw and publications, and what restores them."""
