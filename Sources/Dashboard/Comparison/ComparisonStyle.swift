/// The page's style sheet: the reader's own light or dark ground, one column, tables that scroll by
/// themselves.
enum ComparisonStyle {
    static let sheet = """
        :root {
          color-scheme: light dark;
          --ground: #fcfcfb; --text: #1b1b1a; --quiet: #5c5b57; --line: #dddcd6; --bar: #2a78d6;
          --phase0: #2a78d6; --phase1: #1baf7a; --phase2: #eda100; --phase3: #8a5cd0;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #1a1a19; --text: #f4f3ef; --quiet: #b4b2aa; --line: #3b3a37; --bar: #3987e5;
            --phase0: #3987e5; --phase1: #199e70; --phase2: #c98500; --phase3: #9d78dc;
          }
        }
        body { margin: 0; background: var(--ground); color: var(--text);
            font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 44rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.4rem; margin: 0; }
        h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
        p { margin: .3rem 0; }
        .subtitle, p { color: var(--quiet); }
        svg { display: block; width: 100%; max-width: 28rem; height: auto; margin: .8rem 0; }
        svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
        .axis { stroke: var(--line); }
        .spread { stroke: var(--text); stroke-width: 1.5; }
        .bar { fill: var(--bar); }
        .phase0 { fill: var(--phase0); background: var(--phase0); }
        .phase1 { fill: var(--phase1); background: var(--phase1); }
        .phase2 { fill: var(--phase2); background: var(--phase2); }
        .phase3 { fill: var(--phase3); background: var(--phase3); }
        .legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; margin: .5rem 0;
            list-style: none; }
        .legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em;
            border-radius: 2px; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
        th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
            white-space: nowrap; }
        th { color: var(--quiet); font-weight: 600; }
        th:first-child, td:first-child, .text { text-align: left; }
        code { font-size: .85em; }
        """
}
