"""What is asked of the Hub, and that what the public checkpoints hold fits their rows of FAMILIES."""

import json

import pytest

import checkpoints

# --- The Hub -----------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """hub(files) -> what was asked for: a Hub whose one repository has these files, of which the small are there."""
    import huggingface_hub
    from huggingface_hub.errors import RemoteEntryNotFoundError

    class Gone(RemoteEntryNotFoundError):
        def __init__(self):
            """Without the response that it otherwise needs."""

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
