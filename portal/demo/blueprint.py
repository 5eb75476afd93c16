"""What the demo company consists of, before anything is built: plain values, no database.

:func:`quanzhou` is the company every reader of the documentation knows (21 organisations,
401 members); :func:`generated` draws one of any size. Places are real, people are not.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from random import Random

from portal.demo.chance import chance

PRODUCTION, MANAGEMENT, BUSINESS = "production", "management", "business"
GENERAL_BRANCH, BRANCH = "general_branch", "branch"
FULL, PART = "full_time", "part_time"

WEEKDAYS = "一二三四五"


@dataclass(frozen=True, slots=True)
class BranchPlan:
    """One branch as it is to be set up. ``members`` is 0 for a general branch: its members
    are those of the branches below. ``severity`` is how many marks its team takes off more
    than others do; ``quality`` how many marks better than others it lastingly is. ``named``:
    people whom the documentation calls by name, by their place in the branch (0 is the
    secretary, 1 the deputy)."""

    name: str
    type: str
    members: int
    mode: str
    short_name: str = ""
    tier: str = BRANCH
    parent: str = ""
    named: tuple[tuple[int, str], ...] = ()
    is_exempt: bool = False
    is_joint: bool = False
    has_party_affairs_office: bool = False
    themed_day_rule: str = ""
    groups: int = 0
    quality: float = 0.0
    severity: float = 0.0
    sites: tuple[str, ...] = ()
    team: str = "运维一班"

    @property
    def label(self) -> str:
        return self.short_name or self.name

    @property
    def is_general(self) -> bool:
        return self.tier == GENERAL_BRANCH


@dataclass(frozen=True, slots=True)
class CommitteePlan:
    """One Party committee with its branches."""

    name: str
    full_name: str
    county: str
    issuer_code: str
    branches: tuple[BranchPlan, ...] = ()
    secretary: str = ""


@dataclass(frozen=True, slots=True)
class CompanyPlan:
    """The city company and the county companies below it."""

    city: CommitteePlan
    counties: tuple[CommitteePlan, ...] = ()


def _themed_day(rng: Random) -> str:
    return f"每月第{rng.choice('一二二三')}个周{rng.choice('三四五五五')}"


def _finished(plan: BranchPlan, rng: Random) -> BranchPlan:
    """Fill in what the table leaves open."""
    short = plan.name.removesuffix("党支部").removesuffix("党总支")
    return replace(
        plan,
        short_name=plan.short_name or short,
        themed_day_rule=plan.themed_day_rule or _themed_day(rng),
        groups=plan.groups or (3 if plan.members >= 20 else 0),
        quality=plan.quality or round(rng.gauss(0, 2.2), 1),
        severity=plan.severity or round(rng.gauss(0, 1.0), 1),
    )


def quanzhou(seed: int) -> CompanyPlan:
    """The company of domain.md 1.5 with the county companies around it."""
    rng = chance(seed, "plan")
    branches = (
        BranchPlan(
            "变电运检党总支", PRODUCTION, 0, FULL, tier=GENERAL_BRANCH, sites=("220kV清濛变",)
        ),
        BranchPlan(
            "变电运维第一党支部",
            PRODUCTION,
            24,
            PART,
            parent="变电运检党总支",
            quality=3.2,
            sites=("220kV清濛变", "110kV东海变", "110kV江滨变"),
            team="清濛运维班",
        ),
        BranchPlan(
            "变电运维第二党支部",
            PRODUCTION,
            21,
            PART,
            parent="变电运检党总支",
            quality=-2.0,
            sites=("110kV北峰变", "110kV双阳变", "220kV玉叶变"),
            team="北峰运维班",
        ),
        BranchPlan(
            "变电检修党支部",
            PRODUCTION,
            23,
            PART,
            parent="变电运检党总支",
            quality=4.4,
            sites=("220kV清濛变", "110kV城南变", "检修库房"),
            team="二次检修班",
        ),
        BranchPlan(
            "客户服务党总支", PRODUCTION, 0, FULL, tier=GENERAL_BRANCH, sites=("丰泽营业厅",)
        ),
        BranchPlan(
            "营业服务党支部",
            PRODUCTION,
            31,
            PART,
            parent="客户服务党总支",
            quality=0.8,
            sites=("丰泽营业厅", "鲤城营业厅", "东海营业厅"),
            team="大客户班",
        ),
        BranchPlan(
            "计量采集党支部",
            PRODUCTION,
            26,
            PART,
            parent="客户服务党总支",
            quality=-0.6,
            sites=("北峰计量库房", "东海街道装表现场", "城东表计轮换现场"),
            team="装表接电班",
        ),
        BranchPlan(
            "输电运检党支部",
            PRODUCTION,
            26,
            FULL,
            quality=-8.0,
            sites=("220kV泉玉线", "110kV洛江线", "220kV清濛双回线"),
            team="输电运维二班",
        ),
        BranchPlan(
            "配电运检党支部",
            PRODUCTION,
            33,
            FULL,
            named=((0, "林建明"), (1, "黄丽萍"), (7, "苏文彬")),
            themed_day_rule="每月第二个周五",
            quality=1.4,
            sites=("10kV城东线", "10kV华大线", "10kV江滨线", "10kV后埔线"),
            team="配电抢修班",
        ),
        BranchPlan(
            "电力调控党支部",
            PRODUCTION,
            22,
            PART,
            quality=1.1,
            sites=("调控大厅", "自动化机房"),
            team="地区调度班",
        ),
        BranchPlan(
            "信息通信党支部",
            PRODUCTION,
            14,
            PART,
            quality=1.9,
            sites=("信息机房", "清濛通信站", "城东光缆现场"),
            team="通信运维班",
        ),
        BranchPlan(
            "洛江供电服务党支部",
            PRODUCTION,
            17,
            PART,
            quality=-3.2,
            sites=("10kV马甲线", "河市供电所", "10kV罗溪线"),
            team="马甲供电所",
        ),
        BranchPlan(
            "泉港供电服务党支部",
            PRODUCTION,
            15,
            PART,
            quality=-5.0,
            sites=("10kV涂岭线", "山腰供电所", "10kV后龙线"),
            team="涂岭供电所",
        ),
        BranchPlan(
            "机关第一党支部",
            MANAGEMENT,
            24,
            PART,
            named=((5, "吴志远"),),
            severity=-0.5,
            team="办公室",
        ),
        BranchPlan(
            "机关第二党支部",
            MANAGEMENT,
            21,
            PART,
            named=((0, "郑国栋"),),
            severity=3.4,
            quality=1.2,
            team="安监部",
        ),
        BranchPlan(
            "机关第三党支部",
            MANAGEMENT,
            16,
            PART,
            named=((5, "陈雅芳"),),
            has_party_affairs_office=True,
            severity=0.3,
            quality=0.6,
            team="党群部",
        ),
        BranchPlan("离退休党支部", MANAGEMENT, 46, FULL, is_exempt=True, team="离退休办"),
        BranchPlan("物资供应党支部", BUSINESS, 12, PART, severity=-3.0, team="仓储配送班"),
        BranchPlan("综合能源党支部", BUSINESS, 11, PART, severity=-1.7, team="市场部"),
        BranchPlan(
            "电力设计党支部", BUSINESS, 13, PART, severity=1.3, quality=2.0, team="设计二室"
        ),
        BranchPlan(
            "集体企业联合党支部",
            BUSINESS,
            6,
            PART,
            is_joint=True,
            severity=0.7,
            quality=-1.5,
            team="工程一部",
        ),
    )
    city = CommitteePlan(
        "国网泉州供电公司党委",
        "中共国网泉州供电公司委员会",
        "泉州",
        "泉电党",
        tuple(_finished(branch, rng) for branch in branches),
        secretary="吴志远",
    )
    return CompanyPlan(city, _counties(rng))


def _counties(rng: Random) -> tuple[CommitteePlan, ...]:
    """The county companies. Jinjiang and Nan'an keep their branches here, the others so far
    only have their committee."""
    jinjiang = (
        BranchPlan(
            "晋江变电运维党支部", PRODUCTION, 12, PART, sites=("110kV池店变",), team="池店运维班"
        ),
        BranchPlan(
            "晋江配电运检党支部", PRODUCTION, 14, PART, sites=("10kV陈埭线",), team="陈埭抢修班"
        ),
        BranchPlan(
            "晋江营销服务党支部", PRODUCTION, 13, PART, sites=("青阳营业厅",), team="青阳营业班"
        ),
        BranchPlan("晋江机关第一党支部", MANAGEMENT, 10, PART, team="办公室"),
        BranchPlan(
            "晋江机关第二党支部", MANAGEMENT, 9, PART, has_party_affairs_office=True, team="党建办"
        ),
        BranchPlan("晋江电力工程党支部", BUSINESS, 8, PART, team="工程部"),
        BranchPlan("晋江综合能源党支部", BUSINESS, 7, PART, team="市场部"),
    )
    nanan = (
        BranchPlan(
            "南安配电运检党支部", PRODUCTION, 11, PART, sites=("10kV水头线",), team="水头抢修班"
        ),
        BranchPlan("南安机关党支部", MANAGEMENT, 9, PART, team="办公室"),
        BranchPlan("南安电力工程党支部", BUSINESS, 7, PART, team="工程部"),
    )
    branches = {"晋江": jinjiang, "南安": nanan}
    return tuple(
        CommitteePlan(
            f"国网{county}供电公司党委",
            f"中共国网{county}{kind}供电公司委员会",
            county,
            f"{county[0]}电党",
            tuple(_finished(branch, rng) for branch in branches.get(county, ())),
        )
        for county, kind in (
            ("晋江", "市"),
            ("石狮", "市"),
            ("南安", "市"),
            ("惠安", "县"),
            ("安溪", "县"),
            ("永春", "县"),
            ("德化", "县"),
        )
    )


# -- a company of any size -------------------------------------------------------------------

_AREAS = (
    *("丰泽", "鲤城", "洛江", "泉港", "清濛", "东海", "城东", "江南", "北峰", "双阳", "河市"),
    *("马甲", "罗溪", "虹山", "山腰", "涂岭", "后龙", "南埔", "池店", "陈埭", "磁灶", "安海"),
    *("东石", "金井", "水头", "官桥", "洪濑", "诗山", "螺城", "崇武", "张坂", "凤城", "湖头"),
    *("龙门", "桃城", "蓬壶"),
)
_WORK = {
    PRODUCTION: (
        "配电运检",
        "变电运维",
        "供电服务",
        "营业服务",
        "计量采集",
        "变电检修",
        "带电作业",
    ),
    MANAGEMENT: ("机关", "综合管理", "安全监察", "财务人资", "规划建设"),
    BUSINESS: ("物资供应", "综合能源", "电力设计", "电力工程", "集体企业"),
}
_TYPES = ((PRODUCTION, 13), (MANAGEMENT, 4), (BUSINESS, 4))


def generated(seed: int, organisations: int) -> CompanyPlan:
    """One committee with ``organisations`` general branches and branches: types in the
    proportion 13 : 4 : 4, every twentieth a general branch with two to four branches."""
    if organisations < 3:
        raise ValueError("a company needs at least three branches, one of each type")
    rng = chance(seed, "generated plan")
    names = {kind: _names(kind) for kind, _ in _TYPES}
    plans: list[BranchPlan] = []
    for kind, count in _shares(organisations):
        left = count
        while left:
            below = min(rng.randint(2, 4), left - 1) if rng.random() < 0.05 and left > 2 else 0
            name = next(names[kind])
            if below:
                parent = BranchPlan(
                    f"{name}党总支",
                    kind,
                    0,
                    FULL,
                    tier=GENERAL_BRANCH,
                    sites=(f"10kV{name[:2]}线",),
                )
                plans.append(parent)
                for _number in range(below):
                    plans.append(_small(next(names[kind]), kind, rng, parent.name))
            else:
                plans.append(_small(name, kind, rng))
            left -= below + 1
    city = CommitteePlan(
        "国网泉州供电公司党委",
        "中共国网泉州供电公司委员会",
        "泉州",
        "泉电党",
        tuple(_finished(plan, rng) for plan in _with_cast(plans)),
        secretary="吴志远",
    )
    return CompanyPlan(city)


def _with_cast(plans: list[BranchPlan]) -> list[BranchPlan]:
    """Put the people with a demo account into the first branches, so that the same accounts
    work in every company."""
    places = [plan for plan in plans if not plan.is_general]
    production = next(plan for plan in places if plan.type == PRODUCTION)
    offices = [plan for plan in places if plan.type == MANAGEMENT]
    named: dict[str, tuple[tuple[int, str], ...]] = {offices[-1].name: ((3, "陈雅芳"),)}
    named[offices[0].name] = ((0, "郑国栋"), *named.get(offices[0].name, ()))
    # Whoever decides about the branch of the party-affairs office must not belong to it.
    leaders = next(plan for plan in places if plan is not offices[-1] and plan is not production)
    named[leaders.name] = (*named.get(leaders.name, ()), (4, "吴志远"))
    named[production.name] = ((0, "林建明"), (1, "黄丽萍"), (3, "苏文彬"))
    return [
        replace(
            plan,
            named=named[plan.name],
            members=max(plan.members, 20),
            mode=FULL if plan is production else plan.mode,
            has_party_affairs_office=plan is offices[-1],
        )
        if plan.name in named
        else plan
        for plan in plans
    ]


def _small(name: str, kind: str, rng: Random, parent: str = "") -> BranchPlan:
    members = min(30, max(5, round(rng.lognormvariate(2.2, 0.45))))
    mode = FULL if members >= 25 else PART
    area = name[:2]
    return BranchPlan(
        f"{name}党支部",
        kind,
        members,
        mode,
        parent=parent,
        sites=(f"10kV{area}线", f"{area}供电所"),
    )


def _names(kind: str) -> itertools.chain[str]:
    """丰泽配电运检, 鲤城配电运检, ... then the same with 第二, 第三 ..."""

    def more() -> itertools.chain[str]:
        numbers = ("" if n == 1 else f"第{n}" for n in itertools.count(1))
        return itertools.chain.from_iterable(
            (f"{area}{work}{number}" for work in _WORK[kind] for area in _AREAS)
            for number in numbers
        )

    return more()


def _shares(total: int) -> list[tuple[str, int]]:
    """``total`` split by the proportion of the types, nobody left without."""
    whole = sum(part for _, part in _TYPES)
    shares = {kind: max(1, total * part // whole) for kind, part in _TYPES}
    shares[PRODUCTION] += total - sum(shares.values())
    return list(shares.items())
