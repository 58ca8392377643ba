/// The style sheet of all pages: the reader's own light or dark ground, one column.
enum PageStyle {
    static let sheet = [colours, layout, tables, plots, source].joined(separator: "\n")

    private static let colours = """
        :root {
          color-scheme: light dark;
          --ground: #fcfcfb; --card: #f3f2ee; --text: #1b1b1a; --quiet: #5c5b57; --line: #dddcd6; --grid: #e8e7e1;
          --bar: #2a78d6; --second: #1baf7a; --alarm: #c9372c; --heat: 84, 158, 244;
          --reached: #dff3e6; --missed: #fbe3df; --partly: #fdf1cf;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #1a1a19; --card: #242422; --text: #f4f3ef; --quiet: #b4b2aa; --line: #3b3a37; --grid: #2d2c2a;
            --bar: #4c98ee; --second: #27b380; --alarm: #ff7a6b; --heat: 28, 96, 186;
            --reached: #17331f; --missed: #45201b; --partly: #3f340f;
          }
        }
        """

    private static let layout = """
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
            -webkit-text-size-adjust: 100%; }
        main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: .3rem 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
        h3 { font-size: 1rem; margin: 1rem 0 .2rem; overflow-wrap: anywhere; }
        p { margin: .3rem 0; color: var(--quiet); max-width: 46rem; overflow-wrap: anywhere; }
        a { color: var(--bar); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .6rem; margin: 1rem 0; }
        .tiles div { background: var(--card); border-radius: .5rem; padding: .6rem .8rem; min-width: 0; }
        .tiles span, .tiles small { display: block; color: var(--quiet); font-size: .8rem; overflow-wrap: anywhere; }
        .tiles b { display: block; font-size: 1.3rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
        details { border-bottom: 1px solid var(--line); }
        summary { cursor: pointer; padding: .45rem 0; display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; }
        summary::before { content: "▸"; color: var(--quiet); }
        details[open] > summary::before { content: "▾"; }
        summary .name { flex: 1 1 16rem; min-width: 0; overflow-wrap: anywhere; }
        .label { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .4rem; font-size: .8rem; color: var(--quiet);
            white-space: nowrap; }
        .label.stable { border-color: var(--alarm); color: var(--alarm); }
        .count { color: var(--quiet); font-size: .88rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
        code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .82rem; }
        pre.command { background: var(--card); border-radius: .4rem; padding: .6rem .8rem; white-space: pre-wrap;
            overflow-wrap: anywhere; margin: .4rem 0; user-select: all; }
        """

    private static let tables = """
        .scroll { overflow-x: auto; margin: .4rem 0; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .88rem; }
        th, td { text-align: right; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap;
            vertical-align: top; }
        th { color: var(--quiet); font-weight: 600; }
        .text { text-align: left; }
        .share { display: inline-block; width: 6rem; height: .6em; border-radius: .3em; background: var(--grid);
            vertical-align: baseline; overflow: hidden; }
        .share i { display: block; height: 100%; background: var(--bar); }
        .of { display: inline-block; min-width: 5.5em; text-align: right; font-variant-numeric: tabular-nums;
            font-size: .88rem; }
        @media (max-width: 34rem) { .share { width: 3rem; } .of { min-width: 0; } }
        """

    private static let plots = """
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .4rem 1.5rem; }
        figure { margin: .6rem 0; min-width: 0; }
        figcaption { font-weight: 600; font-size: .95rem; }
        figcaption span { font-weight: 400; color: var(--quiet); }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--quiet); font: 11px system-ui, sans-serif; }
        .grid { stroke: var(--grid); }
        .axis { stroke: var(--line); }
        .curve { fill: none; stroke: var(--bar); stroke-width: 1.8; stroke-linejoin: round; }
        .area { fill: var(--bar); opacity: .12; }
        .second { stroke: var(--second); }
        .mark { stroke: var(--alarm); stroke-dasharray: 3 3; }
        .heat { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.6rem, 1fr)); gap: 3px; margin: .4rem 0 .8rem; }
        .heat div { border-radius: .3rem; padding: .2rem .35rem; font-size: .75rem; line-height: 1.3; min-width: 0;
            background: rgba(var(--heat), var(--a)); }
        .heat code { display: block; font-size: .72rem; overflow-wrap: anywhere; }
        .heat b { font-weight: 600; font-variant-numeric: tabular-nums; }
        """

    private static let source = """
        pre.source { margin: .3rem 0 1rem; overflow-x: auto; line-height: 1.45; background: var(--card); border-radius: .4rem;
            padding: .4rem 0; }
        pre.source span { display: block; padding: 0 .6rem; min-width: max-content; }
        pre.source i { display: inline-block; width: 3.2em; text-align: right; color: var(--quiet); font-style: normal;
            user-select: none; }
        pre.source b { display: inline-block; width: 5.5em; text-align: right; margin-right: 1em; color: var(--quiet);
            font-weight: 400; user-select: none; }
        pre.source .c { background: var(--reached); }
        pre.source .u { background: var(--missed); }
        pre.source .p { background: var(--partly); }
        .key { display: inline-block; border-radius: .2rem; padding: 0 .4rem; color: var(--text); }
        .key.c { background: var(--reached); } .key.u { background: var(--missed); } .key.p { background: var(--partly); }
        """
}
