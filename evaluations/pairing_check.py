"""The independent checker of a pairing certificate. Shares no code with the engine: it reads
the certificate as anybody could and judges every rule from the words of ADR 40."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

THE_ORDER = ["memory", "same_county", "load", "fill", "same_type", "mutual", "fewer"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that the plan breaks. ``rule`` is a short name; ``never``: no relaxation and no
    person can allow it."""

    rule: str
    text: str
    pair: tuple[str, str] | None = None
    never: bool = False


def check(certificate: Mapping[str, Any]) -> list[Fault]:
    """All faults of a certificate; an empty list when it holds."""
    if certificate.get("format") != "pairing-1":
        return [Fault("format", f"不认识的证书格式：{certificate.get('format')!r}", never=True)]
    inputs = certificate["inputs"]
    faults: list[Fault] = []
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if hashlib.sha256(text.encode("utf-8")).hexdigest() != certificate["input_digest"]:
        faults.append(Fault("digest", "输入摘要不符：输入被改动过", never=True))

    units = {unit["key"]: unit for unit in inputs["units"]}
    rules = inputs["rules"]
    given_up = {r["step"]: r["value"] for r in certificate["relaxations"]}
    steps = [r["step"] for r in certificate["relaxations"]]
    if steps != [step for step in THE_ORDER if step in given_up]:
        faults.append(Fault("order", "放宽的次序与规定不符：" + "、".join(steps)))
    for step in steps:
        if step not in rules["may_relax"]:
            faults.append(Fault("order", f"规则没有允许放宽：{step}"))
    if "memory" in given_up and not 3 <= given_up["memory"] < max(rules["memory"], 4):
        faults.append(
            Fault("order", f"不重复的月数只能缩短到3个月，不能到{given_up['memory']}个月")
        )

    plan = [(inspector, inspected) for inspector, inspected in certificate["plan"]]
    faults += _single_visits(plan, units, inputs, given_up)
    faults += _counts(plan, units, certificate, given_up)
    return faults


def _single_visits(
    plan: list[tuple[str, str]],
    units: Mapping[str, Any],
    inputs: Mapping[str, Any],
    given_up: Mapping[str, Any],
) -> list[Fault]:
    found = []
    months_ago: dict[tuple[str, str], int] = {}
    for a, b, age in inputs["history"]:
        months_ago[a, b] = min(age, months_ago.get((a, b), age))
    recused = {(a, b) for a, b in inputs["recusals"]}
    memory = given_up.get("memory") or inputs["rules"]["memory"]
    made = set(plan)
    seen = set()
    for pair in plan:
        inspector, inspected = pair
        if inspector not in units or inspected not in units:
            found.append(Fault("unknown", "计划里有不认识的单位", pair, never=True))
            continue
        one, other = units[inspector], units[inspected]

        def fault(rule: str, text: str, *, never: bool = False, pair: Any = pair) -> None:
            found.append(Fault(rule, text, pair, never=never))

        if pair in seen:
            fault("twice", "同一次检查安排了两遍", never=True)
        seen.add(pair)
        if inspector == inspected:
            fault("itself", "检查自己", never=True)
        elif one["house"] == other["house"]:
            fault("house", "同一党总支内互查", never=True)
        if one["type"] == other["type"] and inspector != inspected:
            if "same_type" not in given_up:
                fault("type", "同一类型互查")
            elif one["county"] == other["county"]:
                fault("type", "同一类型、同一区县互查")
        if (inspected, inspector) in made and "mutual" not in given_up and inspector < inspected:
            fault("mutual", "同月互为检查方")
        age = months_ago.get(pair)
        if age == 1:
            fault("last_month", "与上月是同一对", never=True)
        elif age is not None and age < memory:
            fault("memory", f"{age}个月前查过，不足{memory}个月")
        if pair in recused:
            fault("recusal", "应当回避", never=True)
        if not one["sends_team"] or inspector in inputs["unavailable"]:
            fault("unavailable", "派不出检查组", never=True)
        if not other["is_visited"]:
            fault("exempt", "本月不参评，不应安排检查", never=True)
        if (
            inputs["rules"]["same_county"]
            and "same_county" not in given_up
            and one["county"] != other["county"]
        ):
            fault("same_county", "跨区县检查")
    return found


def _counts(
    plan: list[tuple[str, str]],
    units: Mapping[str, Any],
    certificate: Mapping[str, Any],
    given_up: Mapping[str, Any],
) -> list[Fault]:
    found = []
    rules = certificate["inputs"]["rules"]
    sent: dict[str, int] = {}
    received: dict[str, int] = {}
    for inspector, inspected in plan:
        sent[inspector] = sent.get(inspector, 0) + 1
        received[inspected] = received.get(inspected, 0) + 1
    per_type: dict[str, int] = {}
    for unit in units.values():
        if unit["is_visited"]:
            per_type[unit["type"]] = per_type.get(unit["type"], 0) + 1
    largest = sorted(per_type, key=lambda kind: (-per_type[kind], kind))[:1]
    for key, unit in units.items():
        if not unit["is_visited"]:
            continue
        wanted = rules["visits"]
        if "fewer" in given_up and [unit["type"]] == largest:
            wanted -= 1
        wanted -= certificate["unfilled"].get(key, 0)
        got = received.get(key, 0)
        if got < wanted:
            found.append(Fault("visits", f"{key}应有{wanted}次检查，只有{got}次", ("", key)))
        elif got > rules["visits"]:
            found.append(Fault("visits", f"{key}应有{wanted}次检查，却有{got}次", ("", key)))
    senders = [
        key
        for key, unit in units.items()
        if unit["sends_team"] and key not in certificate["inputs"]["unavailable"]
    ]
    visited = sum(per_type.values())
    allowed = -(-visited * rules["visits"] // len(senders)) if senders else 0
    if "load" in given_up:
        allowed = max(allowed, given_up["load"])
        if given_up["load"] > _bound(per_type, senders, units, rules["visits"]):
            found.append(Fault("load", f"每组{given_up['load']}次超过了规定的上限"))
    for key in senders:
        load = sent.get(key, 0)
        if load > allowed and not ("fill" in given_up and units[key]["fills"]):
            found.append(Fault("load", f"{key}要去{load}次，每组最多{allowed}次", (key, "")))
    return found


def _bound(
    per_type: Mapping[str, int],
    senders: list[str],
    units: Mapping[str, Any],
    visits: int,
) -> int:
    """⌈k·n/(N − n)⌉ for the most lopsided type, or one more than an even load."""
    total = sum(per_type.values()) * visits
    bound = -(-total // len(senders)) + 1 if senders else 0
    for kind, count in per_type.items():
        others = sum(1 for key in senders if units[key]["type"] != kind)
        if others:
            bound = max(bound, -(-visits * count // others))
    return bound
