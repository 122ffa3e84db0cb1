"""`xrdsym preset list|show|apply NAME`, and `xrdsym preset schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.config.paths import working_tree
from xrdsym.config.presets import apply_preset, description, preset_names, preset_path, untouched, write_schema

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="the presets and what each is for")
    actions.add_parser("show", help="the content of a preset").add_argument("name", metavar="NAME")
    actions.add_parser("apply", help="write a preset into params.yaml").add_argument("name", metavar="NAME")
    actions.add_parser("schema", help="write the JSON Schema of params.yaml for editors into presets/")


def run(args: argparse.Namespace) -> int:
    """Do one of them."""
    paths = working_tree()
    if args.action == "list":
        for name in preset_names(paths.root):
            print(f"{name:12} {description(preset_path(paths.root, name))}")
        return 0
    if args.action == "schema":
        print(write_schema(paths.root).relative_to(paths.root))
        return 0
    preset = preset_path(paths.root, args.name)
    if args.action == "show":
        print(preset.read_text(encoding="utf-8"), end="")
        return 0
    changes = apply_preset(preset, paths.params)
    print("\n".join(changes) if changes else f"params.yaml already is the preset {args.name}")
    if others := untouched(preset):
        print(f"{args.name} does not name {', '.join(others)}: these sections stay as they were")
    return 0
