/// What the comparison's plots need beside the style sheet of all pages.
enum ComparisonStyle {
    static let sheet = """
        :root { --phase0: #2a78d6; --phase1: #1baf7a; --phase2: #eda100; --phase3: #8a5cd0; }
        @media (prefers-color-scheme: dark) {
          :root { --phase0: #3987e5; --phase1: #199e70; --phase2: #c98500; --phase3: #9d78dc; }
        }
        svg { max-width: 28rem; margin: .8rem 0; }
        svg text { fill: var(--text); font-size: 12px; }
        .spread { stroke: var(--text); stroke-width: 1.5; }
        .bar { fill: var(--bar); }
        .phase0 { fill: var(--phase0); background: var(--phase0); }
        .phase1 { fill: var(--phase1); background: var(--phase1); }
        .phase2 { fill: var(--phase2); background: var(--phase2); }
        .phase3 { fill: var(--phase3); background: var(--phase3); }
        .legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; margin: .5rem 0; list-style: none; }
        .legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; }
        """
}
