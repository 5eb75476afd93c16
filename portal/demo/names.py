"""Names as one meets them in Quanzhou, each handed out once, with a username in pinyin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random


def _pool(text: str) -> list[tuple[str, str]]:
    """``"林lin 陈chen"`` -> [("林", "lin"), ("陈", "chen")]."""
    return [(word[0], word[1:]) for word in text.split()]


# The first twelve are the commonest and count three times.
_SURNAMES = _pool(
    "陈chen 林lin 黄huang 郑zheng 王wang 吴wu 李li 张zhang 苏su 郭guo 洪hong 蔡cai "
    "赖lai 施shi 庄zhuang 许xu 杨yang 谢xie 曾zeng 刘liu 叶ye 周zhou 何he 柯ke 傅fu 颜yan "
    "邱qiu 尤you 潘pan 卢lu 朱zhu 徐xu 彭peng 廖liao 骆luo"
)
_MALE = (
    _pool(
        "志zhi 建jian 国guo 文wen 伟wei 俊jun 海hai 永yong 金jin 泽ze 少shao 振zhen 清qing "
        "培pei 明ming 天tian 家jia 荣rong 庆qing 景jing 宏hong 立li 世shi 东dong 绍shao 宗zong"
    ),
    _pool(
        "强qiang 平ping 辉hui 华hua 峰feng 彬bin 林lin 勇yong 斌bin 福fu 生sheng 源yuan "
        "坤kun 山shan 鹏peng 阳yang 达da 泉quan 忠zhong 煌huang 祥xiang 鸿hong 毅yi 杰jie "
        "民min 聪cong 权quan 荣rong 贤xian 章zhang 灿can"
    ),
)
_FEMALE = (
    _pool(
        "雅ya 丽li 美mei 秀xiu 淑shu 惠hui 玉yu 月yue 晓xiao 小xiao 婉wan 静jing 雪xue "
        "思si 佳jia 碧bi 琼qiong 宝bao 巧qiao 春chun"
    ),
    _pool(
        "萍ping 芳fang 玲ling 珍zhen 芬fen 琴qin 娟juan 敏min 梅mei 云yun 英ying 霞xia "
        "婷ting 兰lan 蓉rong 娥e 红hong 燕yan 卿qing 莲lian 虹hong 瑜yu 瑶yao"
    ),
)
# Combinations that are somebody everybody has heard of.
_KNOWN = frozenset(
    {
        *("林俊杰", "张国荣", "陈文辉", "李清泉", "郑振忠", "王立强", "陈景平", "陈永华"),
        *("李世民", "周文彬", "刘国平", "王国生", "张国华", "朱文泉", "李宏福", "许家荣"),
    }
)


class Names:
    """Hands out distinct names and, for those with an account, distinct usernames."""

    def __init__(
        self, rng: Random, taken: Iterable[str] = (), taken_usernames: Iterable[str] = ()
    ) -> None:
        self._rng = rng
        self._taken = set(taken) | _KNOWN
        self._usernames = set(taken_usernames)
        self._pinyin: dict[str, str] = {}
        self._weighted = _SURNAMES[:12] * 3 + _SURNAMES[12:]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return self

    def __next__(self) -> tuple[str, str]:
        """The next (name, pinyin). Some forty thousand are distinct; after that people of the
        same name appear, as they do in life."""
        for _attempt in range(60):
            name, pinyin = self._draw()
            if name not in self._taken:
                break
        self._taken.add(name)
        self._pinyin[name] = pinyin
        return name, pinyin

    def pinyin_of(self, name: str) -> str:
        """How a name handed out here is spelt."""
        return self._pinyin[name]

    def _draw(self) -> tuple[str, str]:
        surname = self._rng.choice(self._weighted)
        first, second = self._rng.choices((_MALE, _FEMALE), (13, 7))[0]
        one, two = self._rng.choice(first), self._rng.choice(second)
        while one[1] == two[1] or two[1] == surname[1]:
            two = self._rng.choice(second)
        return surname[0] + one[0] + two[0], surname[1] + one[1] + two[1]

    def username(self, pinyin: str) -> str:
        """``linjianming``, or ``linjianming2`` when that is somebody else's."""
        found, number = pinyin, 1
        while found in self._usernames:
            number += 1
            found = f"{pinyin}{number}"
        self._usernames.add(found)
        return found
