#!/bin/bash -eu
# A build script as OSS-Fuzz runs it: it knows nothing of the engine but the variables.
cd "$(dirname "$0")"
$CC $CFLAGS -c parser.c -o "$WORK/parser.o"
$CXX $CXXFLAGS -std=c++11 parse_fuzzer.cc "$WORK/parser.o" $LIB_FUZZING_ENGINE -o "$OUT/parse_fuzzer"
(cd corpus && zip -q "$OUT/parse_fuzzer_seed_corpus.zip" ./*)
cp parse_fuzzer.dict parse_fuzzer.options "$OUT/"
