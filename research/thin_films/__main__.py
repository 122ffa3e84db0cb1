"""The space groups of 88 measured thin films, by the protocol of Oviedo et al., npj Comput. Mater. 5, 60 (2019).

DATA is the folder Datasets/Experimental of github.com/PV-Lab/autoXRD. TABLE is a structure table of this project; its
halides are simulated.

    python -m research.thin_films DATA --structures TABLE [TABLE …] --json films.json --figures docs/images/thin-films
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from research.thin_films.figures import activation_figure
from research.thin_films.measured import CLASSES, TREATMENTS, Films, read_films
from research.thin_films.protocol import METHODS, SCHEMES, Amounts, Answers, cross_validate
from research.thin_films.structures import read_chosen
from research.thin_films.summary import summary, table
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import write_json
from xrdsym.common.progress import duration
from xrdsym.reporting.confusion_figure import confusion_figure
from xrdsym.reporting.figure_style import save_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

NETWORK = METHODS[2]
EXAMPLE = "MASnI3_1centCa_2-Theta_Omega"
"""The film in the figure of the class activation map: tetragonal, with few and sharp peaks."""
FIGURE_TREATMENT = "peaks alone"
"""The treatment in the figures, which is the published one."""


def draw(folder: Path, films: Films, answers: Answers, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the network's confusion matrices with films in training, and the activation map of one film.

    Args:
        folder: Folder of the figures.
        films: The films after `FIGURE_TREATMENT`.
        answers: The predictions for these films.
        rows: The rows of `summary`.
    """
    for scheme, name in zip(SCHEMES[1:], ("confusion", "confusion-series"), strict=True):
        key = (FIGURE_TREATMENT, scheme, NETWORK)
        one = next(row for row in rows if (row["films"], row["learnt_from"], row["method"]) == key)
        context = f"{NETWORK}, {scheme}, {FIGURE_TREATMENT}, n = {len(films.labels)} films, {len(one['by_seed'])} seeds"
        figure = confusion_figure(np.array(one["confusion_matrix"]), CLASSES, context, shares=False)
        save_figure(figure, folder / f"{name}.png")
    film = films.names.index(EXAMPLE)
    prediction = CLASSES[int(answers.probabilities[SCHEMES[1], NETWORK][0, film].argmax())]
    title = f"{EXAMPLE} ({CLASSES[films.labels[film]]}), predicted: {prediction}"
    save_figure(activation_figure(films.profiles[film], answers.maps[film], title), folder / "activation.png")


def run(arguments: argparse.Namespace) -> None:
    """Run the whole protocol, print the scores and write what the arguments ask for."""
    begin = time.perf_counter()
    structures = read_chosen(arguments.structures)
    amounts = Amounts(epochs=arguments.epochs, seeds=arguments.seeds)
    for name, members in structures.items():
        print(f"{name}: {', '.join(f'{one.formula} ({one.material_id})' for one in members)}", flush=True)
    treated: dict[str, tuple[Films, Answers]] = {}
    short: dict[str, str] = {}
    for treatment in TREATMENTS:
        films, short = read_films(arguments.data, treatment)
        treated[treatment] = films, cross_validate(films, structures, amounts)
    scores = summary(treated, short)
    scores |= {
        "amounts": vars(amounts),
        "structures": {k: [one.material_id for one in v] for k, v in structures.items()},
    }
    print(table(scores))
    print(f"{duration(time.perf_counter() - begin)} in all")
    if arguments.json:
        write_json(arguments.json, scores)
    if arguments.figures:
        draw(arguments.figures, *treated[FIGURE_TREATMENT], scores["rows"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m research.thin_films",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", type=Path, help="a folder with one folder of .xy files for each space group")
    parser.add_argument("--structures", type=Path, nargs="+", required=True, metavar="TABLE", help="structure tables")
    parser.add_argument(
        "--epochs", type=int, default=Amounts.epochs, help="epochs of the network (default: %(default)s)"
    )
    parser.add_argument(
        "--seeds", type=int, default=Amounts.seeds, help="repetitions with other seeds (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all scores to this file")
    parser.add_argument("--figures", type=Path, metavar="FOLDER", help="draw the figures of docs/thin-films.md here")
    # trainings run in parallel, one on each core, so threads within them bring no gain
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    try:
        run(parser.parse_args())
    except UsageError as error:
        parser.error(str(error))
    except XrdsymError as error:
        sys.exit(f"thin_films: {error}")
