"""Places in text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.regions import (
    canonical,
    homes_in,
    innermost,
    parents_of,
    place_names,
    regions_in,
    short_name,
    within,
)

NAMED = [
    ("山西省吕梁市方山县", ["山西省", "吕梁市", "方山县"]),
    ("方山呢？", ["方山县"]),
    ("晋中的规划", ["晋中市"]),
    ("方山工作计划", ["方山县"]),
    ("临县的托位", ["临县"]),
    ("大同的规划", ["大同市"]),
    ("榆次、介休、寿阳、灵石县级医院", ["榆次区", "介休市", "寿阳县", "灵石县"]),
    ("兵团主任是谁", ["新疆生产建设兵团"]),
    ("恩施州的经验", ["恩施土家族苗族自治州"]),
    ("太谷县", ["太谷区"]),
    ("京津冀协同", ["北京市", "天津市", "河北省"]),
    ("日本的医保", ["日本"]),
    ("北京市朝阳区", ["北京市", "朝阳区"]),
    ("武汉中心医院", ["武汉市"]),
    ("黑龙江和内蒙", ["黑龙江省", "内蒙古自治区"]),
]
NOT_NAMED = [
    "人民身体安康",
    "中央党校",
    "各县人民医院和县级医院",
    "建成县域医共体",
    "振兴县域经济",
    "集中卫生资源",
    "市长治理环境",
    "公安部门",
    "城区和郊区",
    "来宾的座位",
    "强化区域医疗中心",
    "平安医院建设",
    "高平均水平",
    "延长处方时间",
    "中阳楼社区",
]


@pytest.mark.parametrize(("text", "names"), NAMED)
def test_places_are_found(text: str, names: list[str]) -> None:
    assert [region.name for region in regions_in(text)] == names


@pytest.mark.parametrize("text", NOT_NAMED)
def test_common_words_are_no_places(text: str) -> None:
    assert regions_in(text) == ()


def test_a_name_of_many_places_is_settled_by_its_neighbour() -> None:
    assert regions_in("朝阳区呢")[0].parents == ()
    assert regions_in("北京市朝阳区")[1].parents == ("北京市",)
    assert regions_in("鼓楼区属于南京市")[0].parents == ("江苏省", "南京市")


def test_expected_places_count_in_any_position() -> None:
    assert regions_in("请教方山医改") == ()
    assert [r.name for r in regions_in("请教方山医改", ["方山县"])] == ["方山县"]


def test_nesting() -> None:
    assert within("方山县", "山西省")
    assert within("方山", "吕梁")
    assert within("晋中", "晋中市")
    assert not within("晋中市", "吕梁市")
    assert not within("山西省", "方山县")
    assert parents_of("方山") == ("山西省", "吕梁市")
    assert canonical("晋中") == "晋中市"
    assert short_name("宁夏回族自治区") == "宁夏"
    assert short_name("临县") == "临县"


@given(
    st.lists(
        st.sampled_from(
            ["方山县", "晋中", "的", "县级", "和", "兵团", "长治市", "，", "医院", "朝阳区", "2025年"]
        ),
        max_size=12,
    )
)
def test_offsets_agree_and_nothing_overlaps(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = regions_in(text)
    assert all(text[region.start : region.end] == region.surface for region in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))


# --- places that no gazetteer lists ---


def test_places_that_a_text_names_by_their_form() -> None:
    text = "望溪区、东圩区每户3000元；禾津市、柳塬县每户2000元。\n鹿屿镇\t40户\n老城区、各县区和开发区另行规定，加强市、县两级管理。"
    assert set(place_names(text)) >= {"望溪区", "东圩区", "禾津市", "柳塬县", "鹿屿镇"}
    assert not set(place_names(text)) & {"老城区", "各县区", "开发区"}


@pytest.mark.parametrize(
    ("title", "places"),
    [
        ("青澜市养老服务规划", ("青澜市",)),
        ("柳汀县民政局副局长", ("柳汀县",)),
        ("山西省方山县卫生健康局局长", ("山西省", "方山县")),
        ("各县区工作安排", ()),
        ("城市更新办法", ()),
        ("社区服务指南", ()),
        ("", ()),
    ],
)
def test_the_place_that_a_title_begins_with(title: str, places: tuple[str, ...]) -> None:
    assert homes_in(title) == places


def test_known_places_are_found_by_long_and_short_form() -> None:
    found = regions_in("柳塬和望溪区的补助一样吗", ("柳塬县", "望溪区"))
    assert [(r.name, r.surface) for r in found] == [("柳塬县", "柳塬"), ("望溪区", "望溪区")]
    assert regions_in("柳塬和望溪区的补助一样吗") == ()


def test_a_place_of_the_library_is_meant_before_one_of_the_same_short_name() -> None:
    assert [r.name for r in regions_in("那临江呢", ("临江区",))] == ["临江区"]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("澜宁市白芷区", "白芷区"),
        ("山西省吕梁市方山县", "方山县"),
        ("栖水市", "栖水市"),
        ("砚湖大学", "砚湖大学"),
    ],
)
def test_the_innermost_place_of_a_path(path: str, place: str) -> None:
    assert innermost(path) == place


@pytest.mark.parametrize("post", ["由副市长", "会议由市长主持", "主任由区长"])
def test_words_before_a_post_are_no_places(post: str) -> None:
    assert homes_in(post) == ()
