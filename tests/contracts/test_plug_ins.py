"""A law, an estimator, an adapter, a check, a kind of figure: each is one file.

Each is added to a copy of the library, and used there in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scaling_studies import registry

ROOT = Path(__file__).resolve().parents[2]

LAW = """
from scaling_studies.models.autodiff import exp
from scaling_studies.models.formula import FormulaModel
from scaling_studies.models.law import Axis, Law, Parameter

PARAMETERS = (
    Parameter("height", "value at zero", lower=0.0, transform="log", search=(-2.0, 2.0)),
    Parameter("rate", "rate of decay", lower=0.0, search=(0.01, 2.0)),
)
LAW = Law(
    name="newcomer",
    title="Decay",
    formula="L = height exp(-rate x)",
    citation="made up for this test",
    axes=(Axis("x", "1", "anything"),),
    response="loss",
    response_meaning="loss",
    parameters=PARAMETERS,
    model=FormulaModel(PARAMETERS, lambda p, x: p.height * exp(-p.rate * x["x"])),
)
"""
USE_LAW = """
import numpy as np
import scaling_studies as ss

assert "newcomer" in ss.laws()
x = np.linspace(0.1, 5.0, 20)
fit = ss.fit("newcomer", {"x": x, "loss": 2.0 * np.exp(-0.7 * x)})
np.testing.assert_allclose(list(fit.parameters.values()), [2.0, 0.7], rtol=1e-9)
assert fit.converged
"""

ESTIMATOR = '''
from dataclasses import replace

from scaling_studies import registry


def estimate(request):
    """Evaluate at twice the given parameters."""
    request.take_options({})
    doubled = {name: 2.0 * value for name, value in request.fixed.items()}
    return registry.load("estimators", "evaluate")(replace(request, fixed=doubled))
'''
USE_ESTIMATOR = """
import numpy as np
import scaling_studies as ss

x = np.array([1.0, 2.0, 4.0])
given = {"A": 1.0, "alpha": 0.5}
fit = ss.fit("power", {"x": x, "loss": x}, fixed=given, estimator="newcomer")
assert dict(fit.parameters) == {"A": 2.0, "alpha": 1.0}
"""

ADAPTER = '''
import pandas as pd


def extract(paths, *, column):
    """One column of one CSV."""
    (path,) = paths.values()
    return {"points": pd.read_csv(path)[[column]]}
'''
USE_ADAPTER = """
from pathlib import Path

Path("upstream.csv").write_text("a,b\\n1,2\\n")
tables = registry.load("adapters", "newcomer")({"x": Path("upstream.csv")}, column="b")
assert tables["points"]["b"].tolist() == [2]
"""

CHECK = '''
from scaling_studies.checks.context import info

MEANING = "Is the study looked at?"
NOTHING = "there is no fit"


def find(context):
    """Says that it looked."""
    yield info(f"{len(context.fits)} looked at.")
'''
USE_CHECK = """
from checked_studies import EVALUATED, REFIT, TRUTH, checked_study
from scaling_studies.checks.run import run

published = EVALUATED | {"fixed": TRUTH, "resample": {"kind": "none"}}
record = run(checked_study(refit=REFIT, published=published))
assert "newcomer" in [check["name"] for check in record["checks"]]
assert "2 looked at." in [finding["text"] for finding in record["findings"]]
"""

FIGURE = '''
import pandas as pd
from matplotlib.figure import Figure


def draw(context):
    """Two points."""
    figure, frame = Figure(), pd.DataFrame({"x": [1, 2], "y": [3, 4]})
    figure.add_subplot().plot(frame["x"], frame["y"])
    return figure, frame
'''
USE_FIGURE = """
import yaml
from scaling_studies.cards import load

card = yaml.safe_load(open(CARDS / "hestness_2019.yaml"))
card["figures"] = {"new": {"kind": "newcomer", "title": "New", "caption": "N.", "alt": "New."}}
open("hestness_2019.yaml", "w").write(yaml.safe_dump(card))
assert load.load_card("hestness_2019.yaml").figures["new"].kind == "newcomer"
figure, frame = registry.load("figures", "newcomer")(None)
assert frame["y"].tolist() == [3, 4] and figure.axes
"""

#: Kind -> the new file, a script that loads plug-ins of that kind by name, a program that uses it.
NEW = {
    "laws": (LAW, "fit_laws", USE_LAW),
    "estimators": (ESTIMATOR, "fit_laws", USE_ESTIMATOR),
    "adapters": (ADAPTER, "retrieve_table", USE_ADAPTER),
    "checks": (CHECK, "judge_targets", USE_CHECK),
    "figures": (FIGURE, "plot_figures", USE_FIGURE),
}
#: What holds for a plug-in of any kind.
FOUND = """
from pathlib import Path
from scaling_studies import registry
from scaling_studies.artefacts import code

CARDS = Path(ROOT, "config/studies")
script = Path(ROOT, "workflow/scripts", SCRIPT + ".py")
(module,) = registry.modules(KIND, "newcomer")
assert "newcomer" in registry.names(KIND)
assert "did you mean 'newcomer'?" in registry.unknown(KIND, "newcomerr")[1]
assert module in code.files_used(script)
assert module in code.files_used(script, **{KIND: ["newcomer"]})
assert module not in code.files_used(script, **{KIND: []})
"""


@pytest.fixture
def library(tmp_path):
    """A copy of the library."""
    folder = tmp_path / "src" / "scaling_studies"
    shutil.copytree(registry.LIBRARY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(library: Path, program: str, **names: str) -> None:
    """Run a program with the copy of the library and what tests share."""
    paths = [str(library.parent), str(ROOT / "tests" / "support")]
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    done = subprocess.run(
        [sys.executable, "-c", f"{given}{program}"],
        cwd=library.parents[1],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", NEW)
def test_a_plug_in_is_one_file(library, kind):
    source, script, use = NEW[kind]
    folder = library.joinpath(*registry.KINDS[kind].folder.split("."))
    (folder / "newcomer.py").write_text(source, encoding="utf-8")
    run(library, f"{FOUND}{use}", ROOT=str(ROOT), KIND=kind, SCRIPT=script)


KEY = """    mood: Maybe[Text] = Field(None, description="How the authors felt.")
    question: Text = Field("""
USE_KEY = """
import yaml
from pathlib import Path
from scaling_studies.cards import load
from scaling_studies.cards.schema import json_schema
from scaling_studies.errors import CardError

card = yaml.safe_load(open(Path(ROOT, "config/studies/hestness_2019.yaml")))

def loaded(**changed):
    Path("hestness_2019.yaml").write_text(yaml.safe_dump(card | changed))
    return load.load_card("hestness_2019.yaml")

def problem(**changed):
    try:
        loaded(**changed)
    except CardError as error:
        return str(error)

assert loaded().mood is None
assert loaded(mood="well").mood == "well"
assert "key mood" in problem(mood=3) and "\\n" not in problem(mood=3)
assert "did you mean 'mood'?" in problem(moood="well")
assert json_schema("card")["properties"]["mood"]["description"] == "How the authors felt."
"""


def test_a_key_of_a_card_is_described_in_one_place_and_read_in_another(library):
    path = library / "cards" / "models" / "study.py"
    text = path.read_text(encoding="utf-8")
    assert text.count("    question: Text = Field(") == 1
    path.write_text(text.replace("    question: Text = Field(", KEY), encoding="utf-8")
    run(library, USE_KEY, ROOT=str(ROOT))
