"""What every source shares: the raw store, loading, reconciliation, HTTP, progress and errors."""
