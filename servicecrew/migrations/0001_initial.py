import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("branches", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CityGoal",
            fields=[
                (
                    "code",
                    models.SlugField(
                        max_length=20, primary_key=True, serialize=False, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("hint", models.CharField(blank=True, max_length=120, verbose_name="说明")),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "五个泉州",
                "verbose_name_plural": "五个泉州",
                "ordering": ["sort_order"],
            },
        ),
        migrations.CreateModel(
            name="TargetGroup",
            fields=[
                (
                    "code",
                    models.SlugField(
                        max_length=20, primary_key=True, serialize=False, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("hint", models.CharField(blank=True, max_length=120, verbose_name="说明")),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
            ],
            options={
                "verbose_name": "对象人群",
                "verbose_name_plural": "对象人群",
                "ordering": ["sort_order"],
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "code",
                    models.SlugField(
                        max_length=20, primary_key=True, serialize=False, verbose_name="代码"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("aim", models.CharField(blank=True, max_length=200, verbose_name="宗旨")),
                ("is_restricted", models.BooleanField(default=False, verbose_name="限制查看")),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                (
                    "groups",
                    models.ManyToManyField(
                        related_name="programmes",
                        to="servicecrew.targetgroup",
                        verbose_name="对象人群",
                    ),
                ),
            ],
            options={
                "verbose_name": "五大工程",
                "verbose_name_plural": "五大工程",
                "ordering": ["sort_order"],
            },
        ),
        migrations.CreateModel(
            name="Crew",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                (
                    "level",
                    models.CharField(
                        choices=[("corps", "总队"), ("detachment", "支队"), ("squad", "分队")],
                        default="squad",
                        max_length=12,
                        verbose_name="层级",
                    ),
                ),
                ("county", models.CharField(max_length=20, verbose_name="区县")),
                ("serial_code", models.CharField(max_length=20, verbose_name="编号代字")),
                ("pledge", models.TextField(blank=True, verbose_name="誓词")),
                ("commitments", models.TextField(blank=True, verbose_name="服务承诺")),
                ("sort_order", models.PositiveIntegerField(default=0, verbose_name="排序")),
                ("founded_on", models.DateField(blank=True, null=True, verbose_name="成立日期")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="撤销日期")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crews",
                        to="branches.branch",
                        verbose_name="依托党支部",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crews",
                        to="branches.committee",
                        verbose_name="所属党委",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crews",
                        to="servicecrew.crew",
                        verbose_name="上级服务队",
                    ),
                ),
            ],
            options={
                "verbose_name": "服务队",
                "verbose_name_plural": "服务队",
                "ordering": ["sort_order", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "name"),
                        name="crew_name_once_per_committee",
                        violation_error_message="本党委已有同名服务队",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="crew_not_under_itself",
                        violation_error_message="服务队不能以自己为上级",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CrewMember",
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
                            ("captain", "队长"),
                            ("deputy_captain", "副队长"),
                            ("member", "队员"),
                        ],
                        default="member",
                        max_length=16,
                        verbose_name="角色",
                    ),
                ),
                ("skill", models.CharField(blank=True, max_length=40, verbose_name="专长")),
                ("started_on", models.DateField(verbose_name="入队日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="离队日期")),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="servicecrew.crew",
                        verbose_name="服务队",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crew_memberships",
                        to="branches.person",
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "队员",
                "verbose_name_plural": "队员",
                "ordering": ["crew", "id"],
                "indexes": [models.Index(fields=["person", "ended_on"], name="crews_of_person")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("crew", "person"),
                        name="in_a_crew_once",
                        violation_error_message="该同志已在本队名册上",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True), ("role", "captain")),
                        fields=("crew",),
                        name="one_captain_per_crew",
                        violation_error_message="本队已有队长，请先办离任",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="crew_member_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CrewNote",
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
                        choices=[
                            ("training", "训练"),
                            ("award", "荣誉"),
                            ("letter", "感谢信"),
                            ("banner", "锦旗"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="日期")),
                ("title", models.CharField(max_length=120, verbose_name="内容")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="谁颁发、谁写来、谁送来",
                        max_length=60,
                        verbose_name="颁发或赠送",
                    ),
                ),
                (
                    "people",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="参加人数"
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="servicecrew.crew",
                        verbose_name="服务队",
                    ),
                ),
            ],
            options={
                "verbose_name": "队史",
                "verbose_name_plural": "队史",
                "ordering": ["-happened_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CrewTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="月份")),
                ("county", models.CharField(max_length=20, verbose_name="区县")),
                ("service_kind", models.CharField(max_length=12, verbose_name="服务类别")),
                ("sub_kind", models.CharField(blank=True, max_length=20, verbose_name="服务小类")),
                ("operation_key", models.BigIntegerField(default=0, verbose_name="行动")),
                ("goal", models.CharField(blank=True, max_length=20, verbose_name="五个泉州")),
                ("is_verified", models.BooleanField(verbose_name="已核定")),
                ("is_opening", models.BooleanField(default=False, verbose_name="期初数")),
                ("turnouts", models.IntegerField(default=0)),
                ("person_times", models.IntegerField(default=0)),
                ("vehicle_times", models.IntegerField(default=0)),
                ("timed", models.IntegerField(default=0)),
                ("in_time", models.IntegerField(default=0)),
                ("asked", models.IntegerField(default=0)),
                ("satisfied", models.IntegerField(default=0)),
                ("customers_restored", models.BigIntegerField(default=0)),
                ("lines_restored", models.IntegerField(default=0)),
                ("minutes_out", models.BigIntegerField(default=0)),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="servicecrew.crew",
                    ),
                ),
            ],
            options={
                "verbose_name": "月度计数",
                "verbose_name_plural": "月度计数",
                "indexes": [models.Index(fields=["month"], name="tallies_by_month")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "crew",
                            "month",
                            "county",
                            "service_kind",
                            "sub_kind",
                            "operation_key",
                            "goal",
                            "is_verified",
                            "is_opening",
                        ),
                        name="one_tally_per_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="tally_first_of_month",
                        violation_error_message="月份须存为当月1日",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Equipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("quantity", models.PositiveIntegerField(verbose_name="数量")),
                ("unit", models.CharField(default="件", max_length=8, verbose_name="单位")),
                ("checked_on", models.DateField(blank=True, null=True, verbose_name="检查日期")),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="equipment",
                        to="servicecrew.crew",
                        verbose_name="服务队",
                    ),
                ),
            ],
            options={
                "verbose_name": "装备",
                "verbose_name_plural": "装备",
                "ordering": ["crew", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("crew", "name"),
                        name="equipment_once_per_crew",
                        violation_error_message="本队已有这种装备，请改数量",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MentorPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=60, verbose_name="带教内容")),
                ("started_on", models.DateField(verbose_name="开始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="出师日期")),
                (
                    "apprentice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentors",
                        to="branches.person",
                        verbose_name="徒弟",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentor_pairs",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="apprentices",
                        to="branches.person",
                        verbose_name="师傅",
                    ),
                ),
            ],
            options={
                "verbose_name": "师带徒",
                "verbose_name_plural": "师带徒",
                "ordering": ["-started_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("apprentice",),
                        name="one_mentor_at_a_time",
                        violation_error_message="这名徒弟已有师傅在带",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mentor", models.F("apprentice")), _negated=True),
                        name="nobody_mentors_himself",
                        violation_error_message="师傅和徒弟不能是同一人",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="mentor_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Operation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("typhoon", "抗灾抢险"),
                            ("peak_season", "迎峰度夏（冬）"),
                            ("event", "重要活动保电"),
                            ("project", "工程攻坚"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("started_on", models.DateField(verbose_name="开始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                ("commander", models.CharField(blank=True, max_length=40, verbose_name="总指挥")),
                ("summary", models.TextField(blank=True, verbose_name="概况")),
                (
                    "lessons",
                    models.TextField(
                        blank=True, help_text="哪些做得好，下次怎么改", verbose_name="复盘"
                    ),
                ),
                (
                    "landfall_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="登陆时间"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operations",
                        to="branches.committee",
                        verbose_name="牵头党委",
                    ),
                ),
            ],
            options={
                "verbose_name": "保供电行动",
                "verbose_name_plural": "保供电行动",
                "ordering": ["-started_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("committee", "name"),
                        name="operation_name_once",
                        violation_error_message="已有同名行动",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="operation_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningBalance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("counted_on", models.DateField(verbose_name="截止日期")),
                (
                    "service_kind",
                    models.CharField(
                        choices=[
                            ("repair", "抢修服务"),
                            ("political", "政治服务"),
                            ("marketing", "营销服务"),
                            ("volunteer", "志愿服务"),
                            ("value_added", "增值服务"),
                        ],
                        max_length=12,
                        verbose_name="服务类别",
                    ),
                ),
                (
                    "sub_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fault_repair", "故障抢修"),
                            ("disaster_relief", "灾害抢险"),
                            ("aid_elsewhere", "支援外地"),
                            ("project_push", "工程攻坚"),
                            ("power_guarantee", "重要活动保电"),
                            ("summer_peak", "迎峰度夏（冬）"),
                            ("customer_visit", "政企客户走访"),
                            ("sales_growth", "增供扩销、业扩"),
                            ("safety_publicity", "安全用电宣传"),
                            ("hardship_help", "助困帮扶"),
                            ("pairing", "结对共建"),
                            ("energy_diagnosis", "用能诊断"),
                        ],
                        max_length=20,
                        verbose_name="服务小类",
                    ),
                ),
                ("turnouts", models.PositiveIntegerField(default=0, verbose_name="出队次数")),
                ("person_times", models.PositiveIntegerField(verbose_name="出动人次")),
                ("vehicle_times", models.PositiveIntegerField(default=0, verbose_name="出动台次")),
                ("basis", models.CharField(max_length=120, verbose_name="依据")),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
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
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="servicecrew.crew",
                        verbose_name="服务队",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="servicecrew.operation",
                        verbose_name="行动",
                    ),
                ),
            ],
            options={
                "verbose_name": "期初数",
                "verbose_name_plural": "期初数",
                "ordering": ["counted_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="OperationCounty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.CharField(max_length=20, verbose_name="区县")),
                ("customers_affected", models.PositiveIntegerField(verbose_name="影响用户")),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counties",
                        to="servicecrew.operation",
                    ),
                ),
            ],
            options={
                "verbose_name": "受影响区县",
                "verbose_name_plural": "受影响区县",
                "constraints": [
                    models.UniqueConstraint(fields=("operation", "county"), name="county_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OperationEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("happened_at", models.DateTimeField(verbose_name="时间")),
                ("text", models.CharField(max_length=200, verbose_name="事项")),
                ("who", models.CharField(blank=True, max_length=30, verbose_name="报告人")),
                ("is_key", models.BooleanField(default=False, verbose_name="关键节点")),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="servicecrew.operation",
                    ),
                ),
            ],
            options={
                "verbose_name": "大事记",
                "verbose_name_plural": "大事记",
                "ordering": ["-happened_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="OperationTeam",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.CharField(max_length=20, verbose_name="区县")),
                ("place", models.CharField(max_length=60, verbose_name="驻点")),
                ("people", models.PositiveSmallIntegerField(verbose_name="人数")),
                ("vehicles", models.PositiveSmallIntegerField(default=0, verbose_name="车辆")),
                ("placed_at", models.DateTimeField(verbose_name="到位时间")),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="servicecrew.crew",
                        verbose_name="服务队",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="teams",
                        to="servicecrew.operation",
                    ),
                ),
            ],
            options={
                "verbose_name": "前置力量",
                "verbose_name_plural": "前置力量",
                "ordering": ["operation", "crew__sort_order", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operation", "crew", "place"), name="placed_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.CharField(max_length=20, verbose_name="区县")),
                ("reported_at", models.DateTimeField(verbose_name="时间")),
                ("customers_out", models.PositiveIntegerField(verbose_name="待复电用户")),
                ("areas_out", models.PositiveIntegerField(default=0, verbose_name="待复电台区")),
                (
                    "source",
                    models.CharField(default="配网调度", max_length=30, verbose_name="来源"),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outages",
                        to="servicecrew.operation",
                    ),
                ),
            ],
            options={
                "verbose_name": "停电时报",
                "verbose_name_plural": "停电时报",
                "ordering": ["reported_at", "county"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operation", "county", "reported_at"),
                        name="one_report_per_hour",
                        violation_error_message="该区县这一时刻已有时报",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PioneerEntry",
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
                        choices=[
                            ("model_post", "党员示范岗"),
                            ("area", "党员责任区"),
                            ("commando", "党员突击队"),
                            ("project", "揭榜攻坚"),
                            ("pledge", "承诺践诺"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="内容")),
                ("started_on", models.DateField(verbose_name="开始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                ("is_done", models.BooleanField(default=False, verbose_name="已完成")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pioneer_entries",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pioneer_entries",
                        to="branches.person",
                        verbose_name="党员",
                    ),
                ),
            ],
            options={
                "verbose_name": "先锋模范",
                "verbose_name_plural": "先锋模范",
                "ordering": ["-started_on", "-id"],
                "indexes": [models.Index(fields=["kind", "ended_on"], name="pioneers_by_kind")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="pioneer_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CareVisit",
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
                        choices=[
                            ("spring", "和春舒心"),
                            ("summer", "盛夏送凉"),
                            ("autumn", "金秋助学"),
                            ("winter", "寒冬问暖"),
                            ("hardship", "困难帮扶"),
                            ("illness", "生病慰问"),
                            ("home", "入户走访"),
                            ("birthday", "生日祝福"),
                            ("study", "送学上门"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("visited_on", models.DateField(verbose_name="日期")),
                ("visitor", models.CharField(max_length=60, verbose_name="走访人")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="情况")),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_visits",
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
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_visits",
                        to="branches.person",
                        verbose_name="走访对象",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="servicecrew.programme",
                        verbose_name="工程",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访慰问",
                "verbose_name_plural": "走访慰问",
                "ordering": ["-visited_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "kind", "visited_on"),
                        name="visited_once_a_day",
                        violation_error_message="当天已记过这次走访",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammePlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("target", models.PositiveSmallIntegerField(verbose_name="计划项数")),
                ("text", models.TextField(blank=True, verbose_name="计划")),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programme_plans",
                        to="branches.committee",
                        verbose_name="党委",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="servicecrew.programme",
                        verbose_name="工程",
                    ),
                ),
            ],
            options={
                "verbose_name": "年度计划",
                "verbose_name_plural": "年度计划",
                "ordering": ["-year", "programme__sort_order"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "committee", "year"),
                        name="one_plan_per_year",
                        violation_error_message="该工程今年已有计划，请直接修改",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Indicator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="指标")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("deeds", "活动项数"),
                            ("people", "覆盖人次"),
                            ("visits", "走访慰问次数"),
                            ("pairs", "在带师徒对数"),
                            ("turnouts", "出队次数"),
                        ],
                        max_length=10,
                        verbose_name="口径",
                    ),
                ),
                ("target", models.PositiveIntegerField(verbose_name="目标")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indicators",
                        to="servicecrew.programmeplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "指标",
                "verbose_name_plural": "指标",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "measure"), name="measure_once_per_plan"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RetiredComrade",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("retired_on", models.DateField(verbose_name="退休日期")),
                (
                    "birth_month",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="生日月份"
                    ),
                ),
                ("lives_alone", models.BooleanField(default=False, verbose_name="独居")),
                ("gets_study_at_home", models.BooleanField(default=False, verbose_name="送学上门")),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="离开名册日期")),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retired",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retirement",
                        to="branches.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "离退休老同志",
                "verbose_name_plural": "离退休老同志",
                "ordering": ["branch", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("birth_month__isnull", True),
                            ("birth_month__range", (1, 12)),
                            _connector="OR",
                        ),
                        name="birth_month_is_a_month",
                        violation_error_message="月份请填1到12",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_on__isnull", True),
                            ("left_on__gte", models.F("retired_on")),
                            _connector="OR",
                        ),
                        name="retired_before_leaving_the_roster",
                        violation_error_message="离开名册的日期不能早于退休日期",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnoutImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True, verbose_name="标识")),
                ("filename", models.CharField(max_length=120, verbose_name="文件名")),
                ("rows", models.JSONField(verbose_name="各行")),
                ("created_at", models.DateTimeField(verbose_name="读入时间")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="导入时间"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "出队导入",
                "verbose_name_plural": "出队导入",
            },
        ),
        migrations.CreateModel(
            name="Vehicle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("plate", models.CharField(max_length=12, unique=True, verbose_name="车牌")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("repair", "抢修车"),
                            ("generator", "发电车"),
                            ("crane", "吊车"),
                            ("engineering", "工程车"),
                            ("other", "其他车辆"),
                        ],
                        default="repair",
                        max_length=12,
                        verbose_name="车型",
                    ),
                ),
                ("started_on", models.DateField(verbose_name="启用日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="停用日期")),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vehicles",
                        to="servicecrew.crew",
                        verbose_name="服务队",
                    ),
                ),
            ],
            options={
                "verbose_name": "车辆",
                "verbose_name_plural": "车辆",
                "ordering": ["crew", "kind", "plate"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="vehicle_dates_in_order",
                        violation_error_message="结束日期不能早于开始日期",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Turnout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True, verbose_name="标识")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("logged", "已登记"),
                            ("captain_confirmed", "队长已确认"),
                            ("verified", "已核定"),
                            ("void", "已作废"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                (
                    "serial_year",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="编号年份"
                    ),
                ),
                (
                    "serial_number",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="编号"),
                ),
                ("subject", models.CharField(max_length=80, verbose_name="事由")),
                (
                    "service_kind",
                    models.CharField(
                        choices=[
                            ("repair", "抢修服务"),
                            ("political", "政治服务"),
                            ("marketing", "营销服务"),
                            ("volunteer", "志愿服务"),
                            ("value_added", "增值服务"),
                        ],
                        default="repair",
                        max_length=12,
                        verbose_name="服务类别",
                    ),
                ),
                (
                    "sub_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fault_repair", "故障抢修"),
                            ("disaster_relief", "灾害抢险"),
                            ("aid_elsewhere", "支援外地"),
                            ("project_push", "工程攻坚"),
                            ("power_guarantee", "重要活动保电"),
                            ("summer_peak", "迎峰度夏（冬）"),
                            ("customer_visit", "政企客户走访"),
                            ("sales_growth", "增供扩销、业扩"),
                            ("safety_publicity", "安全用电宣传"),
                            ("hardship_help", "助困帮扶"),
                            ("pairing", "结对共建"),
                            ("energy_diagnosis", "用能诊断"),
                        ],
                        max_length=20,
                        verbose_name="服务小类",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dispatch", "调度"),
                            ("hotline", "95598工单"),
                            ("order", "上级指令"),
                            ("community", "社区来电"),
                            ("own", "自主"),
                        ],
                        max_length=10,
                        verbose_name="来源",
                    ),
                ),
                ("order_no", models.CharField(blank=True, max_length=40, verbose_name="工单号")),
                ("county", models.CharField(max_length=20, verbose_name="区县")),
                ("township", models.CharField(blank=True, max_length=20, verbose_name="乡镇街道")),
                ("place", models.CharField(blank=True, max_length=60, verbose_name="地点")),
                (
                    "area_kind",
                    models.CharField(
                        choices=[("city", "城区"), ("rural", "农村"), ("remote", "特殊边远")],
                        default="city",
                        max_length=8,
                        verbose_name="供电区域",
                    ),
                ),
                ("line_name", models.CharField(blank=True, max_length=40, verbose_name="线路")),
                (
                    "voltage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("0.4", "0.4kV"),
                            ("10", "10kV"),
                            ("35", "35kV"),
                            ("110", "110kV"),
                            ("220", "220kV"),
                            ("500", "500kV"),
                        ],
                        max_length=4,
                        verbose_name="电压等级",
                    ),
                ),
                ("line_branch", models.CharField(blank=True, max_length=40, verbose_name="支线")),
                ("pole_range", models.CharField(blank=True, max_length=40, verbose_name="杆段")),
                (
                    "transformer_area",
                    models.CharField(blank=True, max_length=60, verbose_name="台区名称"),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lightning", "雷击"),
                            ("broken_line", "断线"),
                            ("fallen_pole", "倒杆"),
                            ("tree", "树障"),
                            ("outside_force", "外力"),
                            ("flood", "水淹"),
                            ("equipment", "设备故障"),
                        ],
                        max_length=16,
                        verbose_name="故障原因",
                    ),
                ),
                ("weather", models.CharField(blank=True, max_length=20, verbose_name="天气")),
                ("is_night_work", models.BooleanField(default=False, verbose_name="夜间作业")),
                ("started_on", models.DateField(verbose_name="出队日期")),
                ("ordered_at", models.DateTimeField(blank=True, null=True, verbose_name="接令")),
                ("departed_at", models.DateTimeField(blank=True, null=True, verbose_name="出发")),
                ("arrived_at", models.DateTimeField(blank=True, null=True, verbose_name="到场")),
                (
                    "work_started_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="开工"),
                ),
                (
                    "restored_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="复电（完工）"),
                ),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="撤离")),
                (
                    "response_minutes",
                    models.IntegerField(blank=True, null=True, verbose_name="到场用时（分）"),
                ),
                ("is_in_time", models.BooleanField(blank=True, null=True, verbose_name="到场达标")),
                (
                    "minutes_out",
                    models.IntegerField(blank=True, null=True, verbose_name="在外时间（分）"),
                ),
                (
                    "customers_out",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="停电户数"),
                ),
                (
                    "customers_restored",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="复电户数"),
                ),
                (
                    "areas_restored",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="复电台区"),
                ),
                (
                    "lines_restored",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="复电线路"),
                ),
                (
                    "key_customers",
                    models.CharField(blank=True, max_length=120, verbose_name="重要客户"),
                ),
                (
                    "poles",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="立杆（基）"),
                ),
                (
                    "metres",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="放线（米）"),
                ),
                (
                    "devices",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="更换设备（件）"
                    ),
                ),
                (
                    "users_served",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="服务客户（人次）"
                    ),
                ),
                (
                    "problems_solved",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="解决问题（件）"
                    ),
                ),
                (
                    "helpers_count",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="群众、外单位人员，不计入出动人次",
                        verbose_name="外部协助人数",
                    ),
                ),
                (
                    "materials",
                    models.CharField(blank=True, max_length=200, verbose_name="工器具与材料"),
                ),
                ("result", models.TextField(blank=True, verbose_name="处理经过")),
                (
                    "needs_found",
                    models.CharField(blank=True, max_length=200, verbose_name="发现的诉求"),
                ),
                (
                    "work_ticket_no",
                    models.CharField(blank=True, max_length=40, verbose_name="工作票号"),
                ),
                (
                    "leader_on_site",
                    models.CharField(blank=True, max_length=40, verbose_name="到岗到位"),
                ),
                (
                    "has_safety_talk",
                    models.BooleanField(default=False, verbose_name="已做安全交底"),
                ),
                ("has_no_breach", models.BooleanField(default=False, verbose_name="无违章")),
                (
                    "satisfaction",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("very", "非常满意"),
                            ("satisfied", "满意"),
                            ("fair", "基本满意"),
                            ("not", "不满意"),
                            ("unreached", "没有联系上"),
                        ],
                        max_length=12,
                        verbose_name="客户满意度",
                    ),
                ),
                ("media", models.CharField(blank=True, max_length=120, verbose_name="媒体报道")),
                (
                    "entered_via",
                    models.CharField(
                        choices=[
                            ("phone", "手机记录"),
                            ("web", "网页补记"),
                            ("paper", "纸面补录"),
                            ("import", "Excel导入"),
                        ],
                        max_length=8,
                        verbose_name="录入方式",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="确认时间"),
                ),
                (
                    "verified_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="核定时间"),
                ),
                (
                    "city_goal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turnouts",
                        to="servicecrew.citygoal",
                        verbose_name="五个泉州",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turnouts",
                        to="branches.committee",
                        verbose_name="所属党委",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="led_turnouts",
                        to="servicecrew.crew",
                        verbose_name="带队",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turnouts",
                        to="servicecrew.operation",
                        verbose_name="行动",
                    ),
                ),
                (
                    "verified_by",
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
                "verbose_name": "出队记录",
                "verbose_name_plural": "出队记录",
                "ordering": ["-started_on", "-id"],
                "indexes": [
                    models.Index(fields=["committee", "-started_on"], name="turnouts_of_committee"),
                    models.Index(fields=["crew", "-started_on"], name="turnouts_of_crew"),
                    models.Index(fields=["operation", "-started_on"], name="turnouts_of_operation"),
                    models.Index(fields=["status", "-started_on"], name="turnouts_by_status"),
                    models.Index(
                        condition=models.Q(
                            ("departed_at__isnull", False),
                            ("left_at__isnull", True),
                            ("restored_at__isnull", True),
                        ),
                        fields=["committee", "status"],
                        name="turnouts_under_way",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("serial_number__isnull", False)),
                        fields=("crew", "serial_year", "serial_number"),
                        name="turnout_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ordered_at__isnull", True),
                            ("departed_at__isnull", True),
                            ("departed_at__gte", models.F("ordered_at")),
                            _connector="OR",
                        ),
                        name="departed_after_order",
                        violation_error_message="出发不能早于接令",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("departed_at__isnull", True),
                            ("arrived_at__isnull", True),
                            ("arrived_at__gte", models.F("departed_at")),
                            _connector="OR",
                        ),
                        name="arrived_after_departure",
                        violation_error_message="到场不能早于出发",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrived_at__isnull", True),
                            ("restored_at__isnull", True),
                            ("restored_at__gte", models.F("arrived_at")),
                            _connector="OR",
                        ),
                        name="restored_after_arrival",
                        violation_error_message="复电不能早于到场",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("customers_out__isnull", True),
                            ("customers_restored__isnull", True),
                            ("customers_restored__lte", models.F("customers_out")),
                            _connector="OR",
                        ),
                        name="restored_within_out",
                        violation_error_message="复电户数不能多于停电户数",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "verified"), _negated=True),
                            ("verified_at__isnull", False),
                            _connector="OR",
                        ),
                        name="verified_turnout_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(blank=True, null=True, verbose_name="日期")),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="内容")),
                (
                    "people",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="不填时取活动实到人数或出动人次",
                        null=True,
                        verbose_name="覆盖人数",
                    ),
                ),
                ("result", models.CharField(blank=True, max_length=200, verbose_name="成效")),
                ("created_at", models.DateTimeField(verbose_name="录入时间")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deeds",
                        to="branches.activity",
                        verbose_name="活动记录",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deeds",
                        to="branches.branch",
                        verbose_name="党支部",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deeds",
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
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deeds",
                        to="servicecrew.programme",
                        verbose_name="工程",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        related_name="deeds",
                        to="servicecrew.targetgroup",
                        verbose_name="对象人群",
                    ),
                ),
                (
                    "turnout",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deeds",
                        to="servicecrew.turnout",
                        verbose_name="出队记录",
                    ),
                ),
            ],
            options={
                "verbose_name": "工程活动",
                "verbose_name_plural": "工程活动",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "activity"),
                        name="activity_once_per_programme",
                        violation_error_message="这条活动已记在该工程下",
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "turnout"),
                        name="turnout_once_per_programme",
                        violation_error_message="这次出队已记在该工程下",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("activity__isnull", False),
                            ("turnout__isnull", False),
                            models.Q(
                                ("held_on__isnull", False), models.Q(("title", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="deed_says_what",
                        violation_error_message="请写日期和内容，或选一条已有的记录",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnoutCrew",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="servicecrew.crew",
                    ),
                ),
                (
                    "turnout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="servicecrew.turnout",
                    ),
                ),
            ],
            options={
                "verbose_name": "参加的服务队",
                "verbose_name_plural": "参加的服务队",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("turnout", "crew"), name="crew_once_per_turnout"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnoutEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("step", models.CharField(max_length=16, verbose_name="步骤")),
                (
                    "key",
                    models.UUIDField(
                        blank=True,
                        help_text="同一次提交两次只算一次",
                        null=True,
                        unique=True,
                        verbose_name="提交标识",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("changes", models.JSONField(blank=True, default=dict, verbose_name="改动")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "turnout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="servicecrew.turnout",
                    ),
                ),
            ],
            options={
                "verbose_name": "出队经过",
                "verbose_name_plural": "出队经过",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="TurnoutPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("captain", "队长"),
                            ("deputy_captain", "副队长"),
                            ("member", "队员"),
                        ],
                        default="member",
                        max_length=16,
                        verbose_name="角色",
                    ),
                ),
                ("shift", models.PositiveSmallIntegerField(default=1, verbose_name="班次")),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servicecrew.crew",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turnout_days",
                        to="branches.person",
                    ),
                ),
                (
                    "turnout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="servicecrew.turnout",
                    ),
                ),
            ],
            options={
                "verbose_name": "出动人员",
                "verbose_name_plural": "出动人员",
                "ordering": ["day", "shift", "id"],
                "indexes": [models.Index(fields=["person", "day"], name="turnout_days_of_person")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("turnout", "day", "person"),
                        name="person_once_per_turnout_day",
                        violation_error_message="同一人同一天在一次出队里只计一次",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnoutTime",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(unique=True, verbose_name="提交标识")),
                (
                    "mark",
                    models.CharField(
                        choices=[
                            ("ordered", "接令"),
                            ("departed", "出发"),
                            ("arrived", "到场"),
                            ("started", "开工"),
                            ("restored", "复电"),
                            ("left", "撤离"),
                        ],
                        max_length=10,
                        verbose_name="时刻",
                    ),
                ),
                ("is_measured", models.BooleanField(verbose_name="手机按下")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("phone_at", models.DateTimeField(blank=True, null=True, verbose_name="手机时间")),
                (
                    "offset_ms",
                    models.BigIntegerField(blank=True, null=True, verbose_name="手机钟差（毫秒）"),
                ),
                ("device", models.CharField(blank=True, max_length=40, verbose_name="设备")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="补报原因")),
                ("received_at", models.DateTimeField(verbose_name="收到时间")),
                (
                    "stated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "turnout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="times",
                        to="servicecrew.turnout",
                    ),
                ),
            ],
            options={
                "verbose_name": "时刻来历",
                "verbose_name_plural": "时刻来历",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="TurnoutVehicle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("repair", "抢修车"),
                            ("generator", "发电车"),
                            ("crane", "吊车"),
                            ("engineering", "工程车"),
                            ("other", "其他车辆"),
                        ],
                        max_length=12,
                        verbose_name="车型",
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="servicecrew.crew",
                    ),
                ),
                (
                    "turnout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vehicles",
                        to="servicecrew.turnout",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turnout_days",
                        to="servicecrew.vehicle",
                    ),
                ),
            ],
            options={
                "verbose_name": "出动车辆",
                "verbose_name_plural": "出动车辆",
                "ordering": ["day", "id"],
                "indexes": [
                    models.Index(fields=["vehicle", "day"], name="turnout_days_of_vehicle")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("turnout", "day", "vehicle"),
                        name="vehicle_once_per_turnout_day",
                        violation_error_message="同一辆车同一天在一次出队里只计一次",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="Turnout",
            name="crews",
            field=models.ManyToManyField(
                related_name="turnouts",
                through="servicecrew.TurnoutCrew",
                to="servicecrew.crew",
                verbose_name="服务队",
            ),
        ),
    ]
