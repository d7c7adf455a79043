"""Studies whose tables are not carried: which of them are at hand, and fetching the others.

A study is at hand when all its upstream files lie in the mirror or in the cache. The workflow asks
that when it plans, without touching the network; ``python -m scaling_studies.sources.retrieval``
fetches.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_studies.cards import load
from scaling_studies.errors import ScalingStudiesError, SourceError
from scaling_studies.sources import records
from scaling_studies.sources.files import Upstream, default_mirror

if TYPE_CHECKING:
    from scaling_studies.cards.models.study import StudyCard


def missing_files(study: str, *, data_dir: Path, upstream: Upstream) -> list[str]:
    """Upstream files of a study that are not at hand, as ``repository/path``."""
    return upstream.missing(records.load(study, data_dir=data_dir).files)


def source_folder(card: StudyCard) -> str:
    """Folder of ``data/`` that holds the source record of a study's tables."""
    return Path(next(iter(card.tables.values())).file).parts[0]


def retrieve(folders: list[str], *, data_dir: Path, upstream: Upstream) -> dict[str, str]:
    """Fetch what is not at hand into the cache; go on when the network is away.

    Returns
    -------
    dict
        Folder -> why it could not be retrieved, one line.
    """
    failures: dict[str, str] = {}
    for folder in folders:
        try:
            for file in records.load(folder, data_dir=data_dir).files:
                upstream.fetch(file)
        except SourceError as error:
            failures[folder] = str(error)
            # One host serves all files: when it cannot be reached, it is not asked again.
            upstream = replace(upstream, offline=True)
    return failures


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status, 0 also when the network is away."""
    parser = argparse.ArgumentParser(prog="python -m scaling_studies.sources.retrieval")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--offline", action="store_true", help="do not use the network")
    options = parser.parse_args(arguments)
    try:
        config = load.load_config(load.read_yaml(options.config) or {})
        # What is wrong with other cards is said by the run.
        wanted = load.sound_cards(config.cards, config.studies)[0].values()
        folders = sorted({source_folder(card) for card in wanted if card.is_retrieved})
        upstream = Upstream(
            mirror=Path(config.mirror) if config.mirror else default_mirror(Path()),
            cache=Path(config.cache),
            offline=options.offline or config.offline,
            progress=sys.stderr.isatty(),
        )
        failures = retrieve(folders, data_dir=Path(config.data), upstream=upstream)
    except ScalingStudiesError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    for folder, reason in failures.items():
        print(f"Skipping {folder}: {reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
