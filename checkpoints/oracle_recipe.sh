# What the recipes of the oracles share, to be sourced: traces of $model (tiny-codi), questions about them, a training
# and its scores. Each does nothing where its result is there, so that the same command again resumes a killed run.
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${1:-runs/oracle}" && cd "${1:-runs/oracle}"

collect() {
    python "$scripts/collect_traces.py" --model "${model:-tiny}" --data word-problems --split "$1" -n "$2" \
        --ablation-types zero skip noise mean swap hide --vectors --patches 4 --output "$3"
}
prepare() {
    collect train 2000 traces_train.jsonl
    collect test 120 traces_test.jsonl
    [ -f val.jsonl ] || python "$scripts/generate_oracle_data.py" --input traces_train.jsonl \
        --output data.jsonl --val-output val.jsonl
}
train() {
    [ -f "$1/best/oracle.json" ] ||
        ${launch:-python} "$scripts/train_oracle.py" --train data.jsonl --val val.jsonl --output "$1" "${@:2}" \
            >> "$1.log" 2>&1 ||
        { tail -n 3 "$1.log" >&2; return 1; }
}
evaluate() {
    python "$scripts/eval_oracle.py" --traces traces_test.jsonl --output "$1_eval.json" --plot "$1_eval.png" \
        "${@:2}" > "$1_eval.txt"
}
both() {  # two things at a time, a core each
    $1 & $2 || { wait; exit 1; }
    wait $!
}
