from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from xrdsym.studies.workers import SILENT_SECONDS, Worker

SCRIPT = """
import json, sys, time
from pathlib import Path
from xrdsym.studies.workers import Worker
with Worker(Path(sys.argv[1])) as worker:
    print(json.dumps(worker.attributes()), flush=True)
    time.sleep(600)
"""


def test_a_killed_worker_is_dead_and_a_living_one_is_not(tmp_path: Path) -> None:
    import json

    other = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    attributes = json.loads(other.stdout.readline())
    with Worker(tmp_path) as worker:
        assert not worker.is_dead(attributes)
        assert not worker.is_dead(worker.attributes())
        other.kill()
        other.wait()
        other.stdout.close()
        assert worker.is_dead(attributes)


def test_a_worker_of_another_machine_is_dead_when_it_has_long_been_silent(tmp_path: Path) -> None:
    with Worker(tmp_path) as worker:
        elsewhere = {**worker.attributes(), "machine": "another"}
        assert not worker.is_dead(elsewhere)
        assert worker.is_dead({**elsewhere, "beat": elsewhere["beat"] - SILENT_SECONDS - 1})


def test_a_worker_leaves_nothing_behind(tmp_path: Path) -> None:
    with Worker(tmp_path):
        pass
    assert not list(tmp_path.iterdir())
