"""Folders of cards and tables that ``new`` and ``check`` work on."""

from __future__ import annotations

import argparse
from pathlib import Path

from scaling_studies.cards import load
from scaling_studies.cards.models.config import Config
from scaling_studies.errors import CardError


def add_folder_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name folders and settings."""
    parser.add_argument("--config", type=Path, help="settings (config/config.yaml)")
    parser.add_argument("--cards", type=Path, help="folder of the cards, instead of the settings'")
    parser.add_argument("--data", type=Path, help="folder of the tables, instead of the settings'")


def folders(options: argparse.Namespace) -> Config:
    """Settings of the workflow, with the folders that the command line names.

    Raises
    ------
    CardError
        When the configuration is not there or not valid.
    """
    given = {
        name: str(value)
        for name, value in (("cards", options.cards), ("data", options.data))
        if value is not None
    }
    if options.config is None and len(given) == 2:
        return load.load_config(given)
    path = options.config or Path("config/config.yaml")
    if not path.is_file():
        raise CardError(
            f"there is no {path}",
            fix="call this in the project's folder, or name --config, or --cards and --data",
        )
    return load.load_config((load.read_yaml(path) or {}) | given)
