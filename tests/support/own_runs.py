"""Ten runs of a reader's own, from a law that is known, and a project made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from projects import Project, lay_out

TRUTH = {"E": 1.75, "A": 400.0, "B": 1500.0, "alpha": 0.34, "beta": 0.35}


def ten_runs() -> pd.DataFrame:
    """Ten runs of a known law with a noise of three in a thousand."""
    params = np.array([2e7, 5e7, 1e8, 1e8, 2e8, 2e8, 4e8, 4e8, 8e8, 1.6e9])
    tokens = params * np.array([20, 10, 20, 40, 10, 40, 20, 80, 20, 20])
    loss = TRUTH["E"] + TRUTH["A"] * params**-0.34 + TRUTH["B"] * tokens**-0.35
    noise = np.random.default_rng(1).normal(0.0, 0.003, len(loss))
    names = [f"run-{i}" for i in range(len(loss))]
    return pd.DataFrame(
        {"name": names, "n_params": params, "tokens": tokens, "val/loss": loss * np.exp(noise)}
    )


#: Resamples that the card asks for, fewer than the settings of the workflow.
RESAMPLES = 40


def own_project(folder: Path) -> Project:
    """Lay out a project with one published study and a card that ``new`` wrote for the ten runs."""
    lay_out(folder)
    for card in (folder / "config/studies").glob("*.yaml"):
        if card.stem != "hoffmann_2022":
            card.unlink()
    table = folder / "my_runs.csv"
    ten_runs().to_csv(table, index=False)
    project = Project(folder, ("hoffmann_2022", "my_runs"), resamples=60)
    project.call("python", "-m", "scaling_studies.cli.main", "new", str(table), "--yes")
    card = folder / "config/studies/my_runs.yaml"
    card.write_text(card.read_text().replace("\nresamples: 1000\n", f"\nresamples: {RESAMPLES}\n"))
    return project
