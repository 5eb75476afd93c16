"""The draw in the round: the officer's button, its certificate, a team that drops out, a swap by
hand, and who may."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q
from django.test import Client

from branches.models import Branch
from evaluations.models import Inspection, MonthRound, PairingChange, PairingDraw, TeamAbsence
from evaluations.pairing import draw as match
from evaluations.pairing_check import check
from evaluations.pairing_terms import Plan, Task
from evaluations.selectors.pairing_reasons import judged_teams
from evaluations.services import pairing, rounds
from evaluations.services.certificates import arranged
from portal.kernel.errors import DomainError, TransitionRefused
from portal.kernel.months import SHANGHAI, Month
from tests.cast import Cast
from tests.month import MonthCast

pytestmark = pytest.mark.django_db

AT = dt.datetime(2017, 7, 21, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def july(cast: Cast, month_cast: MonthCast) -> MonthRound:
    return rounds.open_round(
        committee=cast.city,
        month=Month(2017, 7),
        actor=None,
        now=dt.datetime(2017, 7, 3, 9, 0, tzinfo=SHANGHAI),
    )


def draw(round_: MonthRound, actor: Any, **more: Any) -> PairingDraw:
    return pairing.draw_round(round_id=round_.pk, actor=actor, now=AT, **more)


def said(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def test_a_draw_makes_teams_visits_and_a_certificate(cast: Cast, july: MonthRound) -> None:
    drawn = draw(july, cast.officer)
    visits = list(july.inspections.select_related("team"))
    assert len(visits) == len(drawn.certificate["plan"])
    assert check(drawn.certificate) == []
    assert all(v.inspector_type != v.inspected_type for v in visits)
    assert all(july.window_starts_on <= v.planned_on <= july.window_ends_on for v in visits)
    assert all(v.team.members.filter(is_leader=True).count() == 1 for v in visits)
    assert july.events.filter(step="draw").exists()
    june = {(v.inspector_branch_id, v.inspected_branch_id) for v in _of_june(cast)}
    assert not june & {(v.inspector_branch_id, v.inspected_branch_id) for v in visits}


def _of_june(cast: Cast) -> list[Inspection]:
    return list(Inspection.objects.filter(round__month=dt.date(2017, 6, 1)))


def test_the_matching_is_done_before_the_write_lock_is_taken(cast: Cast, july: MonthRound) -> None:
    outside, held = len(connection.savepoint_ids), []

    def watched(task: Task) -> Plan:
        held.append(len(connection.savepoint_ids) - outside)
        return match(task)

    with mock.patch("evaluations.services.pairing.pairing.draw", watched):
        drawn = draw(july, cast.officer)
        again = draw(july, cast.officer, reason="重抽")
    assert held == [0, 0]
    assert (drawn.number, again.number) == (1, 2)


def test_the_seed_is_nobodys_choice(cast: Cast, july: MonthRound) -> None:
    drawn = draw(july, cast.officer)
    assert drawn.seed == f"{cast.city.pk}|2017-07|-|1"  # nothing published yet
    with pytest.raises(DomainError, match="重抽请写明原因"):
        draw(july, cast.officer)
    again = draw(july, cast.officer, reason="漏登记了一个回避")
    assert again.number == 2
    assert again.seed.endswith("|2")
    assert july.draws.count() == 2
    assert july.inspections.count() == len(again.certificate["plan"])


def test_what_was_arranged_before_stays(cast: Cast, july: MonthRound) -> None:
    team = rounds.create_team(
        round_id=july.pk,
        branch=cast.office_two,
        leader=cast.person(cast.secretary_of(cast.office_two)),
        members=[],
        actor=cast.officer,
        now=AT,
    )
    visit = rounds.assign(
        round_id=july.pk,
        team=team,
        participant=july.participants.get(branch=cast.branch_b),
        planned_on=dt.date(2017, 7, 27),
        actor=cast.officer,
        now=AT,
    )
    drawn = draw(july, cast.officer)
    visit.refresh_from_db()
    assert visit.planned_on == dt.date(2017, 7, 27)
    assert drawn.certificate["inputs"]["fixed"] == [
        [str(cast.office_two.pk), str(cast.branch_b.pk)]
    ]


def test_recusals_and_absences_are_kept(cast: Cast, july: MonthRound) -> None:
    pairing.recuse(
        inspector=cast.supplies,
        inspected=cast.branch_b,
        first_month=Month(2017, 7),
        last_month=None,
        reason="两个支部书记是亲属",
        actor=cast.officer,
        now=AT,
    )
    pairing.drop_out(
        round_id=july.pk, branch=cast.energy, reason="迎接审计", actor=cast.officer, now=AT
    )
    drawn = draw(july, cast.officer)
    told = [[str(cast.supplies.pk), str(cast.branch_b.pk)]]
    assert drawn.certificate["inputs"]["recusals"] == sorted([*told, told[0][::-1]])
    pairs = set(july.inspections.values_list("inspector_branch_id", "inspected_branch_id"))
    assert (cast.supplies.pk, cast.branch_b.pk) not in pairs
    assert (cast.branch_b.pk, cast.supplies.pk) not in pairs
    assert cast.energy.pk not in {team for team, _host in pairs}


def test_what_can_be_filled_is_offered_though_not_everything_can(
    client: Client, cast: Cast, july: MonthRound
) -> None:
    draw(july, cast.officer)
    visits = july.inspections.values_list("inspector_branch_id", "inspected_branch_id")
    teams = [team for team, _host in visits]
    gone = max(cast.branches, key=lambda branch: teams.count(branch.pk))
    hosts = sorted(host for team, host in visits if team == gone.pk)
    pairing.drop_out(round_id=july.pk, branch=gone, reason="迎审", actor=cast.officer, now=AT)
    stuck = Branch.objects.get(pk=hosts[0])
    for branch in cast.branches:
        if branch != stuck:
            pairing.recuse(
                inspector=branch,
                inspected=stuck,
                first_month=Month(2017, 7),
                last_month=Month(2017, 7),
                reason="合办项目",
                actor=cast.officer,
                now=AT,
            )
    found = pairing.proposal(arranged(july))
    assert found is not None
    filled = {int(host) for _team, host in found.added}
    assert filled
    assert stuck.pk not in filled
    client.force_login(cast.officer)
    page = client.get(f"/rounds/{july.pk}/pairing/").content.decode()
    assert f"另有 {len(hosts) - len(filled)} 次没有合规则的组" in page
    assert f"为什么没有组能去{stuck.name}" in page
    assert "应当回避" in page
    relaxed = {r.step for r in found.relaxed}
    assert ("补派还要放宽" in page) == bool(relaxed)


def test_a_team_that_drops_out_moves_only_its_own_visits(cast: Cast, july: MonthRound) -> None:
    draw(july, cast.officer)
    before = set(july.inspections.values_list("inspector_branch_id", "inspected_branch_id"))
    freed = pairing.drop_out(
        round_id=july.pk, branch=cast.office_two, reason="迎审", actor=cast.officer, now=AT
    )
    kept = {pair for pair in before if pair[0] != cast.office_two.pk}
    assert freed == len(before) - len(kept) > 0
    found = pairing.proposal(arranged(july))
    assert found is not None
    with pytest.raises(DomainError, match="再看一遍"):
        pairing.replan(round_id=july.pk, actor=cast.officer, now=AT, digest="0" * 64)
    if found.added:
        change = pairing.replan(round_id=july.pk, actor=cast.officer, now=AT, digest=found.digest)
        after = set(july.inspections.values_list("inspector_branch_id", "inspected_branch_id"))
        assert kept <= after
        assert {(int(v["team"]), int(v["branch"])) for v in change.added} == after - kept
        assert cast.office_two.pk not in {team for team, _host in after}
    kinds = list(PairingChange.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[0] == "drop_out"
    with pytest.raises(DomainError, match="已登记"):
        pairing.drop_out(
            round_id=july.pk, branch=cast.office_two, reason="再来", actor=cast.officer, now=AT
        )


def test_the_checker_judges_a_swap_by_hand_at_once(cast: Cast, july: MonthRound) -> None:
    draw(july, cast.officer)
    pairs = set(july.inspections.values_list("inspector_branch_id", "inspected_branch_id"))
    june = {(v.inspector_branch_id, v.inspected_branch_id) for v in _of_june(cast)}
    refused = 0
    for visit in july.inspections.select_related("team"):
        for team in july.teams.exclude(pk=visit.team_id):
            pair = (team.branch_id, visit.inspected_branch_id)
            if pair not in june or pair in pairs or pair[::-1] in pairs:
                continue
            with pytest.raises(DomainError, match="上月是同一对"):
                pairing.hand_over(
                    inspection_id=visit.pk, team=team, reason="路近", actor=cast.officer, now=AT
                )
            refused += 1
    assert refused
    assert set(july.inspections.values_list("inspector_branch_id", "inspected_branch_id")) == pairs
    assert not PairingChange.objects.exists()


def test_a_recusal_binds_a_swap_by_hand_the_other_way_too(
    client: Client, cast: Cast, july: MonthRound, clock: Any
) -> None:
    clock.move_to(AT)
    draw(july, cast.officer)
    visit, team = next(
        (visit, team)
        for visit in july.inspections.select_related("inspected_branch")
        for team in july.teams.exclude(pk=visit.team_id).select_related("branch")
        if judged_teams(visit)[team.branch_id].startswith("可以去")
    )
    pairing.recuse(
        inspector=visit.inspected_branch,
        inspected=team.branch,
        first_month=Month(2017, 7),
        last_month=None,
        reason="合办联创项目",
        actor=cast.officer,
        now=AT,
    )
    assert "应当回避" in judged_teams(visit)[team.branch_id]
    with pytest.raises(DomainError, match="应当回避"):
        pairing.hand_over(
            inspection_id=visit.pk, team=team, reason="路近", actor=cast.officer, now=AT
        )
    client.force_login(cast.officer)
    page = client.get(f"/rounds/{july.pk}/pairing/").content.decode()
    assert f"<b>{visit.inspected_branch.name}</b>与<b>{team.branch.name}</b>互不检查" in page


def test_every_team_says_whether_it_can_take_a_visit_over(
    client: Client, cast: Cast, july: MonthRound, clock: Any
) -> None:
    clock.move_to(AT)
    draw(july, cast.officer)
    june = {(v.inspector_branch_id, v.inspected_branch_id) for v in _of_june(cast)}
    client.force_login(cast.officer)
    judged = 0
    for visit in july.inspections.select_related("participant"):
        said = judged_teams(visit)
        page = client.get(f"/rounds/{july.pk}/visits/{visit.pk}/").content.decode()
        for team in july.teams.exclude(
            Q(pk=visit.team_id) | Q(branch=visit.inspected_branch)
        ).select_related("branch"):
            home = july.participants.get(branch=team.branch)
            against = said[team.branch_id]
            assert ("同一" in against) == (home.branch_type == visit.participant.branch_type)
            assert ("上月查过" in against) == ((team.branch_id, visit.inspected_branch_id) in june)
            assert f"{team}：{against}" in page
            hard = ("同一", "上月", "互为", "已安排", "派不出", "回避")
            assert against.startswith("不能去") == any(word in against for word in hard)
            judged += 1
    assert judged


def test_a_visit_added_by_hand_is_judged_at_once(
    client: Client, cast: Cast, july: MonthRound, clock: Any
) -> None:
    clock.move_to(AT)
    draw(july, cast.officer)
    met_in_june = _of_june(cast)[0]
    july.inspections.filter(inspected_branch=met_in_june.inspected_branch).delete()
    july.inspections.filter(
        inspector_branch=met_in_june.inspected_branch,
        inspected_branch=met_in_june.inspector_branch,
    ).delete()
    team = july.teams.get(branch=met_in_june.inspector_branch)
    host = july.participants.get(branch=met_in_june.inspected_branch)
    with pytest.raises(DomainError, match="上月是同一对"):
        pairing.add_by_hand(
            round_id=july.pk, team=team, participant=host, actor=cast.officer, now=AT
        )
    client.force_login(cast.officer)
    given = {"team": team.pk, "participant": host.pk, "planned_on": "2017-07-27"}
    refused = client.post(f"/rounds/{july.pk}/visits/add/", given)
    assert refused.status_code == 400
    assert "上月是同一对" in refused.content.decode()
    assert not july.inspections.filter(participant=host).exists()
    june = {(v.inspector_branch_id, v.inspected_branch_id) for v in _of_june(cast)}
    sent = set(july.inspections.values_list("inspector_branch_id", "inspected_branch_id"))
    other = next(
        t
        for t in july.teams.select_related("branch")
        if july.participants.get(branch=t.branch).branch_type != host.branch_type
        and (t.branch_id, host.branch_id) not in june
        and (host.branch_id, t.branch_id) not in sent
    )
    client.post(f"/rounds/{july.pk}/visits/add/", {**given, "team": other.pk})
    assert july.inspections.filter(participant=host, team=other).exists()
    change = PairingChange.objects.get(kind="by_hand")
    assert change.added == [{"team": str(other.branch_id), "branch": str(host.branch_id)}]
    assert "已安排" in client.get(f"/rounds/{july.pk}/teams/").content.decode()
    told = client.get(f"/rounds/{july.pk}/pairing/").content.decode()
    assert "手工增加检查" in told
    assert "增加：" in told
    assert ">手工改派<" not in told


def test_only_officers_draw_and_only_before_the_end(cast: Cast, july: MonthRound) -> None:
    for user in (cast.secretary_a, cast.leader, cast.inspector, cast.employee):
        with pytest.raises(PermissionDenied):
            draw(july, user)
        with pytest.raises(PermissionDenied):
            pairing.drop_out(round_id=july.pk, branch=cast.energy, reason="x", actor=user, now=AT)
        with pytest.raises(PermissionDenied):
            pairing.replan(round_id=july.pk, actor=user, now=AT)
        with pytest.raises(PermissionDenied):
            pairing.recuse(
                inspector=cast.energy,
                inspected=cast.branch_a,
                first_month=Month(2017, 7),
                last_month=None,
                reason="x",
                actor=user,
                now=AT,
            )
    rounds.start_inspection(round_id=july.pk, actor=cast.officer, now=AT, reason="x")
    rounds.close_inspection(round_id=july.pk, actor=cast.officer, now=AT, reason="x")
    with pytest.raises(TransitionRefused):
        draw(july, cast.officer)
    with pytest.raises(TransitionRefused):
        pairing.drop_out(
            round_id=july.pk, branch=cast.energy, reason="x", actor=cast.officer, now=AT
        )
    assert not TeamAbsence.objects.exists()


def test_the_officers_page_from_draw_to_replan(
    client: Client, cast: Cast, july: MonthRound, clock: Any
) -> None:
    clock.move_to(AT)
    client.force_login(cast.officer)
    page = f"/rounds/{july.pk}/pairing/"
    assert "这个月还没有抽签" in client.get(page).content.decode()
    assert client.post(f"{page}draw/").status_code == 302
    text = client.get(page).content.decode()
    assert "校验通过" in text
    assert "放宽了什么" in text
    assert client.post(f"{page}draw/").status_code == 400  # again only with a reason
    gone = july.teams.order_by("number")[0].branch
    answer = client.post(f"{page}drop-out/", {"branch": gone.pk, "reason": "迎接外部审计"})
    assert answer.status_code == 302
    text = client.get(page).content.decode()
    assert "改派检查组" in text
    assert "迎接外部审计" in text
    assert "改派检查组" in client.get(f"/rounds/{july.pk}/").content.decode()
    found = pairing.proposal(arranged(july))
    assert found is not None
    if found.added:
        assert client.post(f"{page}replan/", {"digest": found.digest}).status_code == 302
        assert "补派" in client.get(page).content.decode()
    bad = client.post(f"{page}drop-out/", {"branch": gone.pk, "reason": ""})
    assert bad.status_code == 400
    wrong = client.post(
        f"{page}recuse/",
        {"inspector": gone.pk, "inspected": gone.pk, "last_month": "", "reason": "自己"},
    )
    assert wrong.status_code == 400
    assert "本来就不检查自己" in wrong.content.decode()


def test_the_certificate_can_be_checked_and_drawn_again(
    client: Client, cast: Cast, july: MonthRound, tmp_path: Path
) -> None:
    draw(july, cast.officer)
    client.force_login(cast.secretary_a)
    answer = client.get(f"/rounds/{july.pk}/pairing/certificate/")
    assert answer.status_code == 200
    file = tmp_path / "certificate.json"
    file.write_bytes(answer.content)
    text = said("check_pairing", str(file), "--redraw")
    assert "全部符合" in text
    assert "结果相同" in text
    given = json.loads(file.read_text(encoding="utf-8"))
    given["plan"][0][0] = given["plan"][0][1]
    file.write_text(json.dumps(given), encoding="utf-8")
    with pytest.raises(CommandError, match="不符"):
        said("check_pairing", str(file))
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(CommandError):
        said("check_pairing", str(file))


def test_everybody_with_a_post_may_read_who_visits_whom(
    client: Client, cast: Cast, july: MonthRound
) -> None:
    draw(july, cast.officer)
    for user, status in ((cast.secretary_b, 200), (cast.leader, 200), (cast.employee, 404)):
        client.force_login(user)
        assert client.get(f"/rounds/{july.pk}/pairing/").status_code == status
