import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.kernel.marks


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=24, primary_key=True, serialize=False, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
            ],
            options={
                "verbose_name": "职务",
                "verbose_name_plural": "职务",
                "ordering": ["sort_order"],
            },
        ),
        migrations.CreateModel(
            name="Committee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                (
                    "full_name",
                    models.CharField(
                        blank=True,
                        help_text="公文落款用，如“中共国网泉州供电公司委员会”",
                        max_length=100,
                        verbose_name="全称",
                    ),
                ),
                ("county", models.CharField(blank=True, max_length=20, verbose_name="区县")),
                (
                    "issuer_code",
                    models.CharField(
                        help_text="如“泉电党”", max_length=20, verbose_name="发文代字"
                    ),
                ),
                ("sort_order", models.PositiveIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="branches.committee",
                        verbose_name="上级党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "党委",
                "verbose_name_plural": "党委",
                "ordering": ["sort_order", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="committee_not_under_itself",
                        violation_error_message="党委不能以自己为上级",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Branch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("short_name", models.CharField(blank=True, max_length=30, verbose_name="简称")),
                ("is_joint", models.BooleanField(default=False, verbose_name="联合党支部")),
                ("is_temporary", models.BooleanField(default=False, verbose_name="临时党支部")),
                (
                    "has_party_affairs_office",
                    models.BooleanField(
                        default=False,
                        help_text="该支部的党群部人员不得检查、复核、裁决本支部",
                        verbose_name="党群部所在支部",
                    ),
                ),
                (
                    "themed_day_rule",
                    models.CharField(
                        blank=True,
                        help_text="如“每月第二个周五”",
                        max_length=40,
                        verbose_name="固定主题党日",
                    ),
                ),
                ("sort_order", models.PositiveIntegerField(default=0, verbose_name="排序")),
                ("founded_on", models.DateField(blank=True, null=True, verbose_name="成立日期")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="撤销日期")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sub_branches",
                        to="branches.branch",
                        verbose_name="所属党总支",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="branches",
                        to="branches.committee",
                        verbose_name="所属党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "党支部",
                "verbose_name_plural": "党支部",
                "ordering": ["sort_order", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "name"),
                        name="branch_name_once_per_committee",
                        violation_error_message="本党委已有同名党支部",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="branch_not_under_itself",
                        violation_error_message="党支部不能以自己为上级",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommitteeTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                ("elected_on", models.DateField(verbose_name="选举日期")),
                ("ends_on", models.DateField(verbose_name="届满日期")),
                ("extended_until", models.DateField(blank=True, null=True, verbose_name="延期至")),
                ("approval", models.CharField(blank=True, max_length=60, verbose_name="批复文号")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_rows",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
            ],
            options={
                "verbose_name": "届期",
                "verbose_name_plural": "届期",
                "ordering": ["-elected_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("branch", "elected_on"),
                        name="one_election_a_day",
                        violation_error_message="这次选举已登记",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("elected_on"))),
                        name="term_dates_in_order",
                        violation_error_message="届满日期要晚于选举日期",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extended_until__isnull", True),
                            models.Q(
                                ("extended_until__gt", models.F("ends_on")),
                                models.Q(("approval", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="extension_is_approved",
                        violation_error_message="延期须有上级批复文号，且晚于原届满日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DutySettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_month", models.DateField(verbose_name="起始月份")),
                (
                    "lecture_frequency",
                    models.CharField(
                        choices=[("M", "每月"), ("Q", "每季度"), ("H", "每半年"), ("Y", "每年")],
                        default="Q",
                        help_text="条例只要求按期，次数由公司定",
                        max_length=1,
                        verbose_name="党课频次",
                    ),
                ),
                (
                    "study_hours",
                    models.PositiveSmallIntegerField(
                        default=32,
                        help_text="党员教育管理条例：一般不少于32学时",
                        verbose_name="全年集中学习学时",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duty_settings",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "应办事项设置",
                "verbose_name_plural": "应办事项设置",
                "ordering": ["committee", "-first_month"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "first_month"), name="duty_settings_once_per_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1)),
                        name="duty_settings_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartyGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("started_on", models.DateField(verbose_name="成立日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="撤销日期")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
            ],
            options={
                "verbose_name": "党小组",
                "verbose_name_plural": "党小组",
                "ordering": ["branch", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("branch", "name"), name="group_name_once_per_branch"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="姓名")),
                (
                    "staff_no",
                    models.CharField(
                        blank=True, max_length=20, null=True, unique=True, verbose_name="工号"
                    ),
                ),
                ("workplace", models.CharField(blank=True, max_length=60, verbose_name="部门班组")),
                ("job_title", models.CharField(blank=True, max_length=40, verbose_name="行政职务")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="branches.committee",
                        verbose_name="所在单位党委",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={
                "verbose_name": "人员",
                "verbose_name_plural": "人员",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["name"], name="person_by_name")],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="日期")),
                ("starts_at", models.TimeField(blank=True, null=True, verbose_name="开始时间")),
                ("place", models.CharField(max_length=60, verbose_name="地点")),
                ("subject", models.CharField(max_length=120, verbose_name="主题")),
                ("agenda", models.TextField(blank=True, verbose_name="议题与内容")),
                (
                    "statements",
                    models.TextField(
                        blank=True, help_text="谁说了什么，不同意见也记", verbose_name="发言要点"
                    ),
                ),
                ("resolution", models.TextField(blank=True, verbose_name="决议与落实")),
                (
                    "study_hours",
                    portal.kernel.marks.MarksField(
                        decimal_places=2, default=0, max_digits=7, verbose_name="学时"
                    ),
                ),
                ("expected_count", models.PositiveSmallIntegerField(verbose_name="应到")),
                ("present_count", models.PositiveSmallIntegerField(verbose_name="实到")),
                (
                    "voter_count",
                    models.PositiveSmallIntegerField(default=0, verbose_name="应到有表决权"),
                ),
                (
                    "voters_present",
                    models.PositiveSmallIntegerField(default=0, verbose_name="实到有表决权"),
                ),
                (
                    "ayes",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="没有表决的不填", null=True, verbose_name="赞成"
                    ),
                ),
                (
                    "nays",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="反对"),
                ),
                ("motion", models.CharField(blank=True, max_length=120, verbose_name="表决事项")),
                (
                    "late_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="补录原因"),
                ),
                (
                    "client_key",
                    models.UUIDField(
                        blank=True,
                        help_text="表单带来的标识，同一张表提交两次只记一次",
                        null=True,
                        unique=True,
                        verbose_name="提交标识",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="最后修改",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="branches.partygroup",
                        verbose_name="党小组",
                    ),
                ),
                (
                    "chair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="主持人",
                    ),
                ),
                (
                    "recorder",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="记录人",
                    ),
                ),
            ],
            options={
                "verbose_name": "活动记录",
                "verbose_name_plural": "活动记录",
                "ordering": ["-held_on", "-id"],
                "indexes": [
                    models.Index(fields=["branch", "held_on"], name="activities_of_branch")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("present_count__lte", models.F("expected_count"))),
                        name="present_within_expected",
                        violation_error_message="实到不能多于应到",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("voters_present__lte", models.F("voter_count")),
                            models.Q(
                                ("ayes__isnull", True),
                                ("ayes__lte", models.F("voters_present")),
                                _connector="OR",
                            ),
                        ),
                        name="votes_within_voters",
                        violation_error_message="赞成不能多于实到有表决权的人数",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActivitySession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="日期")),
                ("place", models.CharField(blank=True, max_length=60, verbose_name="地点")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="branches.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "场次",
                "verbose_name_plural": "场次",
                "ordering": ["held_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("full", "正式党员"), ("probationary", "预备党员")],
                        max_length=12,
                        verbose_name="党员类别",
                    ),
                ),
                ("started_on", models.DateField(verbose_name="转入日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="转出日期")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="branches.partygroup",
                        verbose_name="党小组",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="branches.person",
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "党员",
                "verbose_name_plural": "党员",
                "ordering": ["branch", "id"],
                "indexes": [models.Index(fields=["branch", "ended_on"], name="members_of_branch")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("person",),
                        name="one_branch_at_a_time",
                        violation_error_message="该同志已在另一支部，请先办转出",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="membership_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=120, verbose_name="事项")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="完成时限")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="branches.activity",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="责任人",
                    ),
                ),
            ],
            options={
                "verbose_name": "落实事项",
                "verbose_name_plural": "落实事项",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DuesPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                ("month", models.DateField(verbose_name="月份")),
                (
                    "amount",
                    portal.kernel.marks.MarksField(
                        decimal_places=2,
                        default=0,
                        max_digits=7,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="金额（元）",
                    ),
                ),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="交纳日期")),
                (
                    "exempt_reason",
                    models.CharField(
                        blank=True,
                        help_text="经支部研究、上级党委批准",
                        max_length=100,
                        verbose_name="减免原因",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="dues",
                        to="branches.activity",
                        verbose_name="在哪次活动上交",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_rows",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dues",
                        to="branches.person",
                        verbose_name="党员",
                    ),
                ),
            ],
            options={
                "verbose_name": "党费",
                "verbose_name_plural": "党费",
                "ordering": ["-month", "branch", "id"],
                "indexes": [models.Index(fields=["branch", "month"], name="dues_of_branch")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "month"),
                        name="dues_once_a_month",
                        violation_error_message="该同志这个月的党费已登记",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="dues_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("paid_on__isnull", False)),
                            models.Q(("exempt_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="dues_paid_or_exempt",
                        violation_error_message="请填金额和日期，或写明减免原因",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("leave", "请假"), ("absent", "缺席"), ("made_up", "已补课")],
                        default="leave",
                        max_length=8,
                        verbose_name="情况",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=100, verbose_name="原因")),
                ("made_up_on", models.DateField(blank=True, null=True, verbose_name="补课日期")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to="branches.activity",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to="branches.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "缺席",
                "verbose_name_plural": "缺席",
                "constraints": [
                    models.UniqueConstraint(fields=("activity", "person"), name="absent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "leave"), ("reason", ""), _negated=True),
                        name="leave_has_reason",
                        violation_error_message="请假须写原因",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "secretary_mode",
                    models.CharField(
                        blank=True,
                        choices=[("full_time", "专职"), ("part_time", "兼职")],
                        max_length=10,
                        verbose_name="专职或兼职",
                    ),
                ),
                ("started_on", models.DateField(verbose_name="任职日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="免职日期")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="branches.person",
                        verbose_name="人员",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="branches.post",
                        verbose_name="职务",
                    ),
                ),
            ],
            options={
                "verbose_name": "任职",
                "verbose_name_plural": "任职",
                "ordering": ["branch", "post__sort_order", "id"],
                "indexes": [
                    models.Index(fields=["person", "ended_on"], name="appointments_of_person")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("branch__isnull", True), ("committee__isnull", True), _connector="XOR"
                        ),
                        name="appointment_in_one_place",
                        violation_error_message="任职须属于一个党支部或一个党委",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("branch__isnull", False),
                            ("post", "secretary"),
                            ("secretary_mode", ""),
                            _negated=True,
                        ),
                        name="branch_secretary_has_mode",
                        violation_error_message="支部书记须注明专职或兼职",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("branch__isnull", False),
                            ("ended_on__isnull", True),
                            ("post", "secretary"),
                        ),
                        fields=("branch",),
                        name="one_secretary_per_branch",
                        violation_error_message="该支部已有在任书记，请先办免职",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("committee__isnull", False),
                            ("ended_on__isnull", True),
                            ("post", "secretary"),
                        ),
                        fields=("committee",),
                        name="one_secretary_per_committee",
                        violation_error_message="该党委已有在任书记，请先办免职",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="appointment_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecruitStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                ("step", models.PositiveSmallIntegerField(verbose_name="步骤")),
                ("done_on", models.DateField(verbose_name="日期")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_rows",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recruit_steps",
                        to="branches.person",
                        verbose_name="发展对象",
                    ),
                ),
            ],
            options={
                "verbose_name": "发展党员",
                "verbose_name_plural": "发展党员",
                "ordering": ["person", "step"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "step"),
                        name="step_once_per_person",
                        violation_error_message="这一步已登记",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("step__range", (1, 25))),
                        name="step_is_one_of_twenty_five",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("party_affairs_officer", "党群部专责"),
                            ("crew_captain", "服务队队长"),
                            ("secretary_office", "书记办公室"),
                            ("discipline_office", "纪检专责"),
                            ("system_admin", "系统管理员"),
                            ("security_admin", "安全管理员"),
                            ("auditor", "审计管理员"),
                        ],
                        max_length=24,
                        verbose_name="角色",
                    ),
                ),
                ("started_on", models.DateField(verbose_name="起始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="branches.branch",
                        verbose_name="支部范围",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="branches.committee",
                        verbose_name="党委范围",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={
                "verbose_name": "授权",
                "verbose_name_plural": "授权",
                "ordering": ["user", "role"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("branch__isnull", True),
                                ("committee__isnull", False),
                                (
                                    "role__in",
                                    [
                                        "party_affairs_officer",
                                        "secretary_office",
                                        "discipline_office",
                                    ],
                                ),
                            ),
                            models.Q(
                                ("branch__isnull", False),
                                ("committee__isnull", True),
                                ("role", "crew_captain"),
                            ),
                            models.Q(
                                ("branch__isnull", True),
                                ("committee__isnull", True),
                                ("role__in", ["system_admin", "security_admin", "auditor"]),
                            ),
                            _connector="OR",
                        ),
                        name="grant_scope_fits_role",
                        violation_error_message="授权范围与角色不符",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("role__in", ["system_admin", "security_admin", "auditor"]),
                        ),
                        fields=("user",),
                        name="one_admin_third_per_user",
                        violation_error_message="系统、安全、审计三员不得由一人兼任",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="grant_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RowImport",
            fields=[
                ("uuid", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("roster", "党员名册"),
                            ("dues", "党费"),
                            ("records", "过去的活动记录"),
                        ],
                        max_length=8,
                        verbose_name="内容",
                    ),
                ),
                ("filename", models.CharField(max_length=120, verbose_name="文件")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("reading", "正在读"),
                            ("trying", "正在逐行核对"),
                            ("ready", "等您点头"),
                            ("unreadable", "读不了"),
                            ("writing", "正在写入"),
                            ("written", "已导入"),
                            ("undone", "已撤销"),
                        ],
                        default="reading",
                        max_length=10,
                        verbose_name="进度",
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0, verbose_name="共几行")),
                ("cursor", models.PositiveIntegerField(default=0, verbose_name="做到第几行")),
                (
                    "failure",
                    models.CharField(blank=True, max_length=200, verbose_name="读不了的原因"),
                ),
                (
                    "touched_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="最近处理"),
                ),
                ("created_at", models.DateTimeField(verbose_name="上传时间")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="导入时间"),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销时间")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="点头的人",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="row_imports",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "导入",
                "verbose_name_plural": "导入",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="行")),
                ("words", models.CharField(max_length=200, verbose_name="读到的内容")),
                ("is_good", models.BooleanField(verbose_name="可以导入")),
                ("problems", models.JSONField(default=list, verbose_name="问题")),
                ("plain", models.JSONField(verbose_name="内容")),
                ("made", models.JSONField(blank=True, null=True, verbose_name="导入的")),
                (
                    "row_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="branches.rowimport",
                    ),
                ),
            ],
            options={
                "verbose_name": "导入的行",
                "verbose_name_plural": "导入的行",
                "ordering": ["row_import", "is_good", "number"],
                "indexes": [
                    models.Index(fields=["row_import", "is_good", "number"], name="rows_to_look_at")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("row_import", "number"), name="import_row_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Talk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                ("held_on", models.DateField(verbose_name="日期")),
                (
                    "occasion",
                    models.CharField(
                        choices=[
                            ("routine", "日常谈心"),
                            ("post_change", "岗位变动"),
                            ("discipline", "受处分"),
                            ("family", "家庭重大变故"),
                            ("before_meeting", "组织生活会前"),
                        ],
                        default="routine",
                        max_length=16,
                        verbose_name="缘由",
                    ),
                ),
                (
                    "points",
                    models.CharField(
                        help_text="只记要点，不记隐私；不写病情、收入、家事细节",
                        max_length=200,
                        verbose_name="要点",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_rows",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
                (
                    "listener",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="谈话对象",
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.person",
                        verbose_name="谈话人",
                    ),
                ),
            ],
            options={
                "verbose_name": "谈心谈话",
                "verbose_name_plural": "谈心谈话",
                "ordering": ["-held_on", "-id"],
                "indexes": [models.Index(fields=["branch", "held_on"], name="talks_of_branch")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("speaker", models.F("listener")), _negated=True),
                        name="nobody_talks_to_himself",
                        violation_error_message="谈话人和谈话对象不能是同一人",
                    ),
                    models.UniqueConstraint(
                        fields=("held_on", "speaker", "listener"),
                        name="talk_once_a_day",
                        violation_error_message="当天这两位的谈话已登记",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActivityTick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "duty",
                    models.CharField(
                        choices=[
                            ("document_relay", "第一议题与部署传达"),
                            ("group_study", "集中学习"),
                            ("party_lecture", "党课"),
                            ("ideology_review", "思想动态分析"),
                            ("general_meeting", "支部党员大会"),
                            ("committee_meeting", "支部委员会会议"),
                            ("group_meeting", "党小组会"),
                            ("themed_day", "主题党日"),
                            ("org_life_meeting", "组织生活会"),
                            ("member_appraisal", "民主评议党员"),
                            ("heart_talks", "谈心谈话"),
                            ("re_election", "按期换届"),
                            ("dues", "党费收缴"),
                            ("safety_talk", "安全讲评"),
                            ("work_report", "书记述职评议"),
                            ("year_plan", "年度计划"),
                            ("year_summary", "年度总结"),
                            ("quarter_plan", "季度计划"),
                        ],
                        max_length=20,
                        verbose_name="事项",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ticks",
                        to="branches.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "勾选",
                "verbose_name_plural": "勾选",
                "indexes": [models.Index(fields=["duty"], name="ticks_by_duty")],
                "constraints": [
                    models.UniqueConstraint(fields=("activity", "duty"), name="one_tick_per_duty")
                ],
            },
        ),
        migrations.CreateModel(
            name="BranchClassification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_month", models.DateField(verbose_name="起始月份")),
                (
                    "tier",
                    models.CharField(
                        choices=[("general_branch", "党总支"), ("branch", "党支部")],
                        max_length=16,
                        verbose_name="层级",
                    ),
                ),
                (
                    "branch_type",
                    models.CharField(
                        choices=[
                            ("production", "生产（服务）型"),
                            ("management", "管理型"),
                            ("business", "经营型"),
                        ],
                        max_length=12,
                        verbose_name="类型",
                    ),
                ),
                ("is_exempt", models.BooleanField(default=False, verbose_name="不参评")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="classifications",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
            ],
            options={
                "verbose_name": "分级分类",
                "verbose_name_plural": "分级分类",
                "ordering": ["branch", "-first_month"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("branch", "first_month"),
                        name="one_classification_per_month",
                        violation_error_message="该月已有分级分类",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1)),
                        name="classification_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                ],
            },
        ),
    ]
