"""What the crews of the demo consist of: plain values, no database."""

from __future__ import annotations

from typing import NamedTuple

PLEDGE = (
    "我是海丝之光共产党员服务队队员。有呼必应，有难必帮；"
    "风雨中到得快，百姓家做得细；不收一份礼，不留一处隐患。"
)
COMMITMENTS = (
    "城区45分钟、农村90分钟、特殊边远地区120分钟到达现场。\n"
    "抢修不过夜，一时修不好的先发电保重要客户。\n"
    "不收费、不吃请；走时清场，回访一次。"
)
EQUIPMENT = (
    ("绝缘操作杆", 6, "根"),
    ("验电器", 8, "支"),
    ("应急照明灯", 4, "台"),
    ("油锯", 2, "台"),
    ("雨衣水靴", 16, "套"),
)


class CrewPlan(NamedTuple):
    """A squad. ``branch`` is the city branch it belongs to; without one its people are the
    county's. ``meranti``: person-times and vehicle-times in typhoon Meranti, where the
    documentation names them."""

    name: str
    county: str
    code: str
    branch: str = ""
    size: int = 9
    vehicles: int = 3
    captain: str = ""
    meranti: tuple[int, int] | None = None
    task: str = ""


SQUADS: tuple[CrewPlan, ...] = (
    CrewPlan(
        "配电运检分队",
        "市区",
        "海丝配",
        "配电运检党支部",
        15,
        5,
        "苏文彬",
        (60, 19),
        "医院、水厂保电",
    ),
    CrewPlan("变电运检分队", "市区", "海丝变", "变电检修党支部", 9, 3),
    CrewPlan("输电运检分队", "市区", "海丝输", "输电运检党支部", 9, 3),
    CrewPlan("营业服务分队", "市区", "海丝营", "营业服务党支部", 8, 2),
    CrewPlan("洛江第一分队", "洛江", "海丝洛", "洛江供电服务党支部", 8, 2),
    CrewPlan("洛江第二分队", "洛江", "海丝洛二", "洛江供电服务党支部", 7, 2),
    CrewPlan("泉港第一分队", "泉港", "海丝港", "泉港供电服务党支部", 7, 2),
    CrewPlan("泉港第二分队", "泉港", "海丝港二", "泉港供电服务党支部", 7, 2),
    CrewPlan(
        "晋江第一分队",
        "晋江",
        "海丝晋",
        size=14,
        vehicles=5,
        meranti=(56, 18),
        task="110kV变电站周边线路抢修",
    ),
    CrewPlan("晋江第二分队", "晋江", "海丝晋二"),
    CrewPlan("晋江第三分队", "晋江", "海丝晋三"),
    CrewPlan("晋江第四分队", "晋江", "海丝晋四"),
    CrewPlan("晋江第五分队", "晋江", "海丝晋五"),
    CrewPlan(
        "石狮第一分队",
        "石狮",
        "海丝石",
        size=14,
        vehicles=5,
        meranti=(54, 17),
        task="老城区低压消缺",
    ),
    CrewPlan("石狮第二分队", "石狮", "海丝石二"),
    CrewPlan(
        "南安第一分队",
        "南安",
        "海丝南",
        size=12,
        vehicles=4,
        meranti=(48, 15),
        task="10kV诗山线立杆",
    ),
    CrewPlan("南安第二分队", "南安", "海丝南二"),
    CrewPlan("南安第三分队", "南安", "海丝南三"),
    CrewPlan("南安第四分队", "南安", "海丝南四"),
    CrewPlan("南安第五分队", "南安", "海丝南五"),
    CrewPlan("惠安第一分队", "惠安", "海丝惠"),
    CrewPlan("惠安第二分队", "惠安", "海丝惠二"),
    CrewPlan("惠安第三分队", "惠安", "海丝惠三"),
    CrewPlan("安溪第一分队", "安溪", "海丝安"),
    CrewPlan(
        "安溪第二分队",
        "安溪",
        "海丝安二",
        size=11,
        vehicles=4,
        meranti=(42, 13),
        task="35kV跳闸巡线",
    ),
    CrewPlan("安溪第三分队", "安溪", "海丝安三"),
    CrewPlan("安溪第四分队", "安溪", "海丝安四"),
    CrewPlan("永春第一分队", "永春", "海丝永"),
    CrewPlan("永春第二分队", "永春", "海丝永二"),
    CrewPlan(
        "德化第一分队", "德化", "海丝德", size=7, vehicles=2, meranti=(20, 7), task="桂阳乡断线"
    ),
    CrewPlan("德化第二分队", "德化", "海丝德二", size=7, vehicles=2),
)

TOWNSHIPS: dict[str, tuple[str, ...]] = {
    "市区": ("鲤城开元街道", "丰泽东海街道", "丰泽城东街道", "鲤城江南街道"),
    "洛江": ("马甲镇", "河市镇", "罗溪镇", "虹山乡"),
    "泉港": ("山腰街道", "涂岭镇", "后龙镇", "南埔镇"),
    "晋江": ("池店镇", "陈埭镇", "安海镇", "磁灶镇", "东石镇"),
    "石狮": ("湖滨街道", "宝盖镇", "蚶江镇"),
    "南安": ("水头镇", "诗山镇", "官桥镇", "洪濑镇", "码头镇"),
    "惠安": ("螺城镇", "崇武镇", "张坂镇", "辋川镇"),
    "安溪": ("凤城镇", "湖头镇", "龙门镇", "蓬莱镇"),
    "永春": ("桃城镇", "蓬壶镇", "下洋镇"),
    "德化": ("龙浔镇", "桂阳乡", "南埕镇", "水口镇"),
}
REMOTE = frozenset({"桂阳乡", "南埕镇", "水口镇", "虹山乡", "下洋镇"})

# Customers affected in a great storm, and out at the hours of the documentation's third day.
AFFECTED: dict[str, int] = {
    "晋江": 27000,
    "南安": 25000,
    "安溪": 17900,
    "石狮": 10900,
    "市区": 14000,
    "惠安": 10000,
    "永春": 7100,
    "德化": 6700,
    "洛江": 5000,
    "泉港": 4800,
}
OUT_NOW: dict[str, tuple[int, int]] = {
    "晋江": (5400, 17),
    "南安": (5500, 18),
    "安溪": (3400, 11),
    "石狮": (2400, 7),
    "市区": (700, 3),
    "惠安": (700, 3),
    "永春": (500, 2),
    "德化": (400, 2),
    "洛江": (200, 1),
    "泉港": (100, 0),
}
# Hours after the first midnight, and the share of the peak that was out then (per thousand).
CURVE: tuple[tuple[int, int], ...] = (
    (0, 0),
    (6, 10),
    (12, 60),
    (15, 300),
    (18, 500),
    (24, 830),
    (27, 950),
    (30, 1000),
    (33, 960),
    (36, 860),
    (42, 620),
    (48, 450),
    (54, 320),
    (60, 240),
    (66, 187),
)
PEAK = 103_000

MERANTI_EVENTS: tuple[tuple[int, int, str, str, bool], ...] = (
    (18, 0, "成立临时党支部，31支分队集结", "党委", False),
    (27, 5, "台风登陆，暂停户外作业", "指挥部", True),
    (30, 20, "风力减弱，{squads}支分队同时出发", "指挥部", True),
    (57, 30, "泉港全部主线复电，剩100户入户消缺", "泉港第一分队", False),
    (62, 5, "福州支援队24人、7台车到石狮", "指挥部", False),
    (65, 40, "南安第一分队报告：10kV诗山线12基倒杆已立9基", "南安第一分队", False),
)

# The article's year, July 2016 to June 2017: operation -> (turnouts, person-times,
# vehicle-times). With the opening balance of typhoon Nepartak (168, 54) they add up to
# 3,821 person-times and 1,215 vehicle-times, in 310 rows.
NEPARTAK_OPENING = (1, 168, 54)
NEPARTAK = (31, 744, 235)
MERANTI = (31, 1086, 352)
SPRING = (62, 496, 158)
SUMMER = (185, 1327, 416)

REGULAR: tuple[tuple[str, int, tuple[tuple[str, str], ...]], ...] = (
    (
        "repair",
        214,
        (
            ("fault_repair", "10kV{line}线跳闸查线"),
            ("fault_repair", "{town}台区低压断线"),
            ("fault_repair", "10kV{line}线{pole}号杆引线烧断"),
            ("fault_repair", "{town}变压器熔丝熔断"),
            ("disaster_relief", "{town}暴雨倒杆抢险"),
            ("project_push", "{town}低压线路改造攻坚"),
        ),
    ),
    (
        "political",
        96,
        (
            ("power_guarantee", "{town}中小学考试保电"),
            ("power_guarantee", "海丝文化活动场馆保电"),
            ("power_guarantee", "{town}换届会议保电"),
            ("summer_peak", "{town}重载台区测温"),
        ),
    ),
    (
        "marketing",
        88,
        (
            ("customer_visit", "走访{town}规上企业"),
            ("sales_growth", "{town}充电站报装上门"),
            ("customer_visit", "{town}石材企业峰谷电价讲解"),
        ),
    ),
    (
        "volunteer",
        71,
        (
            ("safety_publicity", "{town}安全用电进校园"),
            ("hardship_help", "{town}独居老人换线换灯"),
            ("pairing", "与{town}社区党支部结对共建"),
        ),
    ),
    ("value_added", 43, (("energy_diagnosis", "{town}企业用能诊断"),)),
)
GOALS: dict[str, tuple[str, ...]] = {
    "repair": ("happy", "happy", "happy", ""),
    "political": ("silk_road", "happy"),
    "marketing": ("smart", "smart", "beautiful"),
    "volunteer": ("happy",),
    "value_added": ("smart", "innovation"),
}
LINES = (
    "后埔",
    "城东",
    "华大",
    "江滨",
    "涂岭",
    "罗溪",
    "水头",
    "诗山",
    "陈埭",
    "崇武",
    "湖头",
    "蓬壶",
)
CAUSES = ("lightning", "broken_line", "tree", "outside_force", "equipment", "flood")
WEATHER = ("晴", "多云", "小雨", "雷雨", "大风")
NOTES: tuple[tuple[str, str, str], ...] = (
    ("banner", "“雨夜抢修 情暖万家”锦旗", "桂阳乡陈溪村村委会"),
    ("banner", "“电力先锋 为民解忧”锦旗", "东海街道滨城社区"),
    ("letter", "感谢抢修队半夜送电的信", "市第一医院后勤科"),
    ("letter", "高考期间保电感谢信", "泉州五中"),
    ("award", "省公司优秀共产党员服务分队", "国网福建电力"),
    ("training", "带电作业与触电急救训练", ""),
    ("training", "台风前应急照明和发电车操作演练", ""),
)
