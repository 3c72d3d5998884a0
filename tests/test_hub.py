"""
What is asked of the Hub, and that what the public checkpoints hold fits their rows of FAMILIES.

    python -m pytest -m hub

asks the real Hub of every name: small files are fetched, of weights the heads alone; one test fetches the smallest
checkpoint. Without a network these are skipped. The check itself is tested on folders that stand in for repositories.
"""

import io
import json
from pathlib import Path

import huggingface_hub
import pytest
import torch
from huggingface_hub import HfApi, HfFileSystem
from huggingface_hub.errors import RemoteEntryNotFoundError
from safetensors.torch import load_file
from test_families import LAYOUTS, base_tokenizer, write_file, written  # noqa: F401, two are fixtures

import bench_codi
import checkpoints
import loading
import tensor_files
from checkpoints import INDEX, PROJECTION_FILE, repository_of
from families import FAMILIES, HUB_IDS
from scripting import UserError

FETCH, PLACE, STORED = checkpoints.fetch, checkpoints.weights_path, checkpoints.stored_weights


class Gone(RemoteEntryNotFoundError):
    def __init__(self):
        """Without the response that it otherwise needs."""


# --- What is fetched ---------------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """hub(files) -> what was asked for: a Hub whose one repository has these files, of which the small are there."""

    def make(files):
        asked = []

        def one(hub_id, file, revision):
            asked.append(file)
            if file not in files:
                raise Gone

        def snapshot(hub_id, allow_patterns):
            make.repository.append(hub_id)
            make.patterns.append(allow_patterns)
            return str(tmp_path)

        make.repository, make.patterns = [], []
        monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
        monkeypatch.setattr(huggingface_hub, "hf_hub_download", one)
        monkeypatch.setattr(huggingface_hub.HfApi, "list_repo_files", lambda *_, **__: files)
        return asked

    return make


@pytest.mark.parametrize("is_folder", [False, True])
def test_one_of_several_checkpoints_of_a_repository(hub, tmp_path, is_folder):
    """Each is a file named checkpoint_best, or a folder of that name."""
    place = "pause-multipass/checkpoint_best"
    asked = hub([f"{place}/pytorch_model.bin" if is_folder else place, "coconut/checkpoint_best", "coconut/x.bin"])
    (tmp_path / place).parent.mkdir()
    if is_folder:
        (tmp_path / place).mkdir()
    else:
        (tmp_path / place).write_bytes(b"")  # small patterns name it, too
    found, family = checkpoints.find_checkpoint("pause-multipass")
    assert found == tmp_path / place and family == "coconut-pause"
    assert hub.repository == ["bmarti44/coconut-curriculum-checkpoints"] and place in hub.patterns[0]
    assert asked[-1:] == ([f"{place}/pytorch_model.bin"] if is_folder else [])
    assert checkpoints.snapshot_of(tmp_path / "snapshots" / "abc" / place) == "abc"


@pytest.mark.parametrize(
    "name, files, taken",
    [
        ("coconut-gsm8k", ["config.json", "checkpoint_28"], "checkpoint_28"),
        ("simcot-gpt2", ["config.json", "model-00001-of-00001.safetensors"], "model-00001-of-00001.safetensors"),
        ("someone/else", ["optimizer.pt", "training_args.bin", "epoch3.pt"], "epoch3.pt"),
        ("llama1b", ["pytorch_model.bin", "model.gguf"], "pytorch_model.bin"),
    ],
)
def test_the_right_file_is_fetched(hub, name, files, taken):
    asked = hub(files)
    checkpoints.find_checkpoint(name)
    assert asked[-1] == taken and asked.count(taken) == 1


def test_an_index_fetches_its_shards_and_an_adapter_its_file(hub, tmp_path):
    asked = hub(["model-1.safetensors", "model-2.safetensors", "adapter_model.safetensors"])
    (tmp_path / "adapter_config.json").write_text("{}")
    checkpoints.find_checkpoint("someone/else")
    assert asked == ["adapter_model.safetensors"]
    names = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    checkpoints.find_checkpoint("simcot-llama8b")
    assert asked[1:] == list(names.values())


# --- Whether what a repository holds fits its row ----------------------------------------------------------------


class Listed:
    """A tensor of which only the shape is known."""

    def __init__(self, shape):
        self.shape = torch.Size(shape)

    def numel(self):
        return self.shape.numel()

    def equals(self, other):
        return True

    def read(self, *place):
        return torch.zeros(self.shape)


def shapes_in(file, name):
    """{key: shape} of a file of weights, open for reading: of safetensors the head, of a pickle the end and what it
    says, which is a small part of either."""
    if name.endswith(".safetensors"):
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return {key: said["shape"] for key, said in head.items() if key != "__metadata__"}
    return {key: tensor.shape for key, tensor in torch.load(file, map_location="meta", weights_only=True).items()}


class RealHub:
    """Repositories as they are; weights are read by range requests."""

    def __init__(self):
        self.list, self.download, self.known = HfApi().list_repo_files, huggingface_hub.snapshot_download, {}

    def names(self, repository):
        if repository not in self.known:
            self.known[repository] = self.list(repository)
        return self.known[repository]

    def open(self, repository, name):
        return HfFileSystem().open(f"{repository}/{name}", "rb", block_size=1 << 20)

    def snapshot(self, repository, patterns):
        return self.download(repository, allow_patterns=patterns)


def check_row(hub, name, monkeypatch):
    """Open a name of HUB_IDS as a script would, up to where weights are read, on a Hub that gives no weights; returns
    what was opened. UserError, or KeyError for a file that is not there, unless all of it fits."""
    snapshots, chosen = {}, {}

    def snapshot(repository, allow_patterns):
        small = [pattern for pattern in allow_patterns if pattern.endswith((".json", ".txt", ".model", ".jinja"))]
        folder = Path(hub.snapshot(repository, small))
        snapshots[folder] = repository
        return str(folder)

    def download(repository, file, revision):
        if file not in hub.names(repository):
            raise Gone
        chosen.setdefault(repository, file)

    def place(path):
        """Repository and folder of the snapshot that a path is in."""
        return next(
            ((snapshots[folder], folder) for folder in (path, *path.parents) if folder in snapshots), (None, None)
        )

    def weights_path(folder):
        repository, snapshot = place(folder)
        if repository is None or (folder / INDEX).is_file():  # an adapter's base on this disk
            return PLACE(folder)
        inside = repository_of(HUB_IDS[name])[1]
        found = chosen.get(repository) or (inside if inside in hub.names(repository) else None)
        assert found, f"{repository} holds none of the weights looked for: {hub.names(repository)}"
        return snapshot / found

    def listed(path):
        repository, snapshot = place(path)
        if repository is None:
            return STORED(path)
        files = checkpoints.shards_of(path) if path.name == INDEX else [path.name]
        shapes = {}
        for file in files:
            where = (path.parent / file).relative_to(snapshot).as_posix()
            with hub.open(repository, where) as opened:
                shapes |= shapes_in(opened, file)
        if PROJECTION_FILE in hub.names(repository) and not any(
            key.startswith(("prj.", "projector.")) for key in shapes
        ):
            with hub.open(repository, PROJECTION_FILE) as opened:
                apart = shapes_in(opened, PROJECTION_FILE).items()
            shapes |= {f"prj.{key.removeprefix('prj.')}": shape for key, shape in apart}
        return {key: Listed(shape) for key, shape in shapes.items()}

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    monkeypatch.setattr(huggingface_hub.HfApi, "list_repo_files", lambda self, repository, **_: hub.names(repository))
    for module in (checkpoints, loading):
        monkeypatch.setattr(module, "weights_path", weights_path)
    monkeypatch.setattr(checkpoints, "stored_weights", listed)
    found = loading.open_checkpoint(name, None)
    alpha = loading.choose_alpha(None, found, name)
    language = checkpoints.merge_lora(
        found.folder, found.language, found.lora, found.config.model_type == "gpt2", alpha or 1
    )
    loading.named_weights(found.config, language, found.path)
    loading.build_projection(found.row.feeds, found.projection, found.config.hidden_size, found.path)
    return found


class Counting(io.FileIO):
    """A file that counts what is read of it."""

    def __init__(self, path, counts):
        super().__init__(path)
        self.counts = counts

    def readinto(self, buffer):
        size = super().readinto(buffer)
        self.counts.append(size)
        return size

    def read(self, size=-1):
        data = super().read(size)
        self.counts.append(len(data))
        return data


class FolderHub:
    """Folders that stand in for repositories: one for that of a name, one with its base's tokenizer for all others."""

    def __init__(self, name, folder, base):
        self.repository, self.folder, self.base, self.counts = repository_of(HUB_IDS[name])[0], folder, base, []

    def names(self, repository):
        return [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()]

    def open(self, repository, name):
        return Counting(self.folder / name, self.counts)

    def snapshot(self, repository, patterns):
        return self.folder if repository == self.repository else self.base


@pytest.fixture
def folder_hub(written, tmp_path, monkeypatch):  # noqa: F811
    """folder_hub(layout, name) -> a Hub where the repository of a name holds that checkpoint, at the name's path."""

    def make(layout, name):
        folder, _ = written(layout)
        monkeypatch.setattr(checkpoints, "fetch", FETCH)
        inside = repository_of(HUB_IDS[name])[1]
        if inside:
            file = next(folder.glob("checkpoint_*"))
            (folder / inside).parent.mkdir()
            file.rename(folder / inside)
        return FolderHub(name, folder, tmp_path / "base-tokenizer")

    return make


def layout_of(name):
    return LAYOUTS[next(family for family, row in FAMILIES.items() if name in row.names)]


@pytest.mark.parametrize("name", sorted(HUB_IDS))
def test_a_repository_that_fits_its_row_passes_without_its_weights(folder_hub, monkeypatch, name):
    hub = folder_hub(layout_of(name), name)
    monkeypatch.setattr(tensor_files.TensorFile, "read", lambda *_: pytest.fail("weights were read"))
    found = check_row(hub, name, monkeypatch)
    assert name in found.row.names and hub.counts


@pytest.mark.parametrize(
    "layout, name, why",
    [
        ("coconut", "official-gpt2", "unknown keys base_causallm."),
        ("coconut", "pause-curriculum", "missing pause_embedding"),
        ("official-no-ln", "official-gpt2", "missing prj.ln."),
        ("latent-tts-codi", "latent-tts-coconut", "unknown keys projector."),
    ],
)
def test_a_repository_that_does_not_fit_its_row_is_told(folder_hub, monkeypatch, layout, name, why):
    with pytest.raises(UserError, match=why):
        check_row(folder_hub(LAYOUTS[layout], name), name, monkeypatch)


def test_a_repository_that_lacks_a_weight_or_a_shape_is_told(folder_hub, monkeypatch):
    hub = folder_hub(LAYOUTS["official"], "official-gpt2")
    weights = load_file(hub.folder / "model.safetensors")
    norm = "codi.base_model.model.transformer.ln_f.weight"
    for change, why in (({norm: torch.ones(5)}, "misshapen transformer.ln_f.weight"), ({}, "missing transformer.ln_f")):
        write_file(hub.folder, "model.safetensors", {k: t for k, t in weights.items() if k != norm} | change)
        with pytest.raises(UserError, match=why):
            check_row(hub, "official-gpt2", monkeypatch)


@pytest.mark.parametrize("file", ["x.safetensors", "x.bin"])
def test_shapes_are_read_without_the_numbers(tmp_path, file):
    weights = {f"k{i}": torch.zeros(100_000 + i) for i in range(20)}
    write_file(tmp_path, file, weights)
    counts = []
    with Counting(tmp_path / file, counts) as opened:
        shapes = shapes_in(opened, file)
    assert {key: tuple(shape) for key, shape in shapes.items()} == {key: tuple(t.shape) for key, t in weights.items()}
    assert 0 < sum(counts) < 0.02 * (tmp_path / file).stat().st_size


# --- The real one ------------------------------------------------------------------------------------------------


@pytest.fixture
def real_hub(monkeypatch):
    """The real Hub; without a network the test is skipped."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    try:
        HfApi().model_info("openai-community/gpt2", timeout=10)
    except Exception as error:  # whatever says that there is no way there
        pytest.skip(f"no network to the Hub ({type(error).__name__})")
    return RealHub()


@pytest.mark.hub
@pytest.mark.parametrize("name", sorted(HUB_IDS))
def test_a_public_checkpoint_fits_its_row(real_hub, monkeypatch, name):
    found = check_row(real_hub, name, monkeypatch)
    assert name in found.row.names


@pytest.mark.hub
def test_the_smallest_public_checkpoint_answers(real_hub, tmp_path):
    """Its authors report 43.7% of GSM8K; of 20 questions 3 or more are right in all but a few of 10,000 draws."""
    output = tmp_path / "results.json"
    bench_codi.main(
        ["--model", "official-gpt2", "--device", "cpu", "--data", "gsm8k", "-n", "20", "--mode", "reasoning",
         "--output", str(output)]
    )  # fmt: skip
    score = json.loads(output.read_text())["reasoning"]
    assert score["num_examples"] == 20 and score["correct"] >= 3
