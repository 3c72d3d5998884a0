#!/usr/bin/env bash
# Trains and scores oracles for tiny-codi on two CPU cores: three seeds that read its vectors, of which the first is
# checkpoints/tiny-oracle, and one that reads the traces' text, checkpoints/tiny-oracle-text.
# The same command again resumes a killed run.
set -euo pipefail
scripts=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-runs/oracle}" && cd "${1:-runs/oracle}"

collect() {
    python "$scripts/collect_traces.py" --model tiny --data word-problems --split "$1" -n "$2" \
        --ablation-types zero skip noise swap hide --vectors --patches 4 --output "$3"
}
generate() {
    [ -f "$1_val.jsonl" ] || python "$scripts/generate_oracle_data.py" --input traces_train.jsonl \
        --output "$1_data.jsonl" --val-output "$1_val.jsonl" "${@:2}"
}
train() {
    [ -f "$1/best/oracle.json" ] ||
        python "$scripts/train_oracle.py" --base tiny --output "$1" "${@:2}" >> "$1.log" 2>&1 ||
        { tail -n 3 "$1.log" >&2; return 1; }
}
vectors() {
    train "vectors$1" --reads vectors --train vector_data.jsonl --val vector_val.jsonl --seed "$1" \
        --batch-size 16 --epochs 1 --save-every 600
}
text() { train text --train text_data.jsonl --val text_val.jsonl --batch-size 4 --epochs 1 --save-every 800; }
evaluate() {
    python "$scripts/eval_oracle.py" --traces traces_test.jsonl --output "$1_eval.json" --plot "$1_eval.png" \
        "${@:2}" > "$1_eval.txt"
}
score_vectors() { evaluate vectors --oracle-dir vectors0/best vectors1/best vectors2/best --beside text/best; }
score_text() { evaluate text --oracle-dir text/best; }
both() {  # two things at a time, as a second core hardly helps a model so small
    $1 & $2 || { wait; exit 1; }
    wait $!
}
vectors_0_1() { vectors 0 && vectors 1; }
text_vectors_2() { text && vectors 2; }

collect train 2000 traces_train.jsonl
collect test 500 traces_test.jsonl
generate text
generate vector --strategies ablation early_decode contrastive patching counterfactual token_stats
export OMP_NUM_THREADS=1
both text_vectors_2 vectors_0_1
both score_text score_vectors
cat text_eval.txt vectors_eval.txt
