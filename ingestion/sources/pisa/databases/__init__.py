"""The countries' databases."""
