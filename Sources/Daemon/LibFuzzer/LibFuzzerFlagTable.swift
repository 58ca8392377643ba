/// Every flag of libFuzzer (LLVM 14 to 21), and what it does here. `docs/libfuzzer-flags.md` has the same table with the
/// reasons; a test compares the two.
package enum LibFuzzerFlagTable {
    package static let flags: [LibFuzzerFlag] = running + corpus + output + machinery + hidden

    package static func flag(named name: String) -> LibFuzzerFlag? {
        flagsByName[name]
    }

    private static let flagsByName = Dictionary(uniqueKeysWithValues: flags.map { ($0.name, $0) })

    /// What is run, how long, by how many.
    private static let running: [LibFuzzerFlag] = [
        LibFuzzerFlag("seed", .integer(0), .same, "Seed of all random choices. 0 chooses one and prints it."),
        LibFuzzerFlag(
            "runs", .integer(-1), .same,
            "Number of executions, those of the seed corpus included; -1 is no limit. With files: how often each one runs."),
        LibFuzzerFlag(
            "max_len", .integer(0), .same,
            "Longest input in bytes. 0 takes the longest file of the corpus, at least 4096."),
        LibFuzzerFlag(
            "len_control", .integer(100), .same,
            "Short inputs first: how slowly the length limit grows (smaller is faster); 0 allows full length at once."),
        LibFuzzerFlag("timeout", .integer(1200), .different, "Seconds that one input may take; 0 is no limit."),
        LibFuzzerFlag("max_total_time", .integer(0), .same, "Seconds after which fuzzing ends; 0 is no limit."),
        LibFuzzerFlag(
            "fork", .integer(0), .different,
            "Number of workers, each with a machine of its own; findings of the kinds that are ignored do not end the campaign."),
        LibFuzzerFlag("fork_corpus_groups", .integer(0), .meaningless, "Read and ignored."),
        LibFuzzerFlag("ignore_timeouts", .integer(1), .same, "With -fork: go on after a timeout."),
        LibFuzzerFlag("ignore_ooms", .integer(1), .same, "With -fork: go on after an input that ran out of memory."),
        LibFuzzerFlag("ignore_crashes", .integer(0), .same, "With -fork: go on after a crash."),
        LibFuzzerFlag(
            "jobs", .integer(0), .same,
            "Number of fuzzing processes to run, one after the other or -workers at a time, each with its output in fuzz-JOB.log."),
        LibFuzzerFlag(
            "workers", .integer(0), .same,
            "Processes of -jobs at the same time; 0 is half of the processors, at most the jobs."),
        LibFuzzerFlag(
            "ignore_remaining_args", .integer(0), .same,
            "1: the arguments after this one are the harness's own."),
    ]

    /// Where inputs come from and how they are changed.
    private static let corpus: [LibFuzzerFlag] = [
        LibFuzzerFlag(
            "seed_inputs", .text, .same,
            "Comma-separated input files to load besides the corpus, or @FILE with such a list."),
        LibFuzzerFlag(
            "keep_seed", .integer(0), .same,
            "1: seed inputs stay in the corpus even if they show nothing new, and are never replaced by smaller ones."),
        LibFuzzerFlag("cross_over", .integer(1), .same, "1: cross inputs with one another."),
        LibFuzzerFlag(
            "cross_over_uniform_dist", .integer(0), .same,
            "1: the other parent of a cross-over is any entry, each as likely as the next."),
        LibFuzzerFlag("mutate_depth", .integer(5), .same, "Mutations stacked on one choice from the corpus."),
        LibFuzzerFlag("reduce_depth", .integer(0), .meaningless, "Read and ignored."),
        LibFuzzerFlag(
            "shuffle", .integer(1), .same,
            "1: run the seed corpus in random order; 0: as the directories list it. -prefer_small=1 sorts it by size in both cases."),
        LibFuzzerFlag("prefer_small", .integer(1), .same, "1: smaller seeds come first."),
        LibFuzzerFlag(
            "merge", .integer(0), .different,
            "1: add to the first directory those inputs of the others that show something new."),
        LibFuzzerFlag(
            "set_cover_merge", .integer(0), .different,
            "1: as -merge, with the greedy set cover: fewer inputs."),
        LibFuzzerFlag(
            "merge_control_file", .text, .different,
            "File that a merge writes its progress to; given again, the merge goes on there."),
        LibFuzzerFlag(
            "minimize_crash", .integer(0), .different,
            "1: find a smaller input that crashes. Use with -runs or -max_total_time, which count for each step."),
        LibFuzzerFlag(
            "cleanse_crash", .integer(0), .same,
            "1: replace as many bytes of a crashing input as possible by blanks or 0xff; needs -exact_artifact_path."),
        LibFuzzerFlag(
            "mutation_graph_file", .text, .same,
            "Write a graph of which input came from which by what mutation, in DOT format, to this file."),
        LibFuzzerFlag("use_counters", .integer(1), .same, "1: hit counts are features; 0: only edges are."),
        LibFuzzerFlag("use_memmem", .integer(1), .different, "1: words from memmem, strstr and kin guide mutations."),
        LibFuzzerFlag("use_value_profile", .integer(0), .same, "1: values of comparisons are features."),
        LibFuzzerFlag("use_cmp", .integer(1), .different, "1: operands of comparisons guide mutations."),
        LibFuzzerFlag("shrink", .integer(0), .same, "1: a smaller input takes over features of bigger ones."),
        LibFuzzerFlag(
            "reduce_inputs", .integer(1), .same,
            "1: a smaller mutant with all features of its origin replaces it."),
        LibFuzzerFlag(
            "reload", .integer(1), .same,
            "Seconds after which the first corpus directory is read again for inputs of other processes; 0 never."),
        LibFuzzerFlag("only_ascii", .integer(0), .same, "1: mutants are printable text and blanks."),
        LibFuzzerFlag("dict", .text, .same, "Dictionary file."),
        LibFuzzerFlag("focus_function", .text, .meaningless, "Read and ignored."),
        LibFuzzerFlag("entropic", .integer(1), .same, "1: entropic power schedule."),
        LibFuzzerFlag(
            "entropic_feature_frequency_threshold", .integer(255), .same,
            "A feature seen at most so often is rare."),
        LibFuzzerFlag(
            "entropic_number_of_rarest_features", .integer(100), .same,
            "Rare features kept whatever their frequency."),
        LibFuzzerFlag("entropic_scale_per_exec_time", .integer(0), .meaningless, "Read and ignored."),
        LibFuzzerFlag("analyze_dict", .integer(0), .meaningless, "Read and ignored."),
        LibFuzzerFlag("data_flow_trace", .text, .meaningless, "Read and ignored."),
        LibFuzzerFlag("collect_data_flow", .text, .meaningless, "Read and ignored."),
        LibFuzzerFlag("create_missing_dirs", .integer(0), .same, "1: create directories that are named and missing."),
        LibFuzzerFlag(
            "features_dir", .text, .same,
            "Write the features of each input in the corpus to a file of its name in this directory."),
    ]

    /// What is printed and written, and how the process ends.
    private static let output: [LibFuzzerFlag] = [
        LibFuzzerFlag(
            "verbosity", .integer(1), .same,
            "How much is printed; 0 prints findings only, 2 also the flags that were read."),
        LibFuzzerFlag(
            "error_exitcode", .integer(77), .same,
            "Exit code when a crash, a leak or an exit of the target was found."),
        LibFuzzerFlag("timeout_exitcode", .integer(70), .same, "Exit code when a timeout was found."),
        LibFuzzerFlag("help", .integer(0), .same, "Print this list."),
        LibFuzzerFlag("stop_file", .text, .different, "Stop as soon as this file exists."),
        LibFuzzerFlag(
            "report_slow_units", .integer(10), .same,
            "Report and save an input that ran for at least so many seconds and is the slowest yet."),
        LibFuzzerFlag(
            "artifact_prefix", .text, .same,
            "Written in front of the names of artifacts; a directory ends with a slash."),
        LibFuzzerFlag("exact_artifact_path", .text, .same, "Write the artifact to this path."),
        LibFuzzerFlag(
            "print_pcs", .integer(0), .same,
            "1: print the program counters that a new input reached first."),
        LibFuzzerFlag(
            "print_funcs", .integer(2), .different,
            "At most so many functions that a new input reached first are printed."),
        LibFuzzerFlag("print_final_stats", .integer(0), .same, "1: print statistics at the end."),
        LibFuzzerFlag(
            "print_corpus_stats", .integer(0), .same,
            "1: print a line for each input of the corpus at the end."),
        LibFuzzerFlag("print_coverage", .integer(0), .same, "1: print covered functions at the end."),
        LibFuzzerFlag(
            "print_full_coverage", .integer(0), .same,
            "1: print the source lines of reached and unreached edges at the end."),
        LibFuzzerFlag("dump_coverage", .integer(0), .meaningless, "Read and ignored."),
        LibFuzzerFlag(
            "close_fd_mask", .integer(0), .different,
            "1: drop the target's standard output, 2: its standard error, 3: both."),
        LibFuzzerFlag(
            "exit_on_src_pos", .text, .different,
            "Exit when a newly reached place is this one: FUNCTION, or text of its symbol."),
        LibFuzzerFlag("exit_on_item", .text, .same, "Exit when the input with this SHA-1 entered the corpus."),
        LibFuzzerFlag(
            "exit_on_time", .integer(0), .different,
            "Seconds without a new input after which fuzzing ends; 0 never."),
        LibFuzzerFlag("use_clang_coverage", .deprecated, .meaningless, "Deprecated."),
    ]

    /// Signals, memory, descriptors.
    private static let machinery: [LibFuzzerFlag] = [
        LibFuzzerFlag("handle_segv", .integer(1), .different, "0: leave the signal to the harness's own handling."),
        LibFuzzerFlag("handle_bus", .integer(1), .different, "0: leave the signal to the harness's own handling."),
        LibFuzzerFlag("handle_abrt", .integer(1), .different, "0: leave the signal to the harness's own handling."),
        LibFuzzerFlag("handle_ill", .integer(1), .different, "0: leave the signal to the harness's own handling."),
        LibFuzzerFlag("handle_fpe", .integer(1), .different, "0: leave the signal to the harness's own handling."),
        LibFuzzerFlag(
            "handle_int", .integer(1), .different,
            "0: the signal ends the campaign at once, without a summary."),
        LibFuzzerFlag(
            "handle_term", .integer(1), .different,
            "0: the signal ends the campaign at once, without a summary."),
        LibFuzzerFlag(
            "handle_xfsz", .integer(1), .different,
            "Read; a child that exceeds its file size is a crash in any case."),
        LibFuzzerFlag(
            "handle_usr1", .integer(1), .different,
            "0: the signal ends the process at once; otherwise the campaign ends gracefully."),
        LibFuzzerFlag(
            "handle_usr2", .integer(1), .different,
            "0: the signal ends the process at once; otherwise the campaign ends gracefully."),
        LibFuzzerFlag("handle_trap", .integer(1), .different, "0: leave the signal to the harness's own handling."),
        LibFuzzerFlag("handle_winexcept", .integer(1), .meaningless, "Read and ignored."),
        LibFuzzerFlag(
            "detect_leaks", .integer(1), .same,
            "1: find memory leaks, where the harness has LeakSanitizer."),
        LibFuzzerFlag("purge_allocator_interval", .integer(1), .meaningless, "Read and ignored."),
        LibFuzzerFlag("trace_malloc", .integer(0), .meaningless, "Read and ignored."),
        LibFuzzerFlag("rss_limit_mb", .integer(2048), .different, "Mebibytes that one input may use; 0 is no limit."),
        LibFuzzerFlag(
            "malloc_limit_mb", .integer(0), .same,
            "Mebibytes that one allocation may have; 0 takes -rss_limit_mb."),
    ]

    /// What libFuzzer's processes tell each other.
    private static let hidden: [LibFuzzerFlag] = [
        LibFuzzerFlag("minimize_crash_internal_step", .integer(0), .meaningless, isHidden: true, "Internal."),
        LibFuzzerFlag("merge_inner", .integer(0), .meaningless, isHidden: true, "Internal."),
        LibFuzzerFlag("set_cover_merge_inner", .integer(0), .meaningless, isHidden: true, "Internal."),
    ]
}
