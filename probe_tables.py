"""
Tables and heatmaps of what probe_latents.py measured, made of its JSON and of nothing else.

    for table in show_lens(results): print_table(console, table)
    plot(results, [row for row in draw_lens(results)], Path("probes.png"))
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from files import drawing
from probes import PROBED
from scores import interval_text
from scripting import add_row, log, new_table

NUMBERS = ("result", "other number", "frequent number", "unrelated result")  # of the table of solved questions
LENSES = ("tuned lens", "logit lens")


def cell(row: dict | None, *place: int) -> str:
    """36.7 [34.1, 39.3], of a share_row(), or of a grid() or means() at a place of it."""
    if row is None:
        return "-"
    if "interval" in row:
        return interval_text(row["accuracy"], row["interval"])
    values = [row[name] for name in ("accuracy" if "accuracy" in row else "mean", "low", "high")]
    for index in place:
        values = [value[index] for value in values]
    return interval_text(values[0], (values[1], values[2]))


# --- Lens selectivity -------------------------------------------------------------------------------------------


def show_lens(results: dict) -> Iterator:
    section = results["lens"]
    yield from tables_of_lens(section)
    left_out = {name: count for name, count in section["no_single_token"].items() if count}
    if left_out:
        counts = ", ".join(f"{name} {count}" for name, count in left_out.items())
        log(f"Left out of the lens's counts, as no single token is their text: {counts}.")


def tables_of_lens(section: dict) -> Iterator:
    for name, reading in section["readings"].items():
        top = f"top {section['top_k']} of {'the lens of h' if name == 'h' else 'the cosines of z'}"
        table = new_table(
            f"In the {top}, % of held-out questions",
            "chain step", "target", "n", "fixed step", "at it", "at a random other", "at any", left=2,
        )  # fmt: skip
        for number, rows in reading["chain_steps"].items():
            fixed = reading["fixed_steps"][int(number) - 1]
            for target, row in rows.items():
                total = row["any"]["total"] if row["any"] else 0
                add_row(table, number, target, total, fixed, *(cell(row[key]) for key in ("fixed", "random", "any")))
        yield table
        yield table_of_steps(f"Any of a question's in the {top}, % of all questions", reading)
        if reading["all_of_solved"]:
            yield table_of_solved(f"All of a question's in the {top}, % of those solved", reading)


def table_of_steps(title: str, reading: dict):
    table = new_table(title, "target", "n", *(f"step {step}" for step in reading["steps"]), left=1)
    for target, row in reading["step_has_any"].items():
        if row:
            add_row(table, target, row["total"], *(cell(row, place) for place in range(len(reading["steps"]))))
    return table


def table_of_solved(title: str, reading: dict):
    table = new_table(title, "chain steps", "target", "n", "each at its fixed step", "each at any", left=2)
    for length, rows in reading["all_of_solved"].items():
        for target in NUMBERS:
            if row := rows[target]["any"]:
                add_row(table, length, target, row["total"], cell(rows[target]["fixed"]), cell(row))
    return table


def draw_lens(results: dict) -> Iterator[list["Panel"]]:
    rows = results["lens"]["by_layer"].items()
    yield [Panel.of(f"logit lens: result {number}", results, row["result"]) for number, row in rows]


# --- The tuned lens ---------------------------------------------------------------------------------------------


def show_tuned(results: dict) -> Iterator:
    section, steps = results["tuned"], results["steps"]
    table = new_table(
        "Divergence from the final distribution, nats; in brackets the logit lens's",
        "layer", "n", *(f"step {step}" for step in steps), "steps from 0 on", "same top token, %", left=1,
    )  # fmt: skip
    tuned, plain = (section[name] for name in LENSES)
    for place, layer in enumerate(results["layers"][:-1]):
        pairs = zip(tuned["kl_nats"]["mean"][place], plain["kl_nats"]["mean"][place], strict=True)
        same = [float(np.mean(one["same_top_token"]["accuracy"][place][1:])) for one in (tuned, plain)]
        mean = f"{two_digits(tuned, place)} ({plain['mean_kl_nats']['mean'][place]:.2f})"
        add_row(
            table, layer, tuned["kl_nats"]["total"], *(f"{a:.2f} ({b:.2f})" for a, b in pairs), mean,
            f"{same[0]:.1f} ({same[1]:.1f})",
        )  # fmt: skip
    constant = section["constant_kl_nats"]
    add_row(table, "constant", constant["total"], *(f"{mean:.2f}" for mean in constant["mean"]), "", "")
    yield table


def two_digits(section: dict, place: int) -> str:
    """0.52 [0.48, 0.57]"""
    mean, low, high = (section["mean_kl_nats"][name][place] for name in ("mean", "low", "high"))
    return f"{mean:.2f} [{low:.2f}, {high:.2f}]"


def draw_tuned(results: dict) -> Iterator[list["Panel"]]:
    rows = results["tuned"]["tuned lens"]["by_layer"].items()
    yield [Panel.of(f"tuned lens: result {number}", results, row["result"]) for number, row in rows]


# --- The linear probe -------------------------------------------------------------------------------------------


def show_linear(results: dict) -> Iterator:
    table = new_table(
        "Linear probes, where cross-validation on the training questions is best, % of test questions",
        "chain step", "target", "train", "n", "layer", "step", "right", "labels shuffled", "commonest class", left=2,
    )  # fmt: skip
    for number, rows in results["linear"]["chain_steps"].items():
        for target, row in rows.items():
            layer, step = row["best"]["layer"], row["best"]["step"]
            place = (results["layers"].index(layer), step + 1)
            add_row(
                table, number, target, row["train"], row["probe"]["total"], layer, step, cell(row["probe"], *place),
                cell(row["shuffled"], *place), cell(row["commonest"]),
            )  # fmt: skip
    yield table


def draw_linear(results: dict) -> Iterator[list["Panel"]]:
    table = results["linear"]["chain_steps"]
    for name in PROBED:
        rows = [(number, row[name]) for number, row in table.items() if name in row]
        yield [Panel.of(f"linear probe: {name} {number}", results, row["probe"]) for number, row in rows]


# --- Attention --------------------------------------------------------------------------------------------------


def show_attention(results: dict) -> Iterator:
    section = results["attention"]
    table = new_table(
        "Attention, % of all that a query gives; after the slash, if it were even",
        "query",
        "n",
        *section["keys"],
        left=1,
    )
    rows = [*zip(section["queries"], section["of"], strict=True), ("later steps", section["of_later_steps"])]
    for query, row in rows:
        if row:
            cells = [attention_cell(row, place) for place in range(len(row["even"]))]
            add_row(table, query, row["all_layers"]["total"], *([""] if query == "later steps" else []), *cells)
    yield table


def attention_cell(row: dict, place: int) -> str:
    """24.1 [22.8, 25.4] / 2.8; empty where there is nothing to see."""
    return f"{cell(row['all_layers'], place)} / {row['even'][place]:.1f}" if row["even"][place] else ""


def draw_attention(results: dict) -> Iterator[list["Panel"]]:
    section = results["attention"]
    steps, layers = results["steps"], range(1, results["layers"][-1] + 1)
    of = dict(zip(section["queries"], section["of"], strict=True))
    by_layer = {name: [row[1:-1] for row in of[name]["by_layer"]] for name in ("eot", "answer") if of[name]}
    if section["of_later_steps"]:
        by_layer["later steps"] = section["of_later_steps"]["by_layer"]
    yield [
        Panel(f"attention of {name}\n%", values, list(map(str, steps[: len(values[0])])), list(map(str, layers)))
        for name, values in by_layer.items()
    ]


# --- Pictures ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """A heatmap of percents."""

    title: str
    values: list[list[float]]  # rows from the bottom, then columns
    columns: list[str]
    rows: list[str]

    @classmethod
    def of(cls, title: str, results: dict, scores: dict | None) -> "Panel":
        """A grid() by layer and step; empty where there is none."""
        layers, steps = results["layers"], results["steps"]
        values = scores["accuracy"] if scores else [[float("nan")] * len(steps) for _ in layers]
        count = scores["total"] if scores else 0
        return cls(f"{title}\n% of {count}", values, list(map(str, steps)), list(map(str, layers)))


def plot(results: dict, panels: list[list[Panel]], path: Path) -> None:
    """Heatmaps, a row of them per probe and target."""
    columns = max(map(len, panels))
    size = (1.5 + 0.5 * len(results["steps"]) * columns, len(panels) * (1.2 + 0.25 * len(results["layers"])))
    with drawing(path, size=size, dpi=100) as (figure, (axis,)):
        axis.remove()
        axes = figure.subplots(len(panels), columns, squeeze=False)
        for row, places in zip(panels, axes, strict=True):
            for place in places[len(row) :]:
                place.axis("off")
            for panel, place in zip(row, places[: len(row)], strict=True):
                draw_panel(panel, place)
        figure.suptitle(f"{results['meta']['model']} on {results['meta']['data']}: layer (up) by latent step (across)")


def draw_panel(panel: Panel, axis) -> None:
    axis.imshow(np.array(panel.values, dtype=float), origin="lower", aspect="auto", vmin=0, vmax=100, cmap="Blues")
    axis.set_title(panel.title, fontsize=8)
    axis.set_xticks(range(len(panel.columns)), panel.columns, fontsize=7)
    every = max(1, len(panel.rows) // 10)
    axis.set_yticks(range(0, len(panel.rows), every), panel.rows[::every], fontsize=7)
    if len(panel.rows) <= 12:
        for y, row in enumerate(panel.values):
            for x, value in enumerate(row):
                if value == value:
                    axis.text(
                        x, y, f"{value:.0f}", ha="center", va="center", fontsize=6, color="w" if value > 60 else "k"
                    )
