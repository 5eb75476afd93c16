"""Forms of organisations, people and records."""
