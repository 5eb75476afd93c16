"""百名干部走千家 in the demo: 831 visits of a year, by leaders and secretaries, to stations, teams,
homes, government bodies and key enterprises. Some teams are seen often, three too seldom, one too
often. What visits brought back was written down at the desk (``listening``) and is tied to them.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

from branches.models import Person
from feedback.models import PlaceKind, StaffRequest, StaffVisit, VisitPlace, VisitQuestion
from feedback.services import visits
from feedback.services.visits import Seen, VisitDraft
from portal.accounts.models import User
from portal.demo.agenda import Agenda
from portal.demo.chance import chance
from portal.demo.company import VIA, BuiltBranch, BuiltCommittee
from portal.demo.matters import TEAMS
from portal.demo.story.life import moment, workdays_of

VISITS = 831
STATIONS = ("洛江供电所", "双阳供电所", "马甲供电所", "泉港供电所", "山腰供电所", "河市供电所")
PROJECTS = ("泉州北500千伏变电站扩建", "城东地下管廊电缆迁改")
GOVERNMENT = ("市工信局", "市应急管理局", "洛江区政府办", "市住建局")
ENTERPRISES = ("滨江石化", "海峡鞋业", "华锦纺织", "东海冷链", "清源医院")
SELDOM = {"电缆二班", "泉港配电班", "试验班"}  # last seen months ago
TOO_OFTEN = "城东抢修班"
SEEN_TEXTS = {
    "查安全": ("安全工器具台账齐，绝缘手套都在检验期内", "登高板有一副绑带磨损，当场换下"),
    "查服务": ("抢修到场时间上墙，近一月没有超时", "报装资料一次告知单用的是旧版，已换"),
    "查党建": ("主题党日按时开，记录齐", "责任区公示牌照片还是去年的"),
    "查作风": ("没有发现问题",),
    "问需求": ("夏天想多配几台风扇", "夜里抢修的头灯不够亮", "工具车想装个遮阳棚"),
    "问困难": ("倒班多，孩子没人接", "家在外地，两个月没回去了"),
    "问建议": ("领料能不能先在系统里约", "报表合成一张"),
    "问思想": ("干劲都在，盼着新人来", "担心岗位调整"),
}
TOPICS = ("迎峰度夏准备", "班组减负", "安全生产月", "新人带教", "值班安排", "工器具配置")
PRIVATE = ("家里老人住院，最近情绪不高，下月再去看看", "夫妻两地，想调近一些，先不外传")


class GoingOut:
    """Plans the year's visits."""

    def __init__(
        self, *, seed: int, city: BuiltCommittee, agenda: Agenda, today: dt.date, first: dt.date
    ) -> None:
        self.rng = chance(seed, "going out")
        self.city, self.agenda, self.today = city, agenda, today
        self.first = max(first, today - dt.timedelta(days=360))
        self.places: list[VisitPlace] = []
        self.questions: list[VisitQuestion] = []

    def plan(self) -> None:
        if not self.city.departments:
            return
        begin = moment(self.first, 8)
        self.questions = list(VisitQuestion.objects.filter(is_active=True))
        self._places(begin)
        visits.start_campaign(
            committee=self.city.committee,
            name="百名干部走千家",
            started_on=self.first,
            ended_on=self.today + dt.timedelta(days=120),
            goal=1000,
            actor=None,
            now=begin,
            via=VIA,
        )
        self._links(begin)
        self._visits()
        self.agenda.at(moment(self.today, 8, 45), self._tie)

    # -- who and where ----------------------------------------------------------------------

    def _places(self, now: dt.datetime) -> None:
        lines = [
            branch
            for branch in self.city.branches.values()
            if not branch.plan.is_general and branch.officers
        ]
        for kind, names in (
            (PlaceKind.STATION, STATIONS),
            (PlaceKind.TEAM, TEAMS),
            (PlaceKind.PROJECT, PROJECTS),
            (PlaceKind.GOVERNMENT, GOVERNMENT),
            (PlaceKind.ENTERPRISE, ENTERPRISES),
        ):
            inside = kind in (PlaceKind.STATION, PlaceKind.TEAM)
            for number, name in enumerate(names):
                self.places.append(
                    visits.add_place(
                        committee=self.city.committee,
                        kind=kind,
                        name=name,
                        branch=lines[number % len(lines)].branch if inside else None,
                        headcount=6 + self.rng.randrange(12) if inside else None,
                        sort_order=10 * number,
                        actor=None,
                        now=now,
                        via=VIA,
                    )
                )

    def _visitors(self) -> list[tuple[Person, User]]:
        found = []
        if self.city.leader is not None:
            found += [(Person.objects.get(user=self.city.leader), self.city.leader)] * 4
        for branch in self.city.branches.values():
            if branch.officers and branch.officers[0].user is not None:
                found.append((branch.officers[0], branch.officers[0].user))
        return found

    def _links(self, now: dt.datetime) -> None:
        assert self.city.leader is not None  # noqa: S101 - the city has one
        leader = Person.objects.get(user=self.city.leader)
        branch = next(b for b in self.city.branches.values() if not b.plan.is_general)
        common = {
            "committee": self.city.committee,
            "leader": leader,
            "started_on": self.first,
            "actor": None,
            "now": now,
            "via": VIA,
        }
        self._link(branch, common)

    def _link(self, branch: BuiltBranch, common: dict[str, object]) -> None:
        wanted = (
            ("branch", {"branch": branch.branch}, 4),
            ("team", {"place": self._place("洛江供电所")}, 6),
            ("project", {"place": self._place(PROJECTS[0])}, 4),
            ("government", {"place": self._place("市工信局")}, 2),
            ("enterprise", {"place": self._place("滨江石化")}, 4),
            ("staff", {"person": branch.people[-1]}, 4),
        )
        for kind, target, times in wanted:
            visits.assign_link(kind=kind, times_a_year=times, **target, **common)  # type: ignore[arg-type]

    def _place(self, name: str) -> VisitPlace:
        return next(place for place in self.places if place.name == name)

    # -- the year ---------------------------------------------------------------------------

    def _visits(self) -> None:
        days = workdays_of(self.first, self.today - dt.timedelta(days=1))
        visitors = self._visitors()
        usual = [place for place in self.places if place.name not in SELDOM | {TOO_OFTEN}]
        recent = self.today - dt.timedelta(days=28)
        for number in range(VISITS):
            day = days[number * len(days) // VISITS]
            person, user = visitors[number % len(visitors)]
            place: VisitPlace | None = usual[self.rng.randrange(len(usual))]
            if number % 2:  # 走千家: every other one is to a home
                place = None
            elif day >= recent and number % 11 == 0:
                place = self._place(TOO_OFTEN)
            elif number % 37 == 0 and (self.today - day).days > 130:
                place = self._place(sorted(SELDOM)[number % len(SELDOM)])
            at = moment(day, 9 + number % 8, number % 60)
            self.agenda.at(at, partial(self._go, number, person, user, place))

    def _go(
        self, number: int, person: Person, user: User, place: VisitPlace | None, now: dt.datetime
    ) -> None:
        inside = place is not None and place.kind in ("station", "team")
        seen: dict[int, Seen] = {}
        if inside and number % 2 == 0:
            for question in self.questions:
                texts = SEEN_TEXTS.get(question.name, ())
                if texts and (number + question.pk) % 3 == 0:
                    text = texts[(number // 2 + question.pk) % len(texts)]
                    is_finding = question.group == "check" and text == texts[-1] and len(texts) > 1
                    seen[question.pk] = Seen(text, is_finding)
        has_note = place is None and number % 4 == 0
        draft = VisitDraft(
            led_by=person,
            visited_on=now.date(),
            place=place,
            whom="职工家庭" if place is None else "",
            met_count=1 + number % 3 if not inside else 3 + number % 6,
            mode="home" if place is None else "meeting" if number % 9 == 0 else "on_site",
            topics=TOPICS[number % len(TOPICS)] if place is not None else "",
            seen=seen,
            private_note=PRIVATE[number % len(PRIVATE)] if has_note else "",
        )
        visits.record_visit(
            committee=self.city.committee, draft=draft, actor=user, now=now, via=VIA
        )

    def _tie(self, now: dt.datetime) -> None:
        """What the desk wrote down as heard on a visit came from a visit of the days before."""
        heard = StaffRequest.objects.filter(
            committee=self.city.committee, source="visit", visit_link__isnull=True
        ).order_by("submitted_on", "pk")
        for request in heard:
            visit = (
                StaffVisit.objects.filter(
                    committee=self.city.committee,
                    visited_on__lte=request.submitted_on,
                    place__isnull=False,
                )
                .order_by("-visited_on", "pk")
                .first()
            )
            if visit is not None:
                visits.bring_back(visit=visit, request_id=request.pk)
