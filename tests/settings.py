"""The portal's settings as the tests see them: same code, cheap passwords, no real mail.

``PORTAL_DATABASE_URL`` and ``PORTAL_BROKER_URL`` choose the servers (``script/postgres``
starts a private pair); without them the tests run on SQLite and an in-memory broker.
"""

import os
import tempfile
from pathlib import Path

# The environment must be right before the settings are read.
os.environ["PORTAL_ENV"] = "test"
os.environ.setdefault("PORTAL_BROKER_URL", "memory://")
os.environ.setdefault("PORTAL_LOG_LEVEL", "WARNING")
# Playwright's synchronous API keeps an event loop in the main thread; Django would take
# the tests themselves for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from portal.settings import *  # noqa: F403
from portal.settings import DATABASES

FOLDER = Path(tempfile.mkdtemp(prefix="portal-test-"))  # conftest removes it at the end

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False  # the tests of the lock-out switch it on
MEDIA_ROOT = FOLDER / "media"
STATIC_ROOT = FOLDER / "static"
STATIC_ROOT.mkdir()

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the live server's threads each need a connection of their own, or
    # two requests would share one transaction. Nobody mourns it after a power cut.
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;"
    )
