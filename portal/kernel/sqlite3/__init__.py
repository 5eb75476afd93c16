"""Django's SQLite backend, with one change: see :mod:`portal.kernel.sqlite3.base`."""
