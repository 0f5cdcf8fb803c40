"""What operators see of the warehouse: status, freshness and alerts."""
