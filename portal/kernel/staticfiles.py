"""How static files are stored where the portal is served.

Names carry a digest of the content, also inside the ``import`` lines of ES modules: without
that an updated module would go on importing its old neighbour from a cache.
"""

from __future__ import annotations

from collections.abc import Callable
from re import Match
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_SCRIPTS = "js/"


class _OwnModules:
    """Follows the imports of the portal's own modules only: packages have words in their
    comments that look like imports and lead nowhere."""

    support_js_module_import_aggregation = True

    def url_converter(
        self, name: str, hashed_files: dict[str, Any], template: str | None = None
    ) -> Callable[[Match[str]], str]:
        if name.endswith(".js") and not name.startswith(OWN_SCRIPTS):
            return lambda found: found["matched"]
        parent: Any = super()
        converter: Callable[[Match[str]], str] = parent.url_converter(name, hashed_files, template)
        return converter


class PortalManifestStorage(_OwnModules, ManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names only: quick, for the demo."""


class PortalCompressedManifestStorage(_OwnModules, CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names and compressed copies: for production."""
