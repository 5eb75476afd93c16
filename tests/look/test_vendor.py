"""Third-party files: locked, unchanged, and fit to be served under hashed names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_vendored_files_are_those_that_were_copied() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "script" / "vendor"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_lock_names_every_package_with_its_sum_and_no_address() -> None:
    text = (ROOT / "script" / "vendored" / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert all(packages[name].get("integrity") for name in packages if name)
    assert "resolved" not in text
    assert "//" not in re.sub(r'"integrity": "[^"]+"', "", text)


def test_all_assets_collect_under_hashed_names(tmp_path: Path) -> None:
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "portal.kernel.staticfiles.PortalManifestStorage"},
    }
    with override_settings(
        STATIC_ROOT=tmp_path,
        STORAGES=storages,
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
    names = json.loads((tmp_path / "staticfiles.json").read_text("utf-8"))["paths"]
    assert re.fullmatch(r"css/tokens\.[0-9a-f]{12}\.css", names["css/tokens.css"])
    script = (tmp_path / names["js/ui.js"]).read_text("utf-8")
    drafts = Path(names["js/drafts.js"]).name
    assert f'from "./{drafts}"' in script  # an import too names the hashed neighbour
