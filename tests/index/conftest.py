"""Small folders of documents and libraries made from them with cheap vectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.tools import policy, put, take

PLACES = {"a": "方山县", "b": "晋中市", "c": "吕梁市"}


@pytest.fixture
def files() -> dict[str, str]:
    """Texts by stem, as `source` holds them."""
    return {stem: policy(place, number) for number, (stem, place) in enumerate(PLACES.items())}


@pytest.fixture
def source(tmp_path: Path, files: dict[str, str]) -> Path:
    """A folder of three documents."""
    folder = tmp_path / "documents"
    put(folder, files)
    return folder


@pytest.fixture
def small(tmp_path: Path, source: Path) -> Path:
    """A library of those documents."""
    library = tmp_path / "library"
    assert not take(source, library).failed
    return library
