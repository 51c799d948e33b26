"""What the reader is trained to minimise."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.reader.batches import Batch
from training.reader.network import NEVER, Reader

_SOFT = 2.0  # temperature of the teacher's distributions (Hinton, Vinyals and Dean 2015)


def losses(reader: Reader, batch: Batch, device: torch.device, teacher: Reader | None) -> dict[str, Tensor]:
    """The parts of the loss, each a scalar."""
    given = [x.to(device) for x in (batch.ids, batch.parts, batch.mask)]
    start, end, relevance, answerable = reader(*given)
    found = {
        "span": (_stretch(start, batch.starts.to(device)) + _stretch(end, batch.ends.to(device))) / 2,
        "answerable": _known(answerable, batch, device),
        "rank": _first(relevance, batch, device),
    }
    if teacher is not None:
        with torch.no_grad():
            taught = teacher(*given)
        found |= _distilled((start, end), taught[:2], (relevance, answerable), taught[2:])
    return found


def _stretch(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy with the places where answers begin (or end), over the rows that have any."""
    has = target.sum(-1) > 0
    if not has.any():
        return logits.sum() * 0
    return -(target * logits.log_softmax(-1)).sum(-1)[has].mean()


def _known(logits: Tensor, batch: Batch, device: torch.device) -> Tensor:
    """Cross-entropy with whether the passage answers, weighted by how sure the label is."""
    sure = batch.sure.to(device)
    raw = nn.functional.binary_cross_entropy_with_logits(
        logits, batch.answerable.to(device), reduction="none"
    )
    return (raw * sure).sum() / sure.sum()


def _first(logits: Tensor, batch: Batch, device: torch.device) -> Tensor:
    """Listwise cross-entropy: of the passages of a question, the one that answers comes first."""
    if not batch.ranked.any():
        return logits.sum() * 0
    groups, firsts = batch.groups.to(device), batch.firsts.to(device)
    same = groups[firsts][:, None] == groups[None, :]
    scores = torch.where(same, logits[None, :], torch.full_like(logits, NEVER)[None, :])
    of_first = logits[firsts]
    each = scores.logsumexp(-1) - of_first
    return each[batch.ranked.to(device)[firsts]].mean()


def _distilled(
    spans: tuple[Tensor, ...],
    taught: tuple[Tensor, ...],
    judged: tuple[Tensor, ...],
    judged_by: tuple[Tensor, ...],
) -> dict[str, Tensor]:
    """The teacher's distributions over places, and its judgements."""
    places = [
        nn.functional.kl_div(
            (own / _SOFT).log_softmax(-1), (other / _SOFT).softmax(-1), reduction="batchmean"
        )
        for own, other in zip(spans, taught, strict=True)
    ]
    words = [nn.functional.mse_loss(own, other) for own, other in zip(judged, judged_by, strict=True)]
    return {"teacher": torch.stack(places).mean() * _SOFT**2, "judged": torch.stack(words).mean() * 0.1}
