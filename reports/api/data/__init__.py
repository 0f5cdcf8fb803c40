"""What the API answers with: the open builds, their marts and charts, and queries on them."""
