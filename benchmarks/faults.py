"""Interrupt the pipeline in every way that a machine can, and count what is lost.

    python benchmarks/faults.py [--kills 200] [--seed 0]

A small project (300 made-up structures, side 32, width 0.35, two epochs) is run once for its results. Then stages are
killed at random moments and run again, the disk is full, folders are read-only, and MLflow's server dies. A line says
how often the next run ended with the results of the first, and what differed where it did not. A kill leaves no broken
output either: whatever is there after it is the output of before or the whole new one. A full disk and a read-only
folder need root, which mounts a small file system; they are not tried elsewhere.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from small_project import Project

from xrdsym.cli.stage import STAGES

SHARES = {"train": 6, "images": 3, "labels": 3, "peaks": 3, "structures": 3}
"""How many of the kills a stage gets; one share for the others."""


def kill_stage(project: Project, stage: str, moment: float, lost: Counter[str]) -> bool:
    """Kill a stage, look at what is there, run it to its end, and compare; returns whether the kill hit it."""
    project.forget(stage)
    process = project.start(stage)
    try:
        process.wait(moment)
        hit = False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        hit = True
    process.communicate()
    for name, found in project.outputs(stage).items():
        # a folder of a model is complete with its last file only; each file of it is whole
        if found != project.results[stage].get(name):
            lost[f"{stage}: {name} was broken after the kill"] += 1
    compare(project, stage, lost)
    return hit


def compare(project: Project, stage: str, lost: Counter[str]) -> None:
    """Run a stage to its end, and count what differs from the undisturbed run."""
    status, said = project.run(stage)
    if status:
        lost[f"{stage}: the next run failed: {said[-1:]}"] += 1
    elif (found := project.outputs(stage)) != project.results[stage]:
        expected = project.results[stage]
        names = sorted(name for name in found | expected if found.get(name) != expected.get(name))
        lost[f"{stage}: other results in {', '.join(names[:3])}"] += 1
    for name in project.leftovers():
        lost[f"{stage}: left {name}"] += 1


def kills(project: Project, count: int, random_: random.Random) -> None:
    """Kill the stages at random moments."""
    shares = [stage for stage in STAGES for _ in range(SHARES.get(stage, 1))]
    for stage in STAGES:
        tried, hits, lost = round(count * shares.count(stage) / len(shares)), 0, Counter[str]()
        for _ in range(tried):
            hits += kill_stage(project, stage, random_.uniform(0.0, project.seconds[stage]), lost)
        tell(f"kill of {stage}", tried, lost, f"{hits} before its end, the others after it")
    count_runs = "import mlflow; print(len(mlflow.search_runs(experiment_names=['xrdsym'])))"
    runs = subprocess.run(  # noqa: S603 - this Python and the words above
        [sys.executable, "-W", "ignore", "-c", count_runs],
        cwd=project.root,
        env={**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{project.root}/mlflow.db"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"MLflow's store opens afterwards and lists {runs.stdout.strip()} runs", flush=True)


def full_disk(project: Project) -> None:
    """Run each stage on a disk with too little room, then with enough."""
    for stage in STAGES:
        lost = Counter[str]()
        project.restore()
        project.forget(stage)
        folder = project.paths(stage)[0].parent
        aside = folder.with_name(folder.name + "-aside")
        folder.mkdir(parents=True, exist_ok=True)
        folder.rename(aside)
        folder.mkdir()
        # a file takes whole pages
        pages = sum(-(-file.stat().st_size // 4096) for file in aside.rglob("*") if file.is_file())
        mount("-t", "tmpfs", "-o", f"size={4 * pages + 8}k,nr_inodes=100000", "tmpfs", str(folder))
        try:
            shutil.copytree(aside, folder, dirs_exist_ok=True)
            status, said = project.run(stage)
            expect(status == 1 and len(said) >= 1 and "Traceback" not in "\n".join(said), f"{stage}: {said[-1:]}", lost)
            mount("-o", "remount,size=1g", str(folder))
            compare(project, stage, lost)
        finally:
            subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607
            shutil.rmtree(folder)
            aside.rename(folder)
        tell(f"full disk in {stage}", 1, lost, said[-1] if said else "nothing was said")


def read_only(project: Project) -> None:
    """Run each stage in a tree that nobody may write to."""
    project.restore()
    lost = Counter[str]()
    mount("--bind", str(project.root), str(project.root))
    mount("-o", "remount,bind,ro", str(project.root))
    try:
        for stage in STAGES:
            status, said = project.run(stage)
            expect(status == 1 and len(said) == 1, f"{stage}: {said[-1:]}", lost)
    finally:
        subprocess.run(["umount", str(project.root)], check=True)  # noqa: S603, S607
    expect(all(project.outputs(stage) == project.results[stage] for stage in STAGES), "outputs changed", lost)
    tell("read-only project", len(STAGES), lost, said[-1])


def dying_server(project: Project, times: int, random_: random.Random) -> None:
    """Kill MLflow's server while a model is trained and evaluated."""
    lost = Counter[str]()
    for _ in range(times):
        project.restore()
        project.forget("train")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1"],
            cwd=project.root.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        process = project.start("train", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}")
        time.sleep(random_.uniform(0.3, 1.0) * project.seconds["train"])
        os.killpg(server.pid, signal.SIGKILL)
        said = process.communicate()[1]
        server.wait()
        expect(process.returncode == 0, f"train failed: {said.splitlines()[-1:]}", lost)
        expect(project.outputs("train") == project.results["train"], "the model differs", lost)
    tell("MLflow's server dies during train", times, lost)


def mount(*words: str) -> None:
    """Mount a file system; needs root."""
    subprocess.run(["mount", *words], check=True)  # noqa: S603, S607


def expect(right: bool, otherwise: str, lost: Counter[str]) -> None:
    """Count what is not as it should be."""
    if not right:
        lost[otherwise] += 1


def tell(what: str, tried: int, lost: Counter[str], remark: str = "") -> None:
    """Print one line."""
    faults = "; ".join(f"{reason} ({number})" for reason, number in lost.items()) or "nothing lost"
    print(f"{what}: {tried} tried, {faults}{f' [{remark}]' if remark else ''}", flush=True)


def main() -> None:
    """Try all faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="kills in all (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments (default: 0)")
    args = parser.parse_args()
    random_ = random.Random(args.seed)  # noqa: S311 - not for secrets
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        root.mkdir()
        project = Project(root)
        times = ", ".join(f"{name} {spent:.1f} s" for name, spent in project.seconds.items())
        print(f"undisturbed run: {times}", flush=True)
        kills(project, args.kills, random_)
        if os.geteuid() == 0:
            full_disk(project)
            read_only(project)
        else:
            print("full disk and read-only project: not tried, they need root")
        dying_server(project, 3, random_)


if __name__ == "__main__":
    main()
