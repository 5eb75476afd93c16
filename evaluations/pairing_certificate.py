"""The certificate of a draw: everything that went in and came out, as plain JSON values with a
digest, and the way back from it to a task that can be drawn again. No Django (ADR 40).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from evaluations.pairing_terms import Plan, Relaxation, Rules, Task, Unit

FORMAT = "pairing-1"


def inputs_of(task: Task) -> dict[str, Any]:
    """Everything that went into a draw, as plain JSON values in a fixed order."""
    return {
        "rules": {
            "visits": task.rules.visits,
            "memory": task.rules.memory,
            "same_county": task.rules.same_county,
            "may_relax": list(task.rules.may_relax),
        },
        "units": [
            {
                "key": u.key,
                "type": u.type,
                "house": u.house,
                "county": u.county,
                "is_visited": u.is_visited,
                "sends_team": u.sends_team,
                "fills": u.fills,
            }
            for u in sorted(task.units, key=lambda unit: unit.key)
        ],
        "history": sorted([a, b, age] for (a, b), age in task.history.items()),
        "recusals": sorted([a, b] for a, b in task.recusals),
        "unavailable": sorted(task.unavailable),
        "fixed": sorted([a, b] for a, b in task.fixed),
    }


def certificate(task: Task, plan: Plan) -> dict[str, Any]:
    """The draw with all it takes to check and to repeat it."""
    inputs = inputs_of(task)
    return {
        "format": FORMAT,
        "seed": task.seed,
        "input_digest": canonical_digest(inputs),
        "inputs": inputs,
        "plan": [list(pair) for pair in plan.pairs],
        "load": plan.load,
        "relaxations": [{"step": r.step, "value": r.value} for r in plan.relaxations],
        "unfilled": dict(sorted(plan.unfilled.items())),
    }


def task_of(given: Mapping[str, Any]) -> Task:
    """The task behind a certificate, to draw it again."""
    inputs = given["inputs"]
    rules = inputs["rules"]
    return Task(
        units=tuple(Unit(**unit) for unit in inputs["units"]),
        rules=Rules(
            rules["visits"], rules["memory"], rules["same_county"], tuple(rules["may_relax"])
        ),
        history={(a, b): age for a, b, age in inputs["history"]},
        recusals=frozenset((a, b) for a, b in inputs["recusals"]),
        unavailable=frozenset(inputs["unavailable"]),
        fixed=tuple((a, b) for a, b in inputs["fixed"]),
        seed=given["seed"],
    )


def plan_of(given: Mapping[str, Any]) -> Plan:
    """The plan in a certificate."""
    return Plan(
        pairs=tuple((a, b) for a, b in given["plan"]),
        relaxations=tuple(Relaxation(r["step"], r["value"]) for r in given["relaxations"]),
        unfilled=dict(given["unfilled"]),
        load=given["load"],
    )


def canonical_digest(inputs: Mapping[str, Any]) -> str:
    """SHA-256 over the JSON text with sorted keys and nothing between the tokens."""
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
