"""On a cluster no rule is forgotten: each is grouped or runs where the workflow was started."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
PROFILE = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text(encoding="utf-8"))


def local(text: str) -> set[str]:
    """Rules that a file calls local."""
    blocks = re.findall(r"^localrules:\n((?:    \w+,\n)+)", text, flags=re.MULTILINE)
    return set(re.findall(r"\w+", " ".join(blocks)))


def test_every_rule_is_grouped_or_local():
    texts = [path.read_text(encoding="utf-8") for path in RULES]
    rules = {name for text in texts for name in re.findall(r"^ *rule (\w+):", text, re.MULTILINE)}
    here = set().union(*map(local, texts))
    grouped = {entry.split("=")[0] for entry in PROFILE["groups"]}
    slots = {entry.split(":")[0] for entry in PROFILE["set-resources"]}
    assert len(rules) >= 15
    assert grouped == slots == rules - here
    assert not grouped & here


def test_a_rule_that_names_its_group_takes_a_slot_of_it():
    rules = [
        block for path in RULES for block in re.split(r"^ *rule\b", path.read_text(), flags=re.M)
    ]
    grouped = [block for block in rules if re.search(r"^ +group:$", block, re.MULTILINE)]
    assert len(grouped) == 5
    assert all(re.search(r"^ +slots=1,$", block, re.MULTILINE) for block in grouped)


def test_every_rule_asks_for_more_with_each_attempt():
    for path in RULES:
        asked = re.findall(r"^ +(?:mem_mb|runtime)=(.*),$", path.read_text(), re.MULTILINE)
        assert all(re.fullmatch(r"by_attempt\(\d+\)", amount) for amount in asked), path.name
