"""Pictures of MLflow's page for docs/experiments.md and docs/studies.md: the runs, a study's charts, one run.

    python docs/screenshots.py [--project FOLDER] [--to docs/images] [STUDY …]

The project has runs and studies in its store. `mlflow ui` runs on a free port while Chromium, without a window, opens
the addresses that `xrdsym results` and `xrdsym study run` print. Each picture waits until the page shows the names of
its runs, which are printed. Without STUDY, every study in the store is shown.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from mlflow import MlflowClient
from PIL import Image

from xrdsym.tracking.experiment import EXPERIMENT, page_address, study_view
from xrdsym.tracking.studies import PARENT_TAG, STUDY_TAG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PIXELS = 1600
"""Width of a picture."""
WIDTH = 1100
"""Of the page, which the picture shows enlarged: its letters are legible at the width of a document."""
MOST_BYTES = 200_000
PATIENCE = 90.0
"""Seconds until the server answers, and until a page shows what it has."""
PREPARE = """
localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');
"""
# what the page has beside its content, closed as a reader would close it
TIDY = """
if (document.body.innerText.includes('Model registry')) document.querySelector('[aria-label="Toggle sidebar"]').click();
for (const button of document.querySelectorAll('[role=alert] button')) if (!button.innerText) button.click();
for (const offer of document.querySelectorAll('[data-assistant-ui]')) offer.style.display = 'none';
"""
OPEN = """
[...document.querySelectorAll('.ag-row a')].find(link => link.innerText.trim() === '%s')
  .closest('.ag-row').querySelector('button').click();
"""


@dataclass(frozen=True)
class Shot:
    """A picture to be taken.

    Attributes:
        name: Name of the file, without its suffix.
        address: The page.
        height: Of the page; pixels.
        words: What the page must show.
        opened: The run whose nested runs are shown.
    """

    name: str
    address: str
    height: int
    words: Sequence[str]
    opened: str = ""


def shots_of(root: Path, server: str, studies: Sequence[str]) -> list[Shot]:
    """The pictures of a project's store.

    Raises:
        SystemExit: The store has no finished run, or not the studies.
    """
    client = MlflowClient(tracking_uri=f"sqlite:///{root / 'mlflow.db'}")
    found = client.get_experiment_by_name(EXPERIMENT)
    experiment = "" if found is None else found.experiment_id
    newest = ["attributes.start_time DESC"]
    runs = client.search_runs([experiment], "attributes.status = 'FINISHED'", order_by=newest) if found else []
    if not runs:
        sys.exit(f"no finished run in {root / 'mlflow.db'}: run `make repro` and a study first")
    trials = [run for run in runs if PARENT_TAG in run.data.tags]
    outer = [run for run in runs if PARENT_TAG not in run.data.tags]
    names = [run.info.run_name for run in outer]
    if unknown := set(studies) - set(names):
        sys.exit(f"no finished study {', '.join(sorted(unknown))} in {root / 'mlflow.db'}")
    shown_studies = list(studies or [run.info.run_name for run in outer if STUDY_TAG in run.data.tags])
    inner = {
        study: [run.info.run_name for run in trials if run.data.tags[STUDY_TAG] == study] for study in shown_studies
    }
    opened = shown_studies[0] if shown_studies else ""
    height = 400 + 32 * (len(outer) + len(inner.get(opened, [])))
    shots = [Shot("mlflow-list", page_address(experiment, server), height, names, opened)]
    for study in shown_studies:
        address = page_address(experiment, server, study_view(study))
        shots.append(Shot(f"mlflow-study-{study}", address, 840, [study, *inner[study]]))
    shown = next((run for run in outer if STUDY_TAG not in run.data.tags), runs[0])
    address = f"{server}/#/experiments/{experiment}/runs/{shown.info.run_id}?workflowType=machine_learning"
    shots.append(Shot("mlflow-run", address, 900, [shown.info.run_name, "macro_f1"]))
    return shots


@contextmanager
def mlflow_ui(root: Path, port: int) -> Iterator[None]:
    """Run plain `mlflow ui` in a folder."""
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [sys.executable, "-m", "mlflow", "ui", "--workers", "1", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(  # noqa: S603 - this Python
            command, cwd=root, env=os.environ | quiet, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server)
            yield
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers.

    Raises:
        SystemExit: It ended, or is too slow.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - the loopback address
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit("mlflow ui does not answer; start it in the project to see why")
            time.sleep(0.5)


class Page:
    """A page of Chromium, which its DevTools protocol controls."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket_
        self._number = 0

    async def send(self, method: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Send a command, and wait for its answer."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": arguments})
        while True:
            answer = await self._socket.receive_json(timeout=PATIENCE)
            if answer.get("id") == self._number:
                result: dict[str, Any] = answer["result"]
                return result

    async def run(self, script: str) -> Any:  # noqa: ANN401 - JSON
        """The value of a script."""
        answer = await self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    async def picture(self, shot: Shot) -> bytes:
        """Open a page, wait for its words, and return it as PNG."""
        size = {"width": WIDTH, "height": shot.height, "deviceScaleFactor": PIXELS / WIDTH, "mobile": False}
        await self.send("Emulation.setDeviceMetricsOverride", **size)
        await self.send("Page.enable")
        await self.send("Page.addScriptToEvaluateOnNewDocument", source=PREPARE)
        # another hash alone does not load the page again
        await self.send("Page.navigate", url="about:blank")
        await self.send("Page.navigate", url=shot.address)
        await self._wait(shot)
        await self.run(TIDY)
        if shot.opened:
            await self.run(OPEN % shot.opened)
        await asyncio.sleep(3)
        answer = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    async def _wait(self, shot: Shot) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            text = await self.run("document.body ? document.body.innerText : ''") or ""
            missing = [word for word in shot.words if word not in text]
            if not missing:
                return
            if time.monotonic() > deadline:
                sys.exit(f"{shot.address} does not show {', '.join(missing)}, but:\n{text}")
            await asyncio.sleep(0.5)


@asynccontextmanager
async def chromium(browser: str) -> AsyncIterator[Page]:
    """A page of a browser without a window, with a profile of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        process = await asyncio.create_subprocess_exec(
            browser,
            *flags,
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            "about:blank",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            port = await _port_of(Path(profile))
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = [one for one in await answer.json() if one["type"] == "page"]
                async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as connection:
                    yield Page(connection)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _port_of(profile: Path) -> int:
    """The port on which a browser listens, which it writes into its profile."""
    file = profile / "DevToolsActivePort"
    deadline = time.monotonic() + PATIENCE
    while not (file.is_file() and file.read_text(encoding="utf-8").strip()):
        if time.monotonic() > deadline:
            sys.exit("Chromium does not start")
        await asyncio.sleep(0.2)
    return int(file.read_text(encoding="utf-8").splitlines()[0])


def compressed(png: bytes) -> bytes:
    """A picture with as many colours as fit into `MOST_BYTES`."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        content = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(content, "PNG", optimize=True)
        if content.tell() <= MOST_BYTES:
            break
    return content.getvalue()


async def take(browser: str, shots: Sequence[Shot], folder: Path) -> None:
    """Take pictures, write them into a folder, and print what they show."""
    async with chromium(browser) as page:
        for shot in shots:
            (folder / f"{shot.name}.png").write_bytes(compressed(await page.picture(shot)))
            print(f"{shot.name}.png shows {', '.join(shot.words)}", flush=True)


def main() -> None:
    """Take the pictures of a project."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="studies that are shown; all by default")
    parser.add_argument("--project", type=Path, default=Path(), metavar="FOLDER", help="with runs and studies")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "images", metavar="FOLDER")
    args = parser.parse_args()
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is on the PATH; the pictures need one of them")
    root = args.project.resolve()
    if not (root / "mlflow.db").is_file():
        sys.exit(f"no mlflow.db in {root}: run `make repro` and a study first, or name another --project")
    port = free_port()
    shots = shots_of(root, f"http://127.0.0.1:{port}", args.studies)
    args.to.mkdir(parents=True, exist_ok=True)
    with mlflow_ui(root, port):
        asyncio.run(take(browser, shots, args.to))


if __name__ == "__main__":
    main()
