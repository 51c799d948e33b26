"""The only reader of the environment. Every setting has the prefix ASSISTANT_ and a default that works."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What can be configured; parts receive plain values from it, never the object."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", extra="ignore", frozen=True)

    library: Path = Field(default=Path("data/library"), description="folder of the library")
    corpus: Path = Field(default=ROOT / "corpus", description="documents that `ingest` reads by default")
    prompts: Path = Field(default=ROOT / "prompts", description="folder of the prompt files")
    host: str = Field(default="127.0.0.1", description="address the page is served on")
    port: int = Field(default=7860, ge=1, le=65535, description="port the page is served on")
    chunk_tokens: int = Field(default=320, ge=64, le=480, description="largest chunk, in tokens")
    structure: bool = Field(
        default=True,
        description="ingest reads headings, speakers and tables; off: plain paragraphs, to measure it",
    )
    vectors: bool = Field(default=True, description="search by meaning; off: by words alone, to measure it")
    reader: bool = Field(
        default=True, description="the local reader reads the passages found; off: faster, and answers worse"
    )
    threads: int = Field(default=2, ge=1, le=64, description="threads of the local models")
    question_chars: int = Field(default=2000, ge=10, description="longest question accepted, in characters")
    chat_url: str = Field(
        default="", description="chat model, OpenAI-compatible, such as http://host:8000/v1; empty: none"
    )
    chat_model: str = Field(default="", description="name of the chat model on that server")
    chat_key: SecretStr = Field(default=SecretStr(""), description="key of the chat server")
    chat_timeout: float = Field(
        default=60.0, gt=0, description="seconds that an answer may take, tries included"
    )
    chat_retries: int = Field(
        default=2, ge=0, le=10, description="further tries after a failure that may pass"
    )
    chat_context: int = Field(
        default=3000, ge=500, description="tokens of passages that the chat model is given"
    )
    chat_tokens: int = Field(default=600, ge=50, description="longest answer of the chat model, in tokens")
    embed_url: str = Field(default="", description="embeddings, OpenAI-compatible; empty: the local encoder")
    embed_model: str = Field(default="", description="name of the embedding model on that server")
    embed_key: SecretStr = Field(default=SecretStr(""), description="key of the embeddings server")
    embed_timeout: float = Field(
        default=60.0, gt=0, description="seconds that one batch of passages may take"
    )
    embed_retries: int = Field(
        default=3, ge=0, le=10, description="further tries after a failure that may pass"
    )
    embed_batch: int = Field(default=32, ge=1, le=2048, description="passages in one request")
    rerank_url: str = Field(default="", description="reranker: the address of its /rerank; empty: none")
    rerank_model: str = Field(
        default="", description="name of the reranking model, where the server wants one"
    )
    rerank_key: SecretStr = Field(default=SecretStr(""), description="key of the reranking server")
    rerank_timeout: float = Field(
        default=10.0, gt=0, description="seconds that reranking one question may take"
    )
    chroma_url: str = Field(default="", description="address of a Chroma server; empty: embedded")
