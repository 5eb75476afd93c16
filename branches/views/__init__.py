"""Pages of organisations, people and records."""
