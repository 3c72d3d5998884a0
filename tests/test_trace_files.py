"""Trace files that are cut, edited or another run's are refused; so are values that no trace has."""

import hashlib
import json

import pytest
import torch
from builders import made_trace
from safetensors.torch import save_file

from files import meta_path, vectors_path, write_json, write_meta
from oracle_prompts import View
from scripting import UserError
from traces import Trace, Vectors, read_traces, settings_of

sha256_of_nothing = hashlib.sha256(b"").hexdigest()


def test_an_edited_trace_file_is_refused(tmp_path):
    """An answer changed by hand, or data killed before its meta file was written, was read as if nothing was."""
    path = tmp_path / "t.jsonl"
    path.write_text(made_trace().to_json() + "\n")
    write_meta(path, {"settings": {}}, [path])
    assert len(list(read_traces(path))) == 1
    path.write_text(path.read_text().replace("17", "18"))
    with pytest.raises(UserError, match="not what its meta file describes"):
        list(read_traces(path))


def test_settings_null_are_a_sentence(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text("")
    write_meta(path, {"settings": None}, [path])
    with pytest.raises(UserError, match="settings is 'None'"):
        settings_of(path, "Collect again.")


def test_vectors_rolled_by_one_are_refused(tmp_path):
    path, z = tmp_path / "t.jsonl", torch.ones(3, 2, 4)
    path.write_text("")
    h = torch.arange(36.0).reshape(3, 3, 4)
    save_file({"h": h, "z": z}, vectors_path(path, 0))
    write_meta(path, {"settings": {"num_latent": 2}}, [path, vectors_path(path, 0)])
    assert torch.equal(Vectors(path)[1]["h"], h[1])
    save_file({"h": h.roll(1, 0), "z": z}, vectors_path(path, 0))
    with pytest.raises(UserError, match="not what its meta file describes"):
        Vectors(path)[1]


@pytest.mark.parametrize(
    "tensors, word",
    [
        ({"z": torch.ones(2, 2, 4)}, "no h"),
        ({"h": torch.ones(2, 3, 4, dtype=torch.int32), "z": torch.ones(2, 2, 4)}, "I32"),
        ({"h": torch.ones(2, 3, 4), "z": torch.ones(2, 2, 5)}, "z has the shape"),
        ({"h": torch.ones(2, 3, 4) / 0, "z": torch.ones(2, 2, 4)}, "not finite"),
    ],
)
def test_wrong_vectors_are_a_sentence(tmp_path, tensors, word):
    path = tmp_path / "t.jsonl"
    path.write_text("")
    save_file(tensors, vectors_path(path, 0))
    write_meta(path, {}, [path, vectors_path(path, 0)])
    with pytest.raises(UserError, match=word):
        Vectors(path)[0]


@pytest.mark.parametrize("files", [{"files": {"t.jsonl": sha256_of_nothing}}, {"files": {}}, {}])
def test_vectors_that_the_meta_file_does_not_name_are_refused(tmp_path, files):
    """Traces collected without --vectors were read with what stood beside them, the vectors of other questions."""
    path = tmp_path / "t.jsonl"
    path.write_text("")
    save_file({"h": torch.ones(2, 3, 4), "z": torch.ones(2, 2, 4)}, vectors_path(path, 0))
    write_json(meta_path(path), {"settings": {"num_latent": 2}} | files)
    with pytest.raises(UserError, match="does not name t.vectors-00000.safetensors"):
        Vectors(path)[0]


@pytest.mark.parametrize(
    "change", [{"index": 10**40}, {"donor": -1}, {"lens": [[1]]}, {"patches": [{"donor": 0, "steps": ["x"]}]},
               {"question": "\ud800"}, {"encoding": {}}, {"gold_chain": 3}]
)  # fmt: skip
def test_values_that_no_trace_has_are_sentences(change):
    row = json.loads(made_trace().to_json()) | change
    with pytest.raises(UserError):
        Trace.from_json(json.dumps(row), "here")


def test_a_step_without_its_number_is_a_sentence():
    row = json.loads(made_trace().to_json())
    del row["steps"][0]["step"]
    with pytest.raises(UserError, match="steps.0. is no reading"):
        Trace.from_json(json.dumps(row), "here")


@pytest.mark.parametrize("change", [{"reads": "foo"}, {"vectors": ["q"]}, {"steps": "some"}])
def test_unknown_views_are_refused(change):
    with pytest.raises(UserError, match="which no oracle has"):
        View.of(View().settings() | change, "oracle.json")
