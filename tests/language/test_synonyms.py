"""Everyday words and the documents' words."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import DocumentError
from assistant.language.synonyms import Synonyms, load


@pytest.fixture(scope="module")
def glossary() -> Synonyms:
    return load(Path(__file__).resolve().parents[2] / "corpus" / "glossary.toml")


LAY = [
    ("打疫苗", "预防接种"),
    ("坐月子的", "孕产妇"),
    ("头头", "主要负责人"),
    ("一把手", "主要负责人"),
    ("钱谁出", "投入机制"),
    ("看病", "就医"),
    ("村里大夫", "乡村医生"),
    ("托儿所", "托育机构"),
    ("养老院", "养老机构"),
    ("老年痴呆", "阿尔茨海默病"),
    ("抽烟", "吸烟"),
    ("寿命", "人均预期寿命"),
    ("娃死", "婴儿死亡率"),
    ("下乡", "巡回医疗"),
    ("招人", "公开招聘"),
    ("工资", "薪酬"),
    ("押金", "预交金"),
    ("透析", "血液透析"),
    ("DRG", "疾病诊断相关分组"),
    ("疾病诊断相关分组", "DRG"),
    ("卫健委", "卫生健康委"),
    ("两癌", "宫颈癌和乳腺癌"),
]


@pytest.mark.parametrize(("lay", "official"), LAY)
def test_lay_words_find_official_ones(glossary: Synonyms, lay: str, official: str) -> None:
    assert official in glossary.expand(lay)


def test_the_glossary_is_broad(glossary: Synonyms) -> None:
    assert len(glossary.table) >= 600


def test_one_way_stays_one_way(glossary: Synonyms) -> None:
    assert "反腐败" in glossary.expand("贪污")
    assert "贪污" not in glossary.expand("反腐败")


def test_the_longest_entry_wins(glossary: Synonyms) -> None:
    found = {phrase.text: phrase for phrase in glossary.phrases("坐月子的人打疫苗要钱吗")}
    assert set(found) == {"坐月子的人", "打疫苗"}
    assert "坐月子的人打疫苗要钱吗"[found["打疫苗"].start : found["打疫苗"].end] == "打疫苗"


def test_latin_entries_are_whole_words(glossary: Synonyms) -> None:
    assert [p.text for p in glossary.phrases("实行DRG付费")] == ["DRG"]
    assert glossary.phrases("SADRGS") == ()


def test_weights_fall_from_short_forms_to_one_way(tmp_path: Path) -> None:
    path = tmp_path / "glossary.toml"
    path.write_text(
        'classes=[["甲","乙"]]\n[expand]\n"甲"=["丙"]\n[abbreviations]\n"甲"=["丁"]\n', encoding="utf-8"
    )
    assert [word for word, _ in load(path).weighted("甲")] == ["丁", "乙", "丙"]


def test_a_missing_glossary_is_empty_and_a_broken_one_is_named(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml").expand("甲") == ()
    broken = tmp_path / "broken.toml"
    broken.write_text("classes = [", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"broken\.toml"):
        load(broken)
