"""
Patchscopes: a latent vector read by the model itself, put in place of one token of a fixed prompt (arXiv 2401.06102).

    from patchscopes import PATCHSCOPES, read_back
    read_back(codi, PATCHSCOPES["story"], thoughts.vectors["z"][:, 2], "z")  # what it says of each vector

A patchscope of your own is one row of PATCHSCOPES.
"""

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor

from codi_model import decoded_texts, prompt_ids, text_ids
from loading import Codi
from patches import Items, Thoughts
from runs import Edit, changed_blocks, decode_all, extend, in_batches, plan_batches, start_runs
from scores import share_row
from scripting import log

MOST_TOKENS = 8  # of a continuation


@dataclass(frozen=True)
class Patchscope:
    """A text with a place for the vector, {x}, and whether it is a question, answered without latent steps, or a text
    that goes on."""

    text: str
    is_question: bool

    def ids(self, codi: Codi, filling: str) -> list[int]:
        text = self.text.format(x=filling)
        return prompt_ids(codi, text, "direct") if self.is_question else text_ids(codi, text, [])

    def place(self, codi: Codi) -> tuple[list[int], int] | None:
        """Its tokens, and which of them the vector takes the place of: the only one that another number changes. None
        where there is no such token."""
        one, other = self.ids(codi, "7"), self.ids(codi, "8")
        if len(one) != len(other):
            return None
        places = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        return (one, places[0]) if len(places) == 1 else None


PATCHSCOPES: dict[str, Patchscope] = {
    "story": Patchscope("Ava has {x} cards. How many cards does Ava have?", True),
    "identity": Patchscope("12 -> 12; 47 -> 47; 8 -> 8; {x} ->", False),
}


@torch.inference_mode()
def read_back(codi: Codi, scope: Patchscope, vectors: Tensor, stream: str) -> list[str]:
    """What the model says where each of `vectors` (B, D) stands in the prompt: as an embedding where the stream is z,
    after block L where it is resid_L."""
    ids, place = scope.place(codi)
    layer = int(stream.partition("_")[2] or 0)
    start = codi.opening() if scope.is_question else []
    texts = [""] * len(vectors)

    def work(rows):
        of_rows = vectors[rows][:, None].to(codi.device, codi.embed.weight.dtype)  # (B, 1, D)
        run = start_runs(codi, [ids[:place]] * len(rows))
        if layer:
            token = codi.embed(torch.full((len(rows), 2), ids[place], device=codi.device))
            with changed_blocks(codi, 0, [Edit(0, blocks={layer: lambda step, h, plain: of_rows})]):
                run = extend(codi, run.pick([0, 0]), token).pick([1])
        else:
            run = extend(codi, run, of_rows)
        rest = torch.tensor([ids[place + 1 :]] * len(rows), device=codi.device)
        run = extend(codi, run, codi.embed(rest)) if rest.shape[1] else run
        if scope.is_question:
            done = [text for (text,) in decoded_texts(codi, run, MOST_TOKENS)]
        else:
            done = [first_word(codi.tokenizer.decode(i)) for (i,) in decode_all(codi, run, start, MOST_TOKENS)]
        for row, text in zip(rows, done, strict=True):
            texts[row] = text

    in_batches(work, plan_batches([len(ids) + MOST_TOKENS] * len(vectors), codi.device.type))
    return texts


def first_word(text: str) -> str:
    """What a continuation says of the vector, before it goes on to the next."""
    return (text.replace(";", " ").split() or [""])[0]


def patchscope_rows(codi: Codi, items: Items, thoughts: Thoughts) -> list[dict]:
    """How often each patchscope says of what a step has what the run says when stopped there; `thoughts` are those of
    the items with their early answers. Beside it the same with another question's vector, and the best constant."""
    rows = []
    for name, scope in PATCHSCOPES.items():
        if scope.place(codi) is None:
            log(f"The patchscope {name} is left out: {codi.name} has no token of its own for its number.")
            continue
        for stream, vectors in thoughts.vectors.items():
            for step in range(codi.num_latent):
                truths = [early[step + 1] for early in thoughts.early]
                said = read_back(codi, scope, vectors[:, step], stream)
                same = [problem.same for problem in items.problems]
                right = [is_same(*pair) for is_same, *pair in zip(same, said, truths, strict=True)]
                swapped = [said[other] for other in items.others]
                others = [is_same(*pair) for is_same, *pair in zip(same, swapped, truths, strict=True)]
                (constant, _), *_ = Counter(truths).most_common(1)
                row = {"patchscope": name, "stream": stream, "step": step, "n": len(truths), "right": share_row(right)}
                row["another's"] = share_row(others)
                rows.append(row | {"constant": share_row([truth == constant for truth in truths])})
    return rows
