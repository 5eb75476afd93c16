"""Writes: one transaction each. Lock, check, write, log, hand follow-up work over on commit."""
