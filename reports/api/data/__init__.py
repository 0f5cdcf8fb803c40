"""The data of the API: open builds, their marts and charts, and queries on them."""
