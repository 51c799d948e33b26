"""What a library holds by name, on the real documents and on made-up ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.documents import discover, load
from assistant.search.catalog import Catalog, abbreviates, official
from assistant.types import Block, BlockKind, Document, Span


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    parsed = [load(source, 280) for source in discover([Path(__file__).resolve().parents[2] / "corpus"])]
    return Catalog.build([p.document for p in parsed], [block for p in parsed for block in p.blocks])


def test_speakers_are_known_with_post_place_and_words(catalog: Catalog) -> None:
    speakers = [person for person in catalog.people.values() if person.statements]
    assert len(speakers) >= 16
    assert all(person.posts and person.regions and person.organisations for person in speakers)


def test_people_named_in_running_text_are_known(catalog: Catalog) -> None:
    silent = [person for person in catalog.people.values() if not person.statements]
    assert {person.name for person in silent} >= {
        "郭力",
        "李茂森",
        "温勇",
        "秦广珍",
        "刘晓龙",
        "孙大军",
        "张广勇",
    }
    assert all(2 <= len(person.name) <= 4 for person in silent)


def test_documents_are_known_by_type_place_and_year(catalog: Catalog) -> None:
    entries = {entry.id: entry for entry in catalog.documents}
    assert "规划" in entries["jinzhong-plan-2023-2025"].kinds
    assert entries["fangshan-plan-2025"].regions == ("方山县",)
    assert catalog.years == (2023, 2024, 2025)


def test_rows_give_the_indicators(catalog: Catalog) -> None:
    assert len(catalog.indicators) == 24


def test_an_unseen_document_is_catalogued() -> None:
    text = "县教育局局长赵国栋、副局长钱小红要求，加快校舍建设。"
    document = Document("edu", text, "临江县教育发展规划（2024—2026年）", "0", region="临江县", kind="规划")
    block = Block(BlockKind.PARAGRAPH, Span("edu", 0, len(text)), text)
    catalog = Catalog.build([document], [block])
    assert catalog.people["赵国栋"].posts == ("局长",)
    assert "钱小红" in catalog.people
    assert catalog.people["赵国栋"].organisations == ("临江县教育局",)
    assert catalog.people_at("临江县", "副局长")[0].name == "钱小红"
    assert catalog.documents[0].years == (2024, 2025, 2026)


def test_an_empty_library_has_an_empty_catalog() -> None:
    empty = Catalog.build([], [])
    assert (empty.regions, empty.years, dict(empty.people)) == ((), (), {})


def test_institutions_in_one_spelling() -> None:
    assert official("市卫健委", ("吕梁市",)) == ("吕梁市卫生健康委",)
    assert official("甲医院（乙医院）") == ("甲医院", "乙医院")
    assert abbreviates("山医大二院", "山西医科大学第二医院")
    assert not abbreviates("山医大三院", "山西医科大学第二医院")
