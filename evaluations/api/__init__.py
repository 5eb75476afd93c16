"""The REST twin of the monthly work, over the same querysets, permissions and services."""
