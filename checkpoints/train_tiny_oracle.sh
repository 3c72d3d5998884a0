#!/usr/bin/env bash
# Trains and scores oracles for tiny-codi on two CPU cores: three seeds that read its vectors, of which the first is
# checkpoints/tiny-oracle, and one that reads the traces' text.
# The same command again resumes a killed run.
source "$(dirname "$0")/oracle_recipe.sh"

epoch() {  # NAME SEED BASE and what the base needs
    train "$1" --seed "$2" --base "$3" "${@:4}" --reads vectors --batch-size 16 --epochs 1 --save-every 600
}
vectors() {  # each epoch goes on from the one before, at half the first one's rate
    epoch "first$1" "$1" tiny
    epoch "second$1" "$(($1 + 1))" "first$1/best" --tune full --lr 1e-3
    epoch "third$1" "$(($1 + 2))" "second$1/best" --tune full --lr 1e-3
    epoch "vectors$1" "$(($1 + 3))" "third$1/best" --tune full --lr 1e-3
}
text() { train text --base tiny --batch-size 4 --epochs 1 --save-every 800; }
score_vectors() { evaluate vectors --oracle-dir vectors0/best vectors1/best vectors2/best --beside text/best; }
score_text() { evaluate text --oracle-dir text/best; }
vectors_0_1() { vectors 0 && vectors 1; }
text_vectors_2() { text && vectors 2; }

prepare
export OMP_NUM_THREADS=1
both text_vectors_2 vectors_0_1
both score_text score_vectors
cat text_eval.txt vectors_eval.txt
