"""The only reader of the environment. Every setting has the prefix ASSISTANT_ and a default that works."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What can be configured; parts receive plain values from it, never the object."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", extra="ignore", frozen=True)

    library: Path = Field(default=Path("data/library"), description="folder of the library")
    corpus: Path = Field(default=ROOT / "corpus", description="documents that `ingest` reads by default")
    host: str = Field(default="127.0.0.1", description="address the page is served on")
    port: int = Field(default=7860, ge=1, le=65535, description="port the page is served on")
    chunk_tokens: int = Field(default=320, ge=64, le=480, description="largest chunk, in tokens")
    structure: bool = Field(
        default=True,
        description="ingest reads headings, speakers and tables; off: plain paragraphs, to measure it",
    )
    vectors: bool = Field(default=True, description="search by meaning; off: by words alone, to measure it")
    threads: int = Field(default=2, ge=1, le=64, description="threads of the local models")
    question_chars: int = Field(default=2000, ge=10, description="longest question accepted, in characters")
    chroma_url: str = Field(default="", description="address of a Chroma server; empty: embedded")
