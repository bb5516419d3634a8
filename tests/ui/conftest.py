"""A small loaded state, Dagster's UI over it, and a Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from pipelines.demonstration import lay
from pipelines.serving import HOST, MODULE, dagster_command, end_ui, prepare_ui, start_ui
from pipelines.settings import Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home
from tests.processes import free_port

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FIRST_DAY = date.today() - timedelta(days=20)
DAYS, MORE_DAYS = 7, 4
START_SECONDS = 180
PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("no Chromium is installed; on Debian: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Settings:
    """A centre after one night of seven days through Dagster; four more days lie in a folder beside the landing.

    Its last delivery is a fortnight old: recent enough for the plots, which show the last 120 days, and overdue.
    """
    settings = Settings(home=tmp_path_factory.mktemp("ui") / "home")
    prepare_ui(settings)
    world = World(persons=200, days=DAYS + MORE_DAYS, first_day=FIRST_DAY)
    simulate(world, settings.sources, settings.home / "to_come", lambda *_: None, settings.home / "truth")
    lay(settings.home / "to_come", Home(settings.home).landing, FIRST_DAY + timedelta(days=DAYS))
    command = dagster_command(settings, "job", "execute", "-m", MODULE, "-j", "nightly")
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-2000:]
    return settings


@pytest.fixture(scope="session")
def address(loaded: Settings) -> Iterator[str]:
    """Where the UI answers."""
    port = free_port()
    process = start_ui(loaded, port)
    try:
        _wait(f"http://{HOST}:{port}/server_info", process)
        yield f"http://{HOST}:{port}"
    finally:
        end_ui(process)
        assert _has_ended(process.pid), "a process of the UI outlived it"


@pytest.fixture(scope="session")
def page(address: str, chromium: str) -> Iterator[Page]:
    """A window of a size that offices have."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        context = browser.new_context(viewport={"width": 1500, "height": 950}, base_url=address)
        context.add_init_script("localStorage.setItem('communityNux', '1')")
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield context.new_page()
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are kept for those who want to look."""
    return tmp_path_factory.mktemp("pictures")


def _has_ended(group: int) -> bool:
    """Whether no process of a group is left; the machine takes a moment to count the dead."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - the address is our own
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(1)
    pytest.fail(f"the UI did not answer at {address}")
