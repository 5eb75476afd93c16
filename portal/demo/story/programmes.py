"""The five programmes of the demo: plans, what was done (mostly taken from the monthly records),
visits, mentors, retired comrades, and what members took on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from branches.models import Activity, Person
from portal.accounts.models import User
from portal.demo.chance import chance
from portal.demo.company import VIA, BuiltBranch, BuiltCommittee
from servicecrew.models import PioneerEntry, PioneerKind, Programme, Turnout
from servicecrew.services import programmes

# programme -> (plan of the year, how many done by today beyond or short of the schedule)
PLANS: dict[str, tuple[int, int, str]] = {
    "pioneer": (24, 0, "每月两项：急难险重攻坚一项，示范岗、责任区活动一项。"),
    "integrity": (16, -1, "季度廉洁谈话，关键岗位风险清单一年两查，家属寄语一次。"),
    "care": (36, 1, "四季关怀：和春舒心、盛夏送凉、金秋助学、寒冬问暖。"),
    "youth": (18, -3, "五四活动、师带徒结对、青年突击队、青年讲堂。"),
    "gratitude": (20, 1, "生日祝福、入户走访、送学上门，重阳和春节集中看望。"),
}
INDICATORS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "pioneer": (("deeds", "活动项数", 24), ("people", "参加党员人次", 400)),
    "integrity": (("deeds", "廉洁谈话和检查", 16), ("people", "覆盖关键岗位人次", 160)),
    "care": (("deeds", "关爱项数", 36), ("visits", "慰问困难职工", 24)),
    "youth": (("deeds", "活动项数", 18), ("pairs", "在带师徒", 30)),
    "gratitude": (("deeds", "活动项数", 20), ("visits", "入户走访", 60)),
}
TITLES: dict[str, tuple[tuple[str, int], ...]] = {
    "pioneer": (
        ("服务队统一活动日", 86),
        ("党员突击队攻坚10kV线路改造", 18),
        ("责任区安全互查", 22),
    ),
    "integrity": (("物资岗位廉洁谈话", 12), ("营销岗位风险清单复查", 16), ("新任干部廉洁家访", 6)),
    "care": (
        ("给一线班组送防暑用品", 46),
        ("班组小厨房添置冰柜", 23),
        ("困难职工子女助学", 8),
        ("职工心理关爱讲座", 35),
        ("给抢修班换新雨衣", 15),
    ),
    "youth": (("师带徒结对", 31), ("青年讲堂：配网自动化", 26), ("青年突击队迎峰度冬", 14)),
    "gratitude": (("入户送学", 9), ("老同志生日祝福", 7), ("老同志看新变电站", 28)),
}
THEMES = ("带电作业", "继电保护", "配网调度", "营业稽核", "计量装表", "输电巡视")


def tell(
    *, seed: int, city: BuiltCommittee, officer: User, today: dt.date, now: dt.datetime
) -> None:
    """Let the year have happened."""
    rng = chance(seed, "programmes")
    rows = {programme.pk: programme for programme in Programme.objects.all()}
    if not rows:
        return
    branches = [b for b in city.branches.values() if b.people and not b.plan.is_general]
    passed = today.timetuple().tm_yday / 365
    records = list(
        Activity.objects.filter(
            branch__committee=city.committee, held_on__year=today.year, held_on__lt=today
        )
        .filter(ticks__duty="themed_day")
        .select_related("branch")
        .order_by("-held_on", "-pk")[:120]
    )
    turnouts = list(
        Turnout.objects.filter(
            committee=city.committee,
            started_on__year=today.year,
            sub_kind="project_push",
            status="verified",
        ).order_by("-started_on", "-pk")[:3]
    )
    for code, (target, beyond, text) in PLANS.items():
        programme = rows[code]
        for year in (today.year - 1, today.year):
            programmes.set_plan(
                programme=programme,
                committee=city.committee,
                year=year,
                target=target,
                text=text,
                indicators={m: (name, wanted) for m, name, wanted in INDICATORS[code]},
                actor=officer,
                now=now,
                via=VIA,
            )
        done = max(0, int(target * passed) + beyond)
        days = sorted(
            dt.date(today.year, 1, 4)
            + dt.timedelta(days=rng.randrange(max(1, today.timetuple().tm_yday - 5)))
            for _n in range(done)
        )
        for n, day in enumerate(days):
            built = branches[(n * 7 + len(code)) % len(branches)]
            record = (
                records.pop() if code in {"pioneer", "care"} and n % 3 == 0 and records else None
            )
            turnout = turnouts.pop() if code == "pioneer" and n % 5 == 1 and turnouts else None
            title, people = rng.choice(TITLES[code])
            programmes.add_deed(
                programme=programme,
                committee=city.committee,
                branch=record.branch
                if record
                else turnout.crew.branch
                if turnout
                else built.branch,
                activity=record,
                turnout=turnout,
                held_on=None if record or turnout else min(day, today),
                title="" if record or turnout else title,
                people=None if record else people,
                actor=officer,
                now=now,
                via=VIA,
            )
    _visits(rows, branches, rng.sample(range(400), 40), officer, today, now)
    _pairs(branches, today, officer, now)
    _retired(rows["gratitude"], city, today, officer, now)
    _pioneers(branches, today, officer, now)


def _visits(
    rows: dict[str, Programme],
    branches: Sequence[BuiltBranch],
    numbers: Sequence[int],
    officer: User,
    today: dt.date,
    now: dt.datetime,
) -> None:
    kinds = ("spring", "summer", "hardship", "illness", "winter")
    for n, number in enumerate(numbers[:22]):
        built = branches[number % len(branches)]
        day = today - dt.timedelta(days=3 + n * 11)
        if day.year != today.year:
            continue
        programmes.note_visit(
            programme=rows["care"],
            branch=built.branch,
            kind=kinds[n % len(kinds)],
            person=built.people[number % len(built.people)],
            visited_on=day,
            visitor="工会主席和支部书记",
            note="",
            actor=officer,
            now=now,
            via=VIA,
        )


def _pairs(
    branches: Sequence[BuiltBranch], today: dt.date, officer: User, now: dt.datetime
) -> None:
    made = 0
    for n in range(3):
        for built in branches:
            if len(built.people) < 8 + n or made == 31:
                continue
            programmes.pair_up(
                mentor=built.people[3 + n],
                apprentice=built.people[-2 - n],
                branch=built.branch,
                subject=THEMES[made % len(THEMES)],
                started_on=today - dt.timedelta(days=30 + made * 5),
                actor=officer,
                now=now,
                via=VIA,
            )
            made += 1


def _retired(
    programme: Programme, city: BuiltCommittee, today: dt.date, officer: User, now: dt.datetime
) -> None:
    built = city.branches.get("离退休党支部")
    if built is None:
        return
    people: list[Person] = built.people[2:]
    programmes.list_retired(
        branch=built.branch,
        people=[
            (
                person,
                dt.date(today.year - 2 - n % 20, 1 + n % 12, 1),
                1 + n * 5 % 12,
                n % 6 == 0,
                n % 5 == 0,
            )
            for n, person in enumerate(people)
        ],
        actor=officer,
        now=now,
        via=VIA,
    )
    for n, person in enumerate(people[:38]):
        day = today - dt.timedelta(days=2 + n * 8)
        if day.year == today.year:
            programmes.note_visit(
                programme=programme,
                branch=built.branch,
                kind=("home", "birthday", "study")[n % 3],
                person=person,
                visited_on=day,
                visitor="离退休党支部委员",
                actor=officer,
                now=now,
                via=VIA,
            )


def _pioneers(
    branches: Sequence[BuiltBranch], today: dt.date, officer: User, now: dt.datetime
) -> None:
    """64 model posts, 48 areas, 12 commandos, 9 projects of which three are done, and a pledge of
    each secretary."""
    wanted = [
        (PioneerKind.MODEL_POST, 64, "{team}党员示范岗"),
        (PioneerKind.AREA, 48, "{site}责任区"),
        (PioneerKind.COMMANDO, 12, "{team}党员突击队"),
        (PioneerKind.PROJECT, 9, "揭榜：{site}缺陷消除"),
    ]
    by_branch: dict[str, list[PioneerEntry]] = {}
    for kind, count, words in wanted:
        for n in range(count):
            built = branches[n % len(branches)]
            place = n // len(branches)
            site = (
                built.plan.sites[place % len(built.plan.sites)]
                if built.plan.sites
                else built.plan.team
            )
            is_done = kind == PioneerKind.PROJECT and n % 3 == 0
            started = today - dt.timedelta(days=120 + n)
            by_branch.setdefault(built.plan.name, []).append(
                PioneerEntry(
                    person=built.people[(2 + place * 3 + len(kind)) % len(built.people)],
                    kind=kind,
                    title=words.format(team=built.plan.team, site=site),
                    started_on=started,
                    ended_on=today - dt.timedelta(days=20) if is_done else None,
                    is_done=is_done,
                )
            )
    for built in branches:
        entries = by_branch.get(built.plan.name, [])
        for n, person in enumerate(built.people[:8]):
            entries.append(
                PioneerEntry(
                    person=person,
                    kind=PioneerKind.PLEDGE,
                    title=("有呼必应，夜里抢修不推脱", "带好一名徒弟", "一年消掉两处隐患")[n % 3],
                    started_on=dt.date(today.year, 1, 1),
                )
            )
        programmes.note_pioneers(
            entries=entries, branch=built.branch, actor=officer, now=now, via=VIA
        )
